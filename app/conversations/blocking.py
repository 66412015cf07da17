"""The block list: people who get nothing more and are not answered. What they write is stored all the same."""

from sqlalchemy import select

from app.accounts.models import User
from app.channels import adapters, deliveries, refusing
from app.channels.border import Address, Person, SendFailed
from app.channels.lines import line_of
from app.channels.models import Channel, VisitorAddress
from app.contacts.models import Visitor
from app.conversations import people, services
from app.conversations.models import Conversation
from app.core import jobs, tenancy
from app.core.db import now
from app.extensions import db

MOST = 200  # of the list


def block(visitor: Visitor, by: User) -> None:
    """Its conversation is over; what still waits for sending isn't sent. Safe to repeat."""
    conversation = Conversation.current_of(visitor, locked=True)
    _refresh(visitor)
    if visitor.blocked_at is not None:
        return
    visitor.blocked_at, visitor.blocked_by = now(), by.id
    deliveries.drop_open(visitor.id, refusing.BLOCKED)
    if conversation:
        services.post(conversation, "event", "member", "blocked", by=by)
        services.resolve(conversation, by)
    _tell(visitor, conversation)


def unblock(visitor: Visitor, by: User) -> None:
    """What was dropped stays dropped. Safe to repeat."""
    conversation = Conversation.current_of(visitor, locked=True)
    _refresh(visitor)
    if visitor.blocked_at is None:
        return
    visitor.blocked_at = visitor.blocked_by = None
    if conversation:
        services.post(conversation, "event", "member", "unblocked", by=by)
    _tell(visitor, conversation)


def blocked() -> list[Visitor]:
    """Newest first."""
    query = select(Visitor).where(Visitor.blocked_at.is_not(None))
    return list(db.session.scalars(query.order_by(Visitor.blocked_at.desc()).limit(MOST)))


def tell_provider(visitor_id: int) -> None:
    """As it is now. One that can't be told changes nothing here, and is said in the conversation."""
    visitor = db.session.get_one(Visitor, (tenancy.current_business_id(), visitor_id))
    channel = db.session.get_one(Channel, (tenancy.current_business_id(), visitor.channel_id))
    if channel.kind not in adapters.PLACES or channel.state != "active":
        return
    line, is_blocked = line_of(channel), visitor.blocked_at is not None
    person = Person(tuple(_addresses(visitor_id)), visitor.name or "")
    jobs.commit_step()  # nothing is held while the provider is asked
    try:
        adapters.adapter(channel.kind).block(line, person, is_blocked=is_blocked)
    except SendFailed as failure:
        if not failure.permanent:
            raise
        note_untold(visitor_id, failure.message)


def note_untold(visitor_id: int, _reason: str) -> None:
    visitor = db.session.get_one(Visitor, (tenancy.current_business_id(), visitor_id))
    conversation = Conversation.current_of(visitor, locked=True)
    if conversation and visitor.blocked_at is not None:
        services.post(conversation, "event", "system", "block_untold")


def _refresh(visitor: Visitor) -> None:
    db.session.refresh(visitor, with_for_update={"key_share": True})


def _addresses(visitor_id: int) -> list[Address]:
    return [Address(each.kind, each.value) for each in VisitorAddress.of_visitor(visitor_id)]


def _tell(visitor: Visitor, conversation: Conversation | None) -> None:
    jobs.enqueue("conversations.tell_block", visitor.id, key=f"block-{visitor.id}", again=True)
    if conversation:
        people.tell(conversation)
