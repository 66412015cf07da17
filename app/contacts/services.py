"""Who a visitor is: what it says of itself, and the contact that is found or made by it.

Anybody can type anybody's address. So what a visitor says is kept with the visitor; to a contact it is
only added where that knows nothing yet, marked as said, and a visitor may correct its own words alone.
What differs is shown to members beside the conversation (card.py). Nothing of a contact is ever told to
a visitor, not even that there is one: every answer to it is made of its own words.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from app.accounts.models import User
from app.businesses import profile
from app.contacts import activities
from app.contacts.models import KINDS, Contact, ContactIdentity, Visitor
from app.core import tenancy, unit_of_work
from app.core.errors import Conflict, Invalid
from app.core.preparing import PREPARED
from app.extensions import db
from app.lib import emails, names, phones

MAX_NOTE = 2000  # characters
# FOR NO KEY UPDATE: whoever has pointed to the row by a foreign key may still take it, without a deadlock.
FOR_CHANGE = {"key_share": True}
ACTORS = {"visitor": "visitor", "provider": "system", "import": "system", "member": "member"}
CLAIM = (
    insert(ContactIdentity)
    .on_conflict_do_nothing(index_elements=["business_id", "kind", "value"])
    .returning(ContactIdentity.kind, ContactIdentity.value)
    .execution_options(**PREPARED)
)


@dataclass(frozen=True, slots=True)
class Details:
    """Of a person, each in its one spelling. None: nothing was said, or the field is empty."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None

    @property
    def identities(self) -> list[tuple[str, str]]:
        pairs = (("email", self.email), ("phone", self.phone))
        return [(kind, value) for kind, value in pairs if value]


def read(name: str | None = "", email: str | None = "", phone: str | None = "") -> Details:
    """Raises Invalid; its code is the field's name."""
    try:
        return Details(
            names.normal(name) if name and name.strip() else None,
            emails.normal(email) if email and email.strip() else None,
            phones.normal(phone, profile.home_country()) if phone and phone.strip() else None,
        )
    except names.NotName as problem:
        raise Invalid(str(problem), code="name") from problem
    except emails.NotEmail as problem:
        raise Invalid(str(problem), code="email") from problem
    except phones.NotPhone as problem:
        raise Invalid(str(problem), code="phone") from problem


def said_by(visitor: Visitor) -> Details:
    """Everything that it said of itself so far: all that it may be told."""
    return Details(visitor.name, visitor.email, visitor.phone)


def find_or_update(visitor: Visitor, details: Details, conversation_id: int | None) -> None:
    """A visitor says who it is. By e-mail, then by phone, the contact is found; or made. Safe to repeat."""
    keep_said(visitor, details)
    if visitor.contact_link != "refused":
        if visitor.contact_id is None:
            details = said_by(visitor)
            _link(visitor, details, conversation_id)
        contact = _contact_of(visitor)
        if contact:
            _add_what_is_new(contact, visitor, details)
    done(visitor)


def keep_said(visitor: Visitor, details: Details) -> None:
    """Its newest words count, but "Anna" takes no surname away. Locks the visitor."""
    lock(visitor)
    visitor.name = _fuller(details.name, visitor.name)
    visitor.email = details.email or visitor.email
    visitor.phone = details.phone or visitor.phone
    db.session.flush()


def change(
    visitor: Visitor, details: Details, note: str, conversation_id: int, by: User | None = None
) -> Contact:
    """A member writes the card; what it holds then counts as checked. An address of a known contact makes
    a visitor without one that contact, as it is known. Raises Invalid, or Conflict."""
    lock(visitor)
    note = clean_note(note)
    contact = _contact_of(visitor)
    if contact is None and details == Details() and not note:
        raise Invalid(_("Fill in at least one of the fields."))
    if contact is None:
        known = Contact.by_identities(details.identities)
        if known:
            return _confirmed(visitor, known)
        contact = new_contact(conversation_id, by=by)
    elif visitor.contact_link == "says":
        raise Conflict(
            _("Say first whether this is %(display_name)s.", display_name=contact.display_name)
        )
    refuse_taken(details, contact)
    visitor.contact_id, visitor.contact_link = contact.id, "confirmed"
    contact.name, contact.name_said_by, contact.note = details.name, None, note
    contact.version += 1
    for kind in KINDS:
        _write(contact, kind, dict(details.identities).get(kind), by)
    activities.record(
        "contact.changed", contact_id=contact.id, actor="member", user_id=by.id if by else None
    )
    done(visitor)
    return contact


def confirm(visitor: Visitor) -> Contact | None:
    """A member: it is who it says. None when nobody is known by that. Safe to repeat."""
    lock(visitor)
    contact = _contact_of(visitor) or claimed_by(visitor)
    return contact and _confirmed(visitor, contact)


def refuse(visitor: Visitor) -> None:
    """A member: it is somebody else. What it added to the contact goes. Safe to repeat."""
    lock(visitor)
    contact = _contact_of(visitor)
    if contact is None or visitor.contact_link != "says":
        return
    if contact.name_said_by == visitor.id:
        contact.name = contact.name_said_by = None
    db.session.execute(
        delete(ContactIdentity).where(
            ContactIdentity.contact_id == contact.id, ContactIdentity.said_by == visitor.id
        )
    )
    visitor.contact_id, visitor.contact_link = None, "refused"
    done(visitor)


def claimed_by(visitor: Visitor) -> Contact | None:
    """Whom the addresses belong to that it said."""
    return Contact.by_identities(said_by(visitor).identities)


def _link(visitor: Visitor, said: Details, conversation_id: int | None) -> None:
    """To the known contact, or to a new one when there is something to know it by. Two at once make one:
    who comes second at the unique constraint waits for the first, and finds its contact."""
    contact, link = Contact.by_identities(said.identities), "says"
    if contact is None and said.identities:
        contact, link = new_contact(conversation_id, actor="visitor"), "own"
        if not claim(contact, *said.identities[0], said_by=visitor.id):
            db.session.delete(contact)
            db.session.flush()
            contact, link = Contact.by_identity(*said.identities[0]), "says"
    if contact:
        visitor.contact_id, visitor.contact_link = contact.id, link


def new_contact(
    conversation_id: int | None,
    name: str | None = None,
    said_by: int | None = None,
    *,
    actor: str = "member",
    by: User | None = None,
) -> Contact:
    contact = Contact(
        conversation_id=conversation_id, name=name, name_said_by=said_by if name else None
    )
    db.session.add(contact)
    db.session.flush()
    activities.made(contact.id)
    activities.record(
        "contact.made", contact_id=contact.id, actor=actor, user_id=by.id if by else None,
        about=f"conversation:{conversation_id}" if conversation_id else None,
        source_key=f"contact-{contact.id}-made",
    )  # fmt: skip
    return contact


def followed(contact: Contact) -> Contact:
    """Itself, or the one that it has been merged into."""
    while contact.merged_into_id is not None:
        contact = db.session.get_one(Contact, (contact.business_id, contact.merged_into_id))
    return contact


def _add_what_is_new(contact: Contact, visitor: Visitor, details: Details) -> None:
    """Where the contact knows nothing, or what this visitor itself said before."""
    if details.name and (not contact.name or contact.name_said_by == visitor.id):
        contact.name = _fuller(details.name, contact.name)
        contact.name_said_by = visitor.id
    for kind, value in details.identities:
        known = contact.identity(kind)
        if known is None:
            claim(contact, kind, value, said_by=visitor.id)
        elif known.said_by == visitor.id and known.value != value:
            _replace(contact, known, value, said_by=visitor.id)


def _fuller(name: str | None, known: str | None) -> str | None:
    return known if known and (name is None or names.is_said(name, [known])) else name


def _confirmed(visitor: Visitor, contact: Contact) -> Contact:
    contact = locked(contact.id)
    visitor.contact_id, visitor.contact_link = contact.id, "confirmed"
    _add_what_is_new(contact, visitor, said_by(visitor))
    done(visitor)
    return contact


def _write(contact: Contact, kind: str, value: str | None, by: User | None) -> None:
    """By a member. Somebody who takes the address in the same moment is a Conflict."""
    known = contact.identity(kind)
    if known and value is None:
        db.session.delete(known)
    elif known and known.value == value:
        known.said_by = None
    elif value is not None:
        written = (
            _replace(contact, known, value, by=by) if known else claim(contact, kind, value, by=by)
        )
        if not written:
            refuse_taken(Details(**{kind: value}), contact)


def _replace(
    contact: Contact,
    known: ContactIdentity,
    value: str,
    said_by: int | None = None,
    by: User | None = None,
) -> bool:
    if not claim(contact, known.kind, value, said_by, by=by):
        return False
    db.session.delete(known)
    return True


def claim(
    contact: Contact,
    kind: str,
    value: str,
    said_by: int | None = None,
    *,
    source: str = "member",
    by: User | None = None,
) -> bool:
    """False when it is another contact's, also one's of this moment."""
    return claim_all(contact, [(kind, value)], said_by, source=source, by=by)


def claim_all(
    contact: Contact,
    pairs: Sequence[tuple[str, str]],
    said_by: int | None = None,
    *,
    source: str = "member",
    by: User | None = None,
) -> bool:
    """False when one of them is another contact's. In one order, so that two can't wait for each other."""
    source = "visitor" if said_by else source
    rows = [
        {
            "contact_id": contact.id,
            "kind": kind,
            "value": value,
            "said_by": said_by,
            "source": source,
        }
        for kind, value in sorted(pairs)
    ]
    made = db.session.execute(CLAIM, rows).all()
    activities.write([
        activities.line(
            "identity.added", contact_id=contact.id, actor=ACTORS[source], user_id=by.id if by else None,
            summary=phones.shown(value) if kind == "phone" else value, payload={"kind": kind},
        )
        for kind, value in made
    ])  # fmt: skip
    return len(made) == len(rows)


def refuse_taken(details: Details, besides: Contact | None = None) -> None:
    """Raises Conflict for an address of another contact."""
    for kind, value in details.identities:
        other = Contact.by_identity(kind, value)
        if other and (besides is None or other.id != besides.id):
            shown = phones.shown(value) if kind == "phone" else value
            raise Conflict(
                _(
                    "%(shown)s belongs to %(display_name)s already.",
                    shown=shown,
                    display_name=other.display_name,
                ),
                code=kind,
            )


def clean_note(note: str) -> str:
    note = note.replace("\x00", "").replace("\r\n", "\n").strip()
    if len(note) > MAX_NOTE:
        raise Invalid(_("A note may have %(most)s characters.", most=f"{MAX_NOTE:,}"), code="note")
    return note


def _contact_of(visitor: Visitor) -> Contact | None:
    """Locked, as several visitors may be one contact; always after the visitor."""
    if visitor.contact_id is None:
        return None
    contact = locked(visitor.contact_id)
    visitor.contact_id = contact.id
    return contact


def locked(contact_id: int) -> Contact:
    """Or the one that it has been merged into."""
    key = (tenancy.current_business_id(), contact_id)
    contact = db.session.get_one(Contact, key, with_for_update=FOR_CHANGE, populate_existing=True)
    return locked(contact.merged_into_id) if contact.merged_into_id else contact


def lock(visitor: Visitor) -> None:
    """One change of a visitor at a time; the row is read anew, unless it is ours already."""
    if not unit_of_work.holds(visitor):
        db.session.refresh(visitor, with_for_update=FOR_CHANGE)
        unit_of_work.held(visitor)


def done(visitor: Visitor) -> None:
    """What is shown next is read anew; what the visitor did is its contact's."""
    activities.follow(visitor)
    if visitor.contact_id is not None:
        key = (tenancy.current_business_id(), visitor.contact_id)
        db.session.expire(db.session.get_one(Contact, key), ["identities"])
    db.session.expire(visitor, ["contact"])
