"""What a rule would have done: tried on what happened in past conversations, without doing anything.

Words, channel and opening hours are those of that time. What has changed since (tags, status, who has it, what is
known of the contact) is as it is today: the page says so.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from app.automations import actions, conditions, events
from app.automations.catalogue import tags
from app.automations.events import Event
from app.automations.seen import Seen
from app.automations.services import Said
from app.contacts.models import Visitor
from app.conversations.models import Conversation, Message
from app.core.db import now
from app.extensions import db

MOST = 200  # events
RANGES = (1, 7, 30, 90)  # days


@dataclass(frozen=True, slots=True)
class Met:
    """An event that the rule would have met. `steps` are words with why one couldn't be done; none when its
    conditions don't hold."""

    conversation: Conversation
    at: datetime
    text: str
    conditions: list[conditions.Held]
    steps: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Trial:
    acted: list[Met]
    passed: list[Met]
    is_possible: bool = True

    @property
    def count(self) -> int:
        return len(self.acted) + len(self.passed)


def attempt(said: Said, days: int) -> Trial:
    """Newest first. What begins with opening hours can't be tried: who waited then isn't kept."""
    if said.event in events.BY_HOURS:
        return Trial([], [], is_possible=False)
    acted: list[Met] = []
    passed: list[Met] = []
    for message, event in _happened(said, now() - timedelta(days=days)):
        conversation = message.conversation
        verdict = conditions.look(said.conditions, said.matching, Seen(conversation, event))
        steps = [actions.would(part, conversation) for part in said.actions] if verdict.is_met else []  # fmt: skip
        text = message.says if message.kind != "event" else conversation.last_text
        met = Met(conversation, event.at, text, verdict.conditions, steps)
        (acted if verdict.is_met else passed).append(met)
    return Trial(acted, passed)


def _happened(said: Said, since: datetime) -> Iterator[tuple[Message, Event]]:
    query = (
        select(Message)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(
            Message.created_at >= since,
            Conversation.is_preview.is_(False),
            *_is_event(said),
        )
        .order_by(Message.created_at.desc(), Message.id.desc())
        .limit(MOST)
    )
    for message in db.session.scalars(_with_people(query)):
        at = message.created_at
        if said.event in events.IDLE:
            at += timedelta(minutes=said.event_value)
        yield message, Event(said.event, str(message.id), at, message)


def _with_people(query: Select[Any]) -> Select[Any]:
    of_message = joinedload(Message.conversation)
    return query.options(
        of_message.joinedload(Conversation.visitor).joinedload(Visitor.contact),
        of_message.joinedload(Conversation.channel),
    )


def _is_event(said: Said) -> Iterator[ColumnElement[bool]]:
    if said.event in events.IDLE:
        yield from _is_idle(said)
    elif said.event == "message":
        yield Message.kind == "incoming"
    elif said.event == "started":
        goes_on = and_(Message.body == "reopened", Message.author == "system")
        first = and_(Message.position == 1, Message.kind != "outgoing")
        yield or_(first, and_(Message.kind == "event", goes_on))
    else:
        lines = [line for line, event in events.OF_LINES.items() if event == said.event]
        yield Message.kind == "event"
        yield Message.body.in_(lines)
        if said.event == "tagged" and said.event_value:
            name = tags().get(str(said.event_value), "")
            yield func.lower(Message.content["tag"].astext) == name.lower()


def _is_idle(said: Said) -> Iterator[ColumnElement[bool]]:
    """The first words that waited, or our last: nothing of the other side came within that time."""
    ours, theirs = ("outgoing", "incoming") if said.event == "idle_us" else ("incoming", "outgoing")
    until = Message.created_at + timedelta(minutes=said.event_value)
    other = aliased(Message)
    answer = select(other.id).where(
        other.conversation_id == Message.conversation_id,
        other.position > Message.position,
        or_(other.kind == ours, and_(other.kind == "event", other.body == "resolved")),
        other.created_at < until,
    )
    before = aliased(Message)
    newest_before = (
        select(before.kind)
        .where(
            before.conversation_id == Message.conversation_id,
            before.position < Message.position,
            before.kind.in_(("incoming", "outgoing")),
        )
        .order_by(before.position.desc())
        .limit(1)
        .scalar_subquery()
    )
    yield Message.kind == theirs
    yield until <= now()
    yield ~answer.exists()
    yield func.coalesce(newest_before, ours) == ours
