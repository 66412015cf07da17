"""Read marks and the sign that an answer is being written, where a channel has them. One attempt each; whatever
goes wrong is nobody's matter."""

import logging
from dataclasses import dataclass

from sqlalchemy import select

from app.channels import adapters
from app.channels.border import Address, Line, Person, SendFailed
from app.channels.lines import line_of
from app.channels.models import Channel, Delivery, VisitorAddress
from app.core import jobs, tenancy, unit_of_work
from app.extensions import db

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Wish:
    """The person's message of this id is to be marked as read."""

    channel_id: int
    visitor_id: int
    conversation_id: int
    external_id: str
    is_typing: bool


class _Wishes(unit_of_work.Gathered):
    """By conversation: with an answer of the same transaction goes the mark, else a job makes it."""

    def __init__(self) -> None:
        self.waiting: dict[int, Wish] = {}

    def before(self) -> None:
        for wish in self.waiting.values():
            _enqueue(wish)


def ask(
    channel: Channel,
    visitor_id: int,
    conversation_id: int,
    external_id: str | None,
    *,
    is_typing: bool,
) -> None:
    """For the person's message of that id."""
    if channel.is_own or not external_id or not adapters.limits(channel.kind).has_typing:
        return
    wish = Wish(channel.id, visitor_id, conversation_id, external_id, is_typing)
    unit_of_work.gathered(_Wishes).waiting[conversation_id] = wish


def taken_along(conversation_id: int) -> str | None:
    """What is marked as read by what is sent now."""
    wish = unit_of_work.gathered(_Wishes).waiting.pop(conversation_id, None)
    return wish.external_id if wish else None


def _enqueue(wish: Wish) -> None:
    newest = _newest_delivery(wish.conversation_id) if wish.is_typing else None
    jobs.enqueue(
        "channels.as_read",
        wish.channel_id, wish.visitor_id, wish.conversation_id, wish.external_id, newest,
        key=f"as-read-{wish.channel_id}-{wish.external_id}-{wish.is_typing:d}",
    )  # fmt: skip


def as_read(
    channel_id: int, visitor_id: int, conversation_id: int, external_id: str, newest: int | None
) -> None:
    """`newest` is the delivery after which an answer was begun; None: nothing is being written. Once there is a
    later one the answer is written, and a sign would stay behind it."""
    channel = db.session.get(Channel, (tenancy.current_business_id(), channel_id))
    if channel is None or channel.state != "active":
        return
    line = line_of(channel)
    known = VisitorAddress.of_visitor(visitor_id)
    person = Person(tuple(Address(each.kind, each.value) for each in known))
    is_typing = newest is not None and _newest_delivery(conversation_id) == newest
    unit_of_work.commit()  # no transaction stays open while the provider is asked
    mark(line, external_id, person, is_typing=is_typing)


def mark(line: Line, external_id: str, person: Person, *, is_typing: bool = False) -> None:
    """Outside of any transaction."""
    try:
        adapters.adapter(line.kind).as_read(line, external_id, person, is_typing=is_typing)
    except SendFailed as failed:
        logger.info("channel %s: a read mark was refused: %s", line.channel_id, failed)


def _newest_delivery(conversation_id: int) -> int:
    newest = select(Delivery.id).where(Delivery.conversation_id == conversation_id)
    return db.session.scalar(newest.order_by(Delivery.id.desc()).limit(1)) or 0
