"""What is to be sent through a provider: asked for here, in the transaction of its message; how far it got, in
plain words. `sending` sends it, `statuses` hears of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from app.channels import adapters, courtesies
from app.channels.border import SendFailed
from app.channels.content import Content, Media, Template, Words
from app.channels.models import Channel, Delivery
from app.channels.models.deliveries import ENDS
from app.core import jobs, realtime, tenancy
from app.core.db import now
from app.core.errors import Conflict
from app.core.many_jobs import enqueue_each
from app.extensions import db
from app.lib import splitting

QUIET = ("blocked",)  # ends that ask for nobody's attention


def queue(
    message_id: int | None, conversation_id: int, channel: Channel, visitor_id: int,
    content: Content, *, category: str = "service", reply_to: str | None = None,
) -> Delivery:  # fmt: skip
    """Have it sent. What is too long for the channel goes out in parts, as words beside a file do where it knows
    no captions; the last one's delivery is returned."""
    assert not channel.is_own
    for part in _parts(channel, content):
        delivery = Delivery(
            message_id=message_id,
            conversation_id=conversation_id,
            channel_id=channel.id,
            visitor_id=visitor_id,
            content=part.as_json(),
            category=_category(part, category),
            reply_to=reply_to,
            reads=courtesies.taken_along(conversation_id),
            token=uuid4().hex,
            status="queued",
            available_at=now(),
        )
        db.session.add(delivery)
        db.session.flush()  # each at once: their ids are their order
    ask(visitor_id)
    return delivery


def ask(visitor_id: int) -> None:
    """Have the visitor's open deliveries looked through. One job a visitor runs at a time."""
    jobs.enqueue("channels.deliver", visitor_id, key=_job_key(visitor_id), again=True)


def ask_all(visitor_ids: Iterable[int]) -> None:
    enqueue_each("channels.deliver", {_job_key(each): [each] for each in visitor_ids})


def ask_next(visitor_id: int, at: datetime | None = None) -> None:
    """From inside a job, its own too: at the time, when that job is done. Nothing may hang on it alone."""
    jobs.enqueue_next("channels.deliver", visitor_id, at=at, key=_job_key(visitor_id), again=True)


def _job_key(visitor_id: int) -> str:
    return f"deliver-{visitor_id}"


def retry(message_id: int, *, despite: bool = False) -> Delivery:
    """Send a message again that wasn't delivered. One that may have been needs `despite`."""
    old = _newest_locked(message_id)
    may_repeat = old.status in ENDS or (old.status == "unknown" and despite)
    if not may_repeat:
        raise Conflict(_why_no_retry(old))
    if old.status == "unknown":
        old.trouble = "unknown"  # never again by itself
    new = Delivery(
        **{name: getattr(old, name) for name in COPIED},
        token=uuid4().hex,
        status="queued",
        available_at=now(),
    )
    db.session.add(new)
    db.session.flush()
    ask(new.visitor_id)
    signal(new)
    return new


COPIED = (
    "message_id", "conversation_id", "channel_id", "visitor_id", "content", "category", "reply_to",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something wasn't delivered: `trouble` as Delivery has them, the rest in plain words."""

    trouble: str
    words: str
    next_step: str = ""
    code: str = ""  # the provider's

    @classmethod
    def of(cls, failed: SendFailed) -> "Reason":
        return cls(failed.trouble, failed.message, failed.next_step, failed.code)


def end(delivery: Delivery, status: str, reason: Reason) -> None:
    """`failed` by the provider or for good, or `dropped` by us. The row is locked, or claimed. Members see it
    in the list, as something new."""
    assert status in ENDS
    delivery.status, delivery.failed_at = status, now()
    explain(delivery, reason)
    if delivery.message_id is not None and reason.trouble not in QUIET:
        jobs.enqueue(
            "conversations.note_undelivered",
            delivery.message_id,
            key=f"undelivered-{delivery.message_id}",
        )


def explain(delivery: Delivery, reason: Reason | None) -> None:
    """What members read beside it."""
    delivery.trouble = reason.trouble if reason else None
    delivery.error = reason.words if reason else None
    delivery.next_step = (reason.next_step or None) if reason else None
    delivery.error_code = (reason.code or None) if reason else None
    signal(delivery)


def drop_open(visitor_id: int, reason: Reason) -> int:
    """What waits and hasn't begun. Returns how many."""
    waiting = select(Delivery).where(Delivery.visitor_id == visitor_id, Delivery.status == "queued")
    found = list(db.session.scalars(waiting.order_by(Delivery.id).with_for_update()))
    for delivery in found:
        end(delivery, "dropped", reason)
    return len(found)


def signal(delivery: Delivery) -> None:
    """To the conversation's pages, which fetch how far things got."""
    realtime.publish(
        f"business:{tenancy.current_business_id()}", name=f"deliveries-{delivery.conversation_id}"
    )


def delivered_this_month(channel_id: int) -> int:
    """Replies without a template, which are free up to a number: by months of UTC."""
    began = now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    counted = select(func.count()).where(
        Delivery.channel_id == channel_id,
        Delivery.category == "service",
        Delivery.delivered_at >= began,
    )
    return db.session.scalar(counted) or 0


# --- In words


@dataclass(frozen=True, slots=True)
class Shown:
    """`tone` as the badges have it. `can_retry` with `needs_despite`: it may have arrived, so a member decides."""

    label: str
    tone: str
    words: str
    next_step: str
    can_retry: bool
    needs_despite: bool
    at: datetime


LABELS = {  # label, tone, the column of its time
    "queued": (_l("Waiting"), "neutral", "created_at"),
    "sending": (_l("Sending"), "neutral", "sending_at"),
    "unknown": (_l("Not sure"), "amber", "sending_at"),
    "sent": (_l("Sent"), "neutral", "sent_at"),
    "delivered": (_l("Delivered"), "neutral", "delivered_at"),
    "read": (_l("Read"), "blue", "read_at"),
    "played": (_l("Played"), "blue", "played_at"),
    "failed": (_l("Not delivered"), "red", "failed_at"),
    "dropped": (_l("Not sent"), "red", "failed_at"),
}
COMES_AGAIN = _l("It’s tried again by itself.")
NOT_SURE = _l("The connection broke while this was being sent, so it may have arrived.")
NOT_SURE_NEXT = _l(
    "It’s marked as soon as the provider says more. Send it again only if the person says that it isn’t there."
)


def shown_of(delivery: Delivery) -> Shown:
    label, tone, column = LABELS[delivery.status]
    is_unsure = delivery.status == "unknown"
    if delivery.status == "queued" and delivery.trouble:
        tone = "amber"
    next_step = delivery.next_step or ""
    if delivery.status == "queued" and delivery.trouble in ("retry", "wait"):
        next_step = str(COMES_AGAIN)
    return Shown(
        label=str(label),
        tone=tone,
        words=str(NOT_SURE) if is_unsure else delivery.error or "",
        next_step=str(NOT_SURE_NEXT) if is_unsure else next_step,
        can_retry=is_unsure or (delivery.is_over and delivery.trouble != "opted_out"),
        needs_despite=is_unsure,
        at=getattr(delivery, column) or delivery.created_at,
    )


def _why_no_retry(delivery: Delivery) -> str:
    if delivery.status == "unknown":
        return _("This may have arrived. Say that you want to send it once more.")
    if delivery.status in ("queued", "sending"):
        return _("This is on its way already.")
    return _("This has arrived already.")


def _newest_locked(message_id: int) -> Delivery:
    """Two clicks at once make one: the second waits, and sees what the first has made."""
    of_message = select(Delivery.id).where(Delivery.message_id == message_id)
    db.session.execute(of_message.with_for_update())
    newest = Delivery.of_messages([message_id]).get(message_id)
    found = Delivery.locked(newest.id) if newest is not None else None
    if found is None:
        raise Conflict(_("There is nothing to send again here."))
    return found


def _parts(channel: Channel, content: Content) -> list[Content]:
    limits = adapters.limits(channel.kind)
    if isinstance(content, Media) and content.caption and not limits.caption:
        alone = content.model_copy(update={"caption": ""})
        return [alone, *_parts(channel, Words(body=content.caption))]
    if not isinstance(content, Words):
        return [content]
    cut = splitting.parts(content.body, limits.text)
    return [content.model_copy(update={"body": body}) for body in cut]


def _category(content: Content, category: str) -> str:
    return content.category.lower() if isinstance(content, Template) else category
