"""One thing done to many conversations, each by the verb that does it to one. What can't be done to one is told,
and done to the others all the same."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.accounts.models import User
from app.conversations import assigning, priorities, services, snoozing, tagging, undoing
from app.conversations.models import Conversation, UndoStep
from app.core.errors import FrontdeskError, Invalid
from app.extensions import db

MOST = 200
Verb = Callable[[Conversation, User], None]


@dataclass(slots=True)
class Done:
    """`refused`: a conversation's name, and why."""

    count: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)
    step: UndoStep | None = None


def act(ids: list[int], by: User, what: str, verb: Verb) -> Done:
    """In the order of their ids, so that two who do it at once wait for each other. Raises Invalid."""
    if not ids:
        raise Invalid("Choose at least one conversation.", code="empty")
    if len(ids) > MOST:
        raise Invalid(f"At most {MOST} conversations at once. Choose fewer.", code="too_many")
    done, changes = Done(), []
    for conversation in _found(ids):
        before = undoing.snapshot(conversation.lock())
        try:
            with db.session.begin_nested():
                verb(conversation, by)
        except FrontdeskError as refusal:
            done.refused.append((conversation.title, refusal.message))
        else:
            done.count += 1
            changes.append((conversation, before))
    done.step = undoing.keep(by, what, changes)
    return done


def _found(ids: list[int]) -> list[Conversation]:
    """Those that are in the inbox; another business's aren't there."""
    query = select(Conversation).where(
        Conversation.id.in_(ids),
        Conversation.is_preview.is_(False),
        Conversation.merged_into_id.is_(None),
    )
    people = (joinedload(Conversation.visitor), joinedload(Conversation.channel))
    return list(db.session.scalars(query.order_by(Conversation.id).options(*people)))


def assigned_to(user_id: int | None) -> Verb:
    """Raises Invalid for somebody who can't have conversations."""
    to = assigning.candidate(user_id) if user_id is not None else None
    return lambda conversation, by: assigning.assign(conversation, by, to)


def tagged(tag: str | int) -> Verb:
    return lambda conversation, by: tagging.add(conversation, by, tag)


def untagged(tag: str | int) -> Verb:
    return lambda conversation, by: tagging.remove(conversation, by, tag)


def put_off(until: datetime | None) -> Verb:
    return lambda conversation, by: snoozing.snooze(conversation, by, until)


def put_first(priority: int) -> Verb:
    return lambda conversation, by: priorities.change(conversation, by, priority)


PLAIN: dict[str, Verb] = {
    "resolve": services.resolve,
    "reopen": services.reopen,
    "wake": snoozing.wake,
}
