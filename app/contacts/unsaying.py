"""A visitor takes back all that it said of itself."""

from sqlalchemy import delete, select, update

from app.contacts import activities, moving, services
from app.contacts.models import Activity, Contact, ContactIdentity, Visitor
from app.extensions import db

SAID = ("name", "email", "phone", "page", "lead_source", "chat_consent")


def unsay(visitor: Visitor) -> None:
    """Also where its contact has it of nobody else; a contact that consists of nothing more goes. One that the
    business knows by itself stays, and isn't this visitor's any more."""
    services.lock(visitor)
    contact = db.session.get(Contact, (visitor.business_id, visitor.contact_id or 0))
    visitor.contact_id = visitor.contact_link = None
    for name in SAID:
        setattr(visitor, name, None)
    visitor.attributes = {}
    said = update(Activity).where(Activity.visitor_id == visitor.id)
    db.session.execute(said.values(summary="", payload={}))
    db.session.flush()
    activities.follow(visitor)
    if contact is not None:
        _unsay_of(services.locked(contact.id), visitor)
    services.done(visitor)


def _unsay_of(contact: Contact, visitor: Visitor) -> None:
    if contact.name_said_by == visitor.id:
        contact.name = contact.name_said_by = None
    db.session.execute(
        delete(ContactIdentity).where(
            ContactIdentity.contact_id == contact.id, ContactIdentity.said_by == visitor.id
        )
    )
    db.session.flush()
    if _is_empty(contact):
        db.session.execute(delete(Contact).where(Contact.id == contact.id))
        db.session.expunge(contact)


def _is_empty(contact: Contact) -> bool:
    """No member had to do with it, and nothing hangs on it."""
    if contact.name or contact.note or contact.custom or contact.company_id or contact.is_merged:
        return False
    happened = select(Activity.id).where(
        Activity.contact_id == contact.id, Activity.actor_kind == "member"
    )
    others = select(Visitor.id).where(Visitor.contact_id == contact.id)
    return not moving.has_any(contact.id, besides=Activity) and not any(
        db.session.scalar(select(query.exists())) for query in (happened, others)
    )
