"""Who a visitor is by a provider's word: its number or user id is surely its own, so nobody has to check it.

As in services.py the visitor is locked first, then contacts, the oldest first.
"""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, delete, select, tuple_, update

from app.contacts import merging, services
from app.contacts.models import Contact, ContactIdentity, Visitor
from app.core.preparing import PREPARED
from app.extensions import db

Identity = tuple[str, str]  # kind and value
MAX_TRIES = 3


def attest(visitor: Visitor, identities: Iterable[Identity], name: str | None = None) -> None:
    """The visitor is whoever has these: the contact is found, made, or of several one is made. What others
    have only said about them they go on saying. Safe to repeat."""
    services.lock(visitor)
    if visitor.contact_link == "refused":
        return
    wanted = list(identities)
    contact = _contact_of_all(visitor, wanted, name)
    is_confirmed = visitor.contact_link == "confirmed"
    visitor.contact_id, visitor.contact_link = contact.id, "confirmed" if is_confirmed else "own"
    if name and not contact.name:
        contact.name, contact.name_said_by = name, visitor.id
    services.done(visitor)


def forget(visitor: Visitor, identities: Iterable[Identity]) -> None:
    """They were the visitor's: somebody else may have them soon."""
    for kind, value in identities:
        db.session.execute(
            delete(ContactIdentity).where(
                ContactIdentity.contact_id == visitor.contact_id,
                ContactIdentity.kind == kind,
                ContactIdentity.value == value,
            )
        )


def join(contact_ids: Iterable[int]) -> Contact:
    """One person after all. The oldest stays, with all that the others had; their visitors go along."""
    ids = list(contact_ids)
    if len(ids) > 1:
        _lock_visitors(Visitor.contact_id.in_(ids))
    query = select(Contact).where(Contact.id.in_(ids)).order_by(Contact.id)
    locked = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    found = list(db.session.scalars(locked))
    alive = {each.id: each for each in found if not each.is_merged}
    for each in found:
        if each.is_merged:  # in this moment
            into = services.locked(each.id)
            alive[into.id] = into
    kept, *others = (alive[each] for each in sorted(alive))
    for other in others:
        merging.absorb(kept, other, None)
    return kept


def _contact_of_all(visitor: Visitor, wanted: list[Identity], name: str | None) -> Contact:
    """With all of them. Somebody who takes one in this moment is waited for, and is the same person."""
    for _ in range(MAX_TRIES):
        known = _known_locked(visitor, wanted)
        found = {identity.contact_id for identity in known}
        if visitor.contact_id is not None and visitor.contact_link != "says":
            found.add(visitor.contact_id)
        contact = (
            join(found) if found else services.new_contact(None, name, visitor.id, actor="system")
        )
        missing = set(wanted) - {(each.kind, each.value) for each in known}
        if not missing or services.claim_all(contact, list(missing), source="provider"):
            _are_sure(contact, visitor, known)
            return contact
        visitor.contact_id = contact.id
        db.session.flush()
    raise RuntimeError("these addresses change hands too quickly")


def _are_sure(contact: Contact, visitor: Visitor, known: list[ContactIdentity]) -> None:
    """Whoever said one of them before us, and was taken for this contact by it, only says so from now on."""
    for identity in known:
        if identity.said_by is None:
            continue
        if identity.said_by != visitor.id:
            says = update(Visitor).where(Visitor.id == identity.said_by)
            own = says.where(Visitor.contact_id == contact.id, Visitor.contact_link == "own")
            db.session.execute(own.values(contact_link="says"))
        identity.said_by, identity.source = None, "provider"


def _known_locked(visitor: Visitor, wanted: list[Identity]) -> list[ContactIdentity]:
    """With whoever said one of them, as they may only say so from now on: visitors come before contacts."""
    known = _known(wanted)
    others = {each.said_by for each in known if each.said_by not in (None, visitor.id)}
    if not others:
        return known
    _lock_visitors(Visitor.id.in_(others))
    return _known(wanted)


def _lock_visitors(whose: ColumnElement[bool]) -> None:
    """One who says in this moment who they are holds themselves, and waits for the contact."""
    query = select(Visitor.id).where(whose).order_by(Visitor.id)
    db.session.scalars(query.with_for_update(key_share=True)).all()


def _known(wanted: list[Identity]) -> list[ContactIdentity]:
    pair = tuple_(ContactIdentity.kind, ContactIdentity.value)
    query = select(ContactIdentity).where(pair.in_(wanted)).order_by(ContactIdentity.id)
    return list(db.session.scalars(query.execution_options(populate_existing=True, **PREPARED)))
