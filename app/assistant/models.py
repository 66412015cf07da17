"""Answer receipts: what each answer of the assistant stood on."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Float, Text, UniqueConstraint, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, ScopedId, reference
from app.extensions import db


class Answer(ScopedId, Base):
    """`passages` are the chunks that were found, with their scores, as they read at that moment."""

    __tablename__ = "answers"
    __table_args__ = (
        reference("message_id", "messages"),
        UniqueConstraint("business_id", "message_id"),
        CheckConstraint("rating IN ('up', 'down')", name="rating"),
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
    features: Mapped[dict[str, float]] = mapped_column(
        JSONB, default=dict, server_default=text("'{}'")
    )  # what the score was made of; empty when nothing was found
    rating: Mapped[str | None] = mapped_column(Text)  # up, down: what a member thinks
    rating_reason: Mapped[str | None] = mapped_column(Text)
    rated_by: Mapped[int | None]  # a user
    rated_at: Mapped[datetime | None]

    @classmethod
    def of_message(cls, message_id: int) -> "Answer | None":
        return db.session.scalar(select(cls).where(cls.message_id == message_id))
