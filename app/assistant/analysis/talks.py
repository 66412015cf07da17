"""A conversation as it is analysed: read once, so that nothing of it changes while a language model is asked."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.conversations.models import Conversation, Message

LONGEST = 500  # newest messages; more is nobody's one matter


@dataclass(frozen=True, slots=True)
class Line:
    position: int
    at: datetime
    kind: str
    author: str
    body: str
    by: str | None  # a member's name
    is_unsure: bool = False
    citations: Sequence[dict[str, Any]] = ()

    @property
    def is_from_visitor(self) -> bool:
        return self.kind == "incoming"

    @property
    def is_from_assistant(self) -> bool:
        return self.author == "assistant" and self.kind == "outgoing"


@dataclass(frozen=True, slots=True)
class Talk:
    conversation_id: int
    visitor_id: int
    position: int
    answered_position: int
    ended_at: datetime
    lines: Sequence[Line] = field(default_factory=list)

    @property
    def from_visitor(self) -> list[Line]:
        return [line for line in self.lines if line.is_from_visitor]

    @property
    def texts(self) -> list[str]:
        """The visitor's own words, oldest first."""
        return [line.body for line in self.from_visitor]

    @property
    def heard_position(self) -> int:
        """Of the visitor's newest message."""
        return self.from_visitor[-1].position


def read(conversation: Conversation) -> Talk | None:
    """None when the visitor wrote nothing, and for the owner's own preview."""
    talk = Talk(
        conversation_id=conversation.id,
        visitor_id=conversation.visitor_id,
        position=conversation.position,
        answered_position=conversation.answered_position,
        ended_at=conversation.last_message_at,
        lines=[_line(message) for message in conversation.newest_messages(LONGEST)],
    )
    return talk if talk.from_visitor and not conversation.is_preview else None


def _line(message: Message) -> Line:
    return Line(
        position=message.position,
        at=message.created_at,
        kind=message.kind,
        author=message.author,
        body=message.body,
        by=message.user.name if message.user else None,
        is_unsure=message.is_unsure,
        citations=message.citations,
    )
