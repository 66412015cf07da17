"""What became of a conversation: the ledger's rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Index,
    Select,
    Text,
    UniqueConstraint,
    func,
    select,
    text,
    tuple_,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.accounts.models import User
from app.conversations.models import Conversation
from app.core.db import Base, ScopedId, belongs_to, reference
from app.core.pagination import Cursor
from app.extensions import db

VERDICTS = ("all", "resolved", "other", "rejected")


Span = tuple[datetime, datetime]  # from, and before


@dataclass(frozen=True, slots=True)
class Shown:
    """Which rows: of what time, judged how (one of VERDICTS), about what, in which mood."""

    span: Span
    verdict: str = "all"
    intent: str = ""
    mood: str = ""


class ConversationOutcome(ScopedId, Base):
    """One row a conversation, written when it ends and anew when it goes on after that. `position` is the newest
    message that it takes in, `heard_position` the visitor's newest: what they want is read again after that only.

    Counted as resolved are those that are, by the rule (`is_resolved`), and that nobody has rejected.
    """

    __tablename__ = "conversation_outcomes"
    __table_args__ = (
        reference("conversation_id", "conversations"),
        UniqueConstraint("business_id", "conversation_id"),
        Index(
            "ix_conversation_outcomes_ended", "business_id", text("ended_at DESC"), text("id DESC")
        ),
    )

    conversation_id: Mapped[int]
    position: Mapped[int]
    heard_position: Mapped[int]
    ended_at: Mapped[datetime]  # its last message
    asked: Mapped[str] = mapped_column(Text)  # the visitor's first question
    intent: Mapped[str] = mapped_column(Text)
    topic: Mapped[str | None] = mapped_column(Text)
    mood: Mapped[str] = mapped_column(Text)
    collected: Mapped[dict[str, Any]] = mapped_column(JSONB)  # name, emails, phones, dates
    model: Mapped[str | None] = mapped_column(Text)  # that told intent, topic and mood; None: rules
    conditions: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)  # of the rule, as they held
    is_resolved: Mapped[bool]
    rejected_at: Mapped[datetime | None]
    rejected_by: Mapped[int | None]  # a user
    rejected_reason: Mapped[str] = mapped_column(Text, default="", server_default="")

    conversation: Mapped[Conversation] = belongs_to(
        "Conversation", "ConversationOutcome.conversation_id"
    )
    rejecter: Mapped[User | None] = belongs_to("User", "ConversationOutcome.rejected_by")

    @property
    def is_rejected(self) -> bool:
        return self.rejected_at is not None

    @property
    def is_counted(self) -> bool:
        return self.is_resolved and not self.is_rejected

    @property
    def cursor(self) -> Cursor:
        """Its place in the list."""
        return Cursor(self.ended_at, self.id)

    @property
    def missing(self) -> list[dict[str, Any]]:
        """The conditions that did not hold."""
        return [each for each in self.conditions if not each["held"]]

    @classmethod
    def of_conversation(cls, conversation_id: int) -> "ConversationOutcome | None":
        return db.session.scalar(select(cls).where(cls.conversation_id == conversation_id))

    @classmethod
    def by_id(cls, outcome_id: int) -> "ConversationOutcome | None":
        found = select(cls).where(cls.id == outcome_id)
        return db.session.scalar(found) if outcome_id < 2**63 else None

    @classmethod
    def listed(
        cls, shown: Shown, before: Cursor | None = None, through: Cursor | None = None
    ) -> Select["ConversationOutcome"]:
        """The newest ended first: those after `before` in the list, or the list down to `through`."""
        place = tuple_(cls.ended_at, cls.id)
        query = select(cls).where(cls._in(shown.span), *cls._judged(shown.verdict))
        if shown.intent:
            query = query.where(cls.intent == shown.intent)
        if shown.mood:
            query = query.where(cls.mood == shown.mood)
        if before:
            query = query.where(place < tuple_(before.at, before.id))
        if through:
            query = query.where(place >= tuple_(through.at, through.id))
        return query.order_by(cls.ended_at.desc(), cls.id.desc())

    @classmethod
    def counts(cls, span: Span) -> Sequence[Any]:
        """By intent and mood: how many ended, how many of them count as resolved, how many were rejected."""
        counted = (cls.is_resolved, cls.rejected_at.is_(None))
        query = (
            select(
                cls.intent,
                cls.mood,
                func.count().label("ended"),
                func.count().filter(*counted).label("resolved"),
                func.count().filter(cls.rejected_at.is_not(None)).label("rejected"),
            )
            .where(cls._in(span))
            .group_by(cls.intent, cls.mood)
        )
        return db.session.execute(query).all()

    @classmethod
    def _in(cls, span: Span) -> ColumnElement[bool]:
        return (cls.ended_at >= span[0]) & (cls.ended_at < span[1])

    @classmethod
    def _judged(cls, verdict: str) -> list[ColumnElement[bool]]:
        if verdict == "resolved":
            return [cls.is_resolved.is_(True), cls.rejected_at.is_(None)]
        if verdict == "other":
            return [cls.is_resolved.is_(False)]
        return [cls.rejected_at.is_not(None)] if verdict == "rejected" else []
