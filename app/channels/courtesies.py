"""Read marks and the sign that an answer is being written, where a channel has them. One attempt each; whatever
goes wrong is nobody's matter."""

import logging

from sqlalchemy import select

from app.channels import adapters
from app.channels.border import Address, Person, SendFailed
from app.channels.lines import line_of
from app.channels.models import Channel, Delivery, VisitorAddress
from app.core import jobs, tenancy, unit_of_work
from app.extensions import db

logger = logging.getLogger(__name__)


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
    newest = _newest_delivery(conversation_id) if is_typing else None
    jobs.enqueue(
        "channels.as_read", channel.id, visitor_id, conversation_id, external_id, newest,
        key=f"as-read-{channel.id}-{external_id}-{is_typing:d}",
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
    try:
        adapters.adapter(line.kind).as_read(line, external_id, person, is_typing=is_typing)
    except SendFailed as failed:
        logger.info("channel %s: a read mark was refused: %s", channel_id, failed)


def _newest_delivery(conversation_id: int) -> int:
    newest = select(Delivery.id).where(Delivery.conversation_id == conversation_id)
    return db.session.scalar(newest.order_by(Delivery.id.desc()).limit(1)) or 0
