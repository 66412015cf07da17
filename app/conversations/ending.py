"""When a conversation ends: a member resolves it, or nobody writes any more. It may go on after that, and ends again.

One job per conversation watches it and postpones itself; whoever wants to know of the end says so with @followed_by.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import select

from app.conversations.models import Conversation, Message
from app.core import jobs, tenancy
from app.core.db import now
from app.extensions import db

IDLE = timedelta(hours=2)  # without a message: who still has a question has asked it by then
LONGEST_WAIT = timedelta(hours=24)  # for a person; then the visitor has gone, unhelped

Follower = Callable[[Conversation], None]
_followers: list[Follower] = []


def followed_by(function: Follower) -> Follower:
    """It is given the conversation with its row locked, and may commit. It may be told of one end twice."""
    _followers.append(function)
    return function


def watch(conversation: Conversation) -> None:
    """Whenever a visitor or a member does something in it, also after its end. While a watch is on, this
    changes nothing."""
    if not conversation.is_preview:
        at = conversation.last_message_at + IDLE
        _ask(jobs.enqueue, conversation, at, f"end-{conversation.id}")


def resolved(conversation: Conversation) -> None:
    """At once; the watch that is on finds nothing new later."""
    if not conversation.is_preview:
        key = f"end-{conversation.id}-resolved-{conversation.position}"
        _ask(jobs.enqueue, conversation, None, key)


def look(conversation_id: int) -> None:
    """The job: has it ended by now?"""
    key = (tenancy.current_business_id(), conversation_id)
    conversation = db.session.get(Conversation, key)
    if conversation is None:
        return
    if ends_at(conversation.lock()) > now():
        look_again(conversation)
        return
    for follow in _followers:
        follow(conversation)


def look_again(conversation: Conversation) -> None:
    """When it may have ended next; asked by the job itself. One that is resolved has ended: what came meanwhile,
    as the question for stars, doesn't keep it until the watch."""
    if conversation.status == "resolved":
        resolved(conversation)
        return
    _ask(jobs.enqueue_next, conversation, ends_at(conversation), f"end-{conversation.id}")


def ends_at(conversation: Conversation) -> datetime:
    """Or when to look again, while a person is waited for or it is put off."""
    last = conversation.last_message_at
    if conversation.status == "resolved":
        return last
    if conversation.snoozed_until is not None:
        return max(min(conversation.snoozed_until, now() + LONGEST_WAIT), last) + IDLE
    idle = now() - last
    if idle >= LONGEST_WAIT or not _waits(conversation):
        return last + IDLE
    return last + IDLE * (idle // IDLE + 1)


def _ask(
    enqueue: Callable[..., None], conversation: Conversation, at: datetime | None, key: str
) -> None:
    """Among the bulk, as nobody waits for it: visitors who wait for an answer go first."""
    enqueue("conversations.end", conversation.id, queue="bulk", at=at, key=key)


def _waits(conversation: Conversation) -> bool:
    """For a person: nobody has it yet, or the one who has it owes an answer."""
    if conversation.state != "person":
        return conversation.state == "waiting"
    newest = (
        select(Message.kind)
        .where(
            Message.conversation_id == conversation.id, Message.kind.in_(("incoming", "outgoing"))
        )
        .order_by(Message.position.desc())
        .limit(1)
    )
    return db.session.scalar(newest) == "incoming"
