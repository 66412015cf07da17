"""Two visitors who turn out to be one person."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import delete, select, update

from app.channels import deliveries
from app.channels.border import NotYetKnown
from app.channels.models import Consent, Delivery, VisitorAddress
from app.contacts import activities, attesting
from app.contacts.models import SURE_LINKS, Activity, Visitor
from app.conversations import services
from app.conversations.models import Conversation
from app.extensions import db

OWNED = (Conversation, VisitorAddress, Delivery, Consent, Activity)


def merge(visitor_ids: list[int]) -> Visitor:
    """The oldest stays, with everything that the others had; of their conversations the newest goes on.
    Locks conversations, then visitors, then contacts, each in the order of their ids. Safe to repeat."""
    moved = _locked(Conversation, Conversation.visitor_id, visitor_ids)
    visitors = _locked(Visitor, Visitor.id, visitor_ids)
    if not visitors:
        raise NotYetKnown("they were made one in this moment")
    kept, *others = visitors
    gone = [other.id for other in others]
    if not gone:
        return kept
    for owned in OWNED:
        theirs = update(owned).where(owned.visitor_id.in_(gone))
        db.session.execute(theirs.values(visitor_id=kept.id))
    for other in others:
        _inherit(kept, other)
    _join_contacts(kept, others)
    db.session.flush()
    activities.follow(kept)
    db.session.execute(delete(Visitor).where(Visitor.id.in_(gone)))
    db.session.expire_all()
    deliveries.ask(kept.id)
    for conversation in moved:
        services.announce(conversation)
    return kept


def _locked(table: Any, column: Any, ids: Iterable[int]) -> list[Any]:
    query = select(table).where(column.in_(ids)).order_by(table.id).with_for_update()
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def _inherit(kept: Visitor, other: Visitor) -> None:
    """Nothing is lost; somebody who was blocked stays so, by whatever address they come."""
    for name in (
        "name",
        "email",
        "phone",
        "page",
        "language",
        "lead_source",
        "blocked_at",
        "blocked_by",
    ):
        if getattr(kept, name) is None:
            setattr(kept, name, getattr(other, name))
    kept.attributes = other.attributes | kept.attributes
    agreed = [each.chat_consent for each in (kept, other) if each.chat_consent]
    kept.chat_consent = max(agreed, key=lambda each: str(each["at"]), default=None)
    open_until = [each.window_until for each in (kept, other) if each.window_until]
    kept.window_until = max(open_until, default=None)


def _join_contacts(kept: Visitor, others: list[Visitor]) -> None:
    """A contact that one of them only says to be is no reason to make two one."""
    sure = [each for each in (kept, *others) if each.contact_link in SURE_LINKS]
    if sure:
        contact = attesting.join({each.contact_id for each in sure if each.contact_id})
        is_confirmed = any(each.contact_link == "confirmed" for each in sure)
        kept.contact_id = contact.id
        kept.contact_link = "confirmed" if is_confirmed else "own"
    elif kept.contact_id is None:
        found = next((each for each in others if each.contact_id), kept)
        kept.contact_id, kept.contact_link = found.contact_id, found.contact_link
