"""Answer receipts: what each answer of the assistant stood on."""

from typing import Any

from sqlalchemy import Float, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, ScopedId, reference


class Answer(ScopedId, Base):
    """`passages` are the chunks that were found, with their scores, as they read at that moment."""

    __tablename__ = "answers"
    __table_args__ = (
        reference("message_id", "messages"),
        UniqueConstraint("business_id", "message_id"),
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
    latency_ms: Mapped[int]
