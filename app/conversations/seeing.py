"""How far a visitor of the website has read what the team wrote, told by the chat while it is looked at."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, select

from app.conversations.models import Conversation, Message
from app.core import realtime, tenancy
from app.core.db import now
from app.extensions import db


def note(conversation: Conversation, position: int) -> None:
    """Members hear of it when it was something of theirs. Safe to repeat, in whatever order."""
    if min(position, conversation.position) <= conversation.seen_position:
        return
    conversation.lock()
    before, upto = conversation.seen_position, min(position, conversation.position)
    if upto <= before:
        return
    conversation.seen_position = upto
    if next(iter(replies(conversation, before, upto)), None) is None:
        return
    conversation.seen_at = now()
    if not conversation.is_preview:
        members = f"business:{tenancy.current_business_id()}"
        realtime.publish(
            members, name=f"conversation-{conversation.id}", position=conversation.position
        )


def replies(
    conversation: Conversation,
    after: int,
    upto: int | None = None,
    *,
    authors: Sequence[str] = ("member",),
) -> list[Message]:
    """What members wrote to the visitor after that, oldest first."""
    wanted: list[ColumnElement[bool]] = [
        Message.conversation_id == conversation.id,
        Message.position > after,
        Message.kind == "outgoing",
        Message.author.in_(authors),
    ]
    if upto is not None:
        wanted.append(Message.position <= upto)
    return list(db.session.scalars(select(Message).where(*wanted).order_by(Message.position)))


def was_there(conversation: Conversation) -> int:
    """Up to here the visitor was in the chat: has read, or has written."""
    return max(conversation.seen_position, conversation.incoming_position)
