"""What the assistant did to answer: its calls of a language model, the tools it used, and the money."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, SmallInteger, Text, UniqueConstraint, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, ScopedId, of_business, reference
from app.extensions import db


class ModelCall(ScopedId, Base):
    """One request to a language model, written down before it is made. While `cost_micros` is empty it
    counts as `reserved_micros`: a worker that was killed leaves the dearest case."""

    __tablename__ = "model_calls"
    __table_args__ = (
        of_business(),
        reference("conversation_id", "conversations", ondelete="SET NULL"),
        reference("question_id", "messages", ondelete="SET NULL"),
        CheckConstraint("purpose IN ('answer', 'analysis', 'check', 'bench')", name="purpose"),
        Index(None, "business_id", "created_at"),
        Index(None, "business_id", "question_id"),
        Index(None, "business_id", "conversation_id"),
    )

    conversation_id: Mapped[int | None]
    question_id: Mapped[int | None]  # the message that was answered
    purpose: Mapped[str] = mapped_column(Text)
    provider: Mapped[str] = mapped_column(Text)
    model: Mapped[str] = mapped_column(Text)
    prompt_version: Mapped[str] = mapped_column(Text)
    attempt: Mapped[int] = mapped_column(SmallInteger, default=1)
    reserved_micros: Mapped[int] = mapped_column(default=0)  # millionths of a dollar
    cost_micros: Mapped[int | None]
    input_tokens: Mapped[int | None]  # without those from or into the cache
    cached_tokens: Mapped[int | None]
    stored_tokens: Mapped[int | None]
    output_tokens: Mapped[int | None]
    first_word_ms: Mapped[int | None]
    latency_ms: Mapped[int | None]
    stop_reason: Mapped[str | None] = mapped_column(Text)
    error: Mapped[str | None] = mapped_column(Text)  # in plain words

    @property
    def read_tokens(self) -> int:
        """All that the model read, from the cache or not."""
        return (self.input_tokens or 0) + (self.cached_tokens or 0) + (self.stored_tokens or 0)

    @property
    def counted_micros(self) -> int | None:
        """What it counts as; None when the model's price isn't known."""
        return self.cost_micros if self.cost_micros is not None else self.reserved_micros or None

    @classmethod
    def of_question(cls, question_id: int) -> "list[ModelCall]":
        query = select(cls).where(cls.question_id == question_id)
        return list(db.session.scalars(query.order_by(cls.id)))

    @classmethod
    def of_ids(cls, ids: Collection[int]) -> "list[ModelCall]":
        """In the order in which they were made."""
        return list(db.session.scalars(select(cls).where(cls.id.in_(ids)).order_by(cls.id)))


class ToolUse(ScopedId, Base):
    """One use of a tool. `key` is the same when a turn that was cut off is taken up again, so that what
    writes is done once."""

    __tablename__ = "tool_uses"
    __table_args__ = (
        reference("conversation_id", "conversations"),
        reference("question_id", "messages"),
        UniqueConstraint("business_id", "key"),
        Index(None, "business_id", "question_id"),
    )

    conversation_id: Mapped[int]
    question_id: Mapped[int]
    key: Mapped[str | None] = mapped_column(Text)  # of what wrote something
    name: Mapped[str] = mapped_column(Text)
    input: Mapped[dict[str, Any]] = mapped_column(JSONB)
    output: Mapped[str] = mapped_column(Text)
    is_error: Mapped[bool] = mapped_column(default=False)
    ends_turn: Mapped[bool] = mapped_column(default=False)
    took_ms: Mapped[int]

    @classmethod
    def by_key(cls, key: str) -> "ToolUse | None":
        return db.session.scalar(select(cls).where(cls.key == key))

    @classmethod
    def of_question(cls, question_id: int) -> "list[ToolUse]":
        query = select(cls).where(cls.question_id == question_id)
        return list(db.session.scalars(query.order_by(cls.id)))


class Budget(ScopedId, Base):
    """What one business has spent in a month, or one of its visitors on a day, with what is reserved."""

    __tablename__ = "budgets"
    __table_args__ = (
        of_business(),
        UniqueConstraint("business_id", "kind", "period", "visitor_id"),
        CheckConstraint("kind IN ('month', 'visitor_day')", name="kind"),
        CheckConstraint("spent_micros >= 0", name="spent_micros"),
    )

    kind: Mapped[str] = mapped_column(Text)
    period: Mapped[date]  # the day, or the month's first; where the business is
    visitor_id: Mapped[int] = mapped_column(default=0)  # 0 for a month
    spent_micros: Mapped[int] = mapped_column(default=0)
    warned: Mapped[bool] = mapped_column(default=False)  # the owner has been told of the 80 %
    refused_at: Mapped[datetime | None]  # since when it lacks the room for a call

    @classmethod
    def of_month(cls, first: date) -> "Budget | None":
        return db.session.scalar(select(cls).where(cls.kind == "month", cls.period == first))

    @classmethod
    def visitors_refused(cls, day: date) -> int:
        """How many visitors have used up their share of that day."""
        query = select(func.count()).where(
            cls.kind == "visitor_day", cls.period == day, cls.refused_at.is_not(None)
        )
        return db.session.scalar(query) or 0
