"""What a member has read, on every device; and what they want to come back to."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from app.accounts.models import User
from app.conversations.models import Conversation, ConversationRead, Mention, Unread
from app.core import realtime, tenancy
from app.extensions import db

Follower = Callable[[Conversation, User, int], None]
_followers: list[Follower] = []


def followed_by(function: Follower) -> Follower:
    """It is told what a member has just read for the first time, and up to which position."""
    _followers.append(function)
    return function


def mark_read(conversation: Conversation, by: User, position: int) -> None:
    """Up to this position. Never backwards."""
    position = min(position, conversation.position)
    read = insert(ConversationRead).values(_of(conversation, by, position))
    newer = read.on_conflict_do_update(
        index_elements=["business_id", "conversation_id", "user_id"],
        set_={"position": position},
        where=ConversationRead.position < position,
    )
    has_read = db.session.execute(newer.returning(ConversationRead.position)).first()
    was_unread = db.session.execute(
        delete(Unread)
        .where(
            Unread.conversation_id == conversation.id,
            Unread.user_id == by.id,
            Unread.position <= position,
        )
        .returning(Unread.position)
    ).first()
    has_seen = Mention.see(conversation.id, by.id, position)
    if has_read or was_unread or has_seen:
        _tell(by)
        for follow in _followers:
            follow(conversation, by, position)


def mark_unread(conversation: Conversation, by: User) -> None:
    """For this member alone, until they look at it again. Safe to repeat."""
    conversation.lock()
    behind = _of(conversation, by, conversation.incoming_position - 1)
    key = ["business_id", "conversation_id", "user_id"]
    db.session.execute(
        insert(ConversationRead)
        .values(behind)
        .on_conflict_do_update(index_elements=key, set_={"position": behind["position"]})
    )
    db.session.execute(
        insert(Unread)
        .values(
            _of(conversation, by, conversation.incoming_position)
            | {
                "status": conversation.status,
                "assignee_id": conversation.assignee_id,
                "is_waiting": conversation.is_handed_off and conversation.assignee_id is None,
            }
        )
        .on_conflict_do_nothing(index_elements=["business_id", "user_id", "conversation_id"])
    )
    _tell(by)


def _of(conversation: Conversation, by: User, position: int) -> dict[str, Any]:
    return {"conversation_id": conversation.id, "user_id": by.id, "position": position}


def _tell(by: User) -> None:
    """Nobody else's list says what this member has read."""
    realtime.publish(f"business:{tenancy.current_business_id()}", name=f"inbox-{by.id}")
