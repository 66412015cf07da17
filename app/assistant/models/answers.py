"""Answer receipts: what each answer of the assistant stood on."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Float,
    Text,
    UniqueConstraint,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, load_only, mapped_column

from app.conversations.models import Message
from app.core.db import Base, ScopedId, reference
from app.core.preparing import PREPARED
from app.extensions import db


class Answer(ScopedId, Base):
    """`passages` are the chunks that were found, with their scores, as they read at that moment."""

    __tablename__ = "answers"
    __table_args__ = (
        reference("message_id", "messages"),
        UniqueConstraint("business_id", "message_id"),
        CheckConstraint("rating IN ('up', 'down')", name="rating"),
        CheckConstraint("visitor_rating IN ('up', 'down')", name="visitor_rating"),
    )

    message_id: Mapped[int]
    question: Mapped[str] = mapped_column(Text)
    searched_for: Mapped[str | None] = mapped_column(Text)  # when words were respelled
    passages: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    score: Mapped[float] = mapped_column(Float)  # 0..1, how sure
    is_confident: Mapped[bool]
    writer: Mapped[str] = mapped_column(Text)  # extractive, claude, small_talk
    model: Mapped[str | None] = mapped_column(Text)
    prompt_version: Mapped[str | None] = mapped_column(Text)
    input_tokens: Mapped[int | None]
    output_tokens: Mapped[int | None]
    cost_micros: Mapped[
        int | None
    ]  # millionths of a dollar; None for what cost nothing, or isn’t known
    latency_ms: Mapped[int]
    trouble: Mapped[str | None] = mapped_column(Text)  # why no language model wrote it, in words
    features: Mapped[dict[str, float]] = mapped_column(
        JSONB, default=dict, server_default=text("'{}'")
    )  # what the score was made of; empty when nothing was found
    rating: Mapped[str | None] = mapped_column(Text)  # up, down: what a member thinks
    rating_reason: Mapped[str | None] = mapped_column(Text)
    rated_by: Mapped[int | None]  # a user
    rated_at: Mapped[datetime | None]
    visitor_rating: Mapped[str | None] = mapped_column(Text)  # up, down: what the visitor thinks
    visitor_reason: Mapped[str | None] = mapped_column(Text)
    visitor_rated_at: Mapped[datetime | None]  # stays when the opinion is taken back

    @property
    def is_rated_down(self) -> bool:
        """By the visitor or by a member."""
        return "down" in (self.rating, self.visitor_rating)

    @property
    def is_lacking(self) -> bool:
        """The visitor was left without an answer, or with a bad one."""
        return self.is_rated_down or not self.is_confident

    @classmethod
    def of_message(cls, message_id: int) -> "Answer | None":
        one = select(cls).where(cls.message_id == message_id)
        return db.session.scalar(one.execution_options(**PREPARED))

    @classmethod
    def of_messages(cls, message_ids: Iterable[int]) -> "dict[int, Answer]":
        """By message, with the opinions alone; what has no receipt is left out."""
        ids = list(message_ids)
        if not ids:
            return {}
        opinions = load_only(cls.message_id, cls.rating, cls.visitor_rating, cls.visitor_reason)
        found = db.session.scalars(select(cls).where(cls.message_id.in_(ids)).options(opinions))
        return {answer.message_id: answer for answer in found}

    @classmethod
    def rated_in(cls, conversation_id: int, limit: int = 200) -> "list[Answer]":
        """Those that a visitor or a member ever had an opinion on, the newest."""
        query = (
            select(cls)
            .join(Message, Message.id == cls.message_id)
            .where(
                Message.conversation_id == conversation_id,
                cls.visitor_rated_at.is_not(None) | cls.rated_at.is_not(None),
            )
            .order_by(cls.message_id.desc())
            .limit(limit)
        )
        return list(db.session.scalars(query))
