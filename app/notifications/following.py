"""What members are told of, where it happens. On the way of every message: what concerns nobody costs nothing."""

from sqlalchemy import func, select, update

from app.accounts.models import User
from app.channels import trouble
from app.channels.models import Channel
from app.conversations import hearing, joining, mentioning, parting, reading
from app.conversations.models import Conversation, Mention, Message
from app.core import tenancy
from app.core.db import now
from app.extensions import db
from app.notifications import choosing
from app.notifications.models import Notification
from app.notifications.notifying import MESSAGE, notify, read
from app.ratings.models import Rating

FAILED = ("scheduled_dropped", "scheduled_failed")


@hearing.followed_by("incoming")
def _wrote(conversation: Conversation, message: Message) -> None:
    if _is_nobodys(conversation):
        return
    if conversation.is_handed_off:
        notify(MESSAGE, conversation, position=message.position, text=message.body)
    elif message.position == 1 and choosing.anyone_wants("new_conversation"):
        notify("new_conversation", conversation, position=message.position, text=message.body)


@hearing.followed_by("event")
def _happened(conversation: Conversation, message: Message) -> None:
    details = message.content or {}
    match message.body:
        case _ if conversation.is_preview:
            return
        case "person_asked" | "handed_off":
            notify("hand_off", conversation, position=message.position)
        case "assigned":
            _to(conversation, message, "assigned", details.get("user_id"))
        case "woken":
            _woken(conversation, message, details.get("snoozed_by"))
        case "scheduled_dropped" | "scheduled_failed":
            _to(conversation, message, "scheduled_failed", message.user_id, is_own=True)
        case "rated":
            _rated(conversation, message)


@mentioning.told_by
def _named(mention: Mention) -> None:
    """What a failed message for later says to its writer was told already."""
    message = db.session.get_one(Message, (tenancy.current_business_id(), mention.message_id))
    conversation = message.conversation
    if conversation.is_preview or (message.author == "system" and _follows_failure(message)):
        return
    notify(
        "mention", conversation, position=message.position, text=message.body, by=message.user_id,
        to=[mention.user_id],
    )  # fmt: skip


@trouble.followed_by
def _broke(channel: Channel, why: str) -> None:
    at = int(channel.broken_at.timestamp()) if channel.broken_at else 0
    notify(
        "channel_broken", None, position=at, text=why, about=("channel", channel.id, channel.name)
    )


@reading.followed_by
def _seen(conversation: Conversation, by: User, position: int) -> None:
    read(conversation, by.id, position)


@parting.parted_by
def _parted(_stays: Conversation, goes: Conversation) -> None:
    of_it = update(Notification).where(Notification.conversation_id == goes.id)
    named = of_it.values(about=f"conversation {goes.id}")
    db.session.execute(named, execution_options={"synchronize_session": False})


@joining.moved_by
def _joined(stays: Conversation, goes: Conversation) -> None:
    """What was told of the other leads to the one that stays."""
    of_it = update(Notification).where(Notification.conversation_id == goes.id)
    moved = of_it.values(
        about=f"conversation {stays.id}", read_at=func.coalesce(Notification.read_at, now())
    )
    db.session.execute(moved, execution_options={"synchronize_session": False})


def _woken(conversation: Conversation, message: Message, sleeper: int | None) -> None:
    """Whoever snoozed it, by its time or by words of the visitor that nobody else is told of."""
    is_by_visitor = message.author == "visitor"
    if message.author == "member" or (is_by_visitor and conversation.is_handed_off):
        return
    _to(conversation, message, "woken", sleeper or conversation.assignee_id)


def _rated(conversation: Conversation, message: Message) -> None:
    details = message.content or {}
    rating = Rating.by_id(int(details.get("rating_id") or 0))
    whose = rating.user_id if rating else conversation.assignee_id or conversation.resolved_by
    stars = int(details.get("stars") or 0)
    said = f"{'★' * stars}{'☆' * (5 - stars) if stars else ''} {details.get('words') or ''}".strip()
    to = [whose] if whose else None
    notify("rating", conversation, position=message.position, text=said, to=to)


def _to(
    conversation: Conversation,
    message: Message,
    event: str,
    user_id: int | None,
    *,
    is_own: bool = False,
) -> None:
    if user_id is not None:
        by = None if is_own else message.user_id
        notify(event, conversation, position=message.position, by=by, to=[user_id])


def _follows_failure(message: Message) -> bool:
    before = select(Message.body).where(
        Message.conversation_id == message.conversation_id, Message.position == message.position - 1
    )
    return db.session.scalar(before) in FAILED


def _is_nobodys(conversation: Conversation) -> bool:
    return conversation.is_preview or conversation.visitor.blocked_at is not None
