"""A hand-off: why the assistant called a person, what that person should know, and how it ended."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, SmallInteger, Text, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.conversations.models.threads import Conversation
from app.core.db import Base, ScopedId, belongs_to, reference
from app.extensions import db

REASONS = {
    "asked": "The visitor asked for a person",
    "unsure": "The assistant was unsure twice in a row",
    "anger": "The visitor is upset",
    "topic": "A topic that you want to answer yourself",
    "refusal": "The language model declined to answer",
    "provider_error": "The language model could not be reached, and no passage answers this",
    "money_cap": "The budget for the language model is used up, and no passage answers this",
    "assistant": "The assistant thought that a person should answer",
    "failure": "Something went wrong while answering",
}
OUTCOMES = ("answered", "given_back", "resolved", "returned")


class HandOff(ScopedId, Base):
    """Open while `ended_at` is empty; a conversation has at most one open. `step` counts the steps of the
    clock that were taken, `promised_seconds` is the wait that the visitor was told."""

    __tablename__ = "hand_offs"
    __table_args__ = (
        reference("conversation_id", "conversations"),
        CheckConstraint(
            "reason IN ({})".format(", ".join(f"'{reason}'" for reason in REASONS)), name="reason"
        ),
        CheckConstraint(
            "outcome IN ({})".format(", ".join(f"'{outcome}'" for outcome in OUTCOMES)),
            name="outcome",
        ),
        CheckConstraint("(outcome IS NULL) = (ended_at IS NULL)", name="ended"),
        Index(
            "uq_hand_offs_open",
            "business_id",
            "conversation_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(None, "business_id", "created_at"),
    )

    conversation_id: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)
    summary: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)  # wanted, known, tried
    promised_seconds: Mapped[int | None]
    step: Mapped[int] = mapped_column(SmallInteger, default=0)
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[int | None]  # a user
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(Text)

    conversation: Mapped[Conversation] = belongs_to("Conversation", "HandOff.conversation_id")

    @property
    def reason_in_words(self) -> str:
        return REASONS[self.reason]

    @classmethod
    def open_of(cls, conversation_id: int) -> "HandOff | None":
        return db.session.scalar(
            select(cls).where(cls.conversation_id == conversation_id, cls.ended_at.is_(None))
        )


class Callback(ScopedId, Base):
    """What a visitor left for the team, to be called or written back. Open while `done_at` is empty."""

    __tablename__ = "callbacks"
    __table_args__ = (
        reference("conversation_id", "conversations"),
        reference("hand_off_id", "hand_offs", ondelete="SET NULL"),
        CheckConstraint("phone <> '' OR email <> ''", name="reachable"),
        Index(
            "ix_callbacks_open",
            "business_id",
            "created_at",
            postgresql_where=text("done_at IS NULL"),
        ),
        Index(None, "business_id", "conversation_id"),
    )

    conversation_id: Mapped[int]
    hand_off_id: Mapped[int | None]
    name: Mapped[str] = mapped_column(Text, default="")
    phone: Mapped[str] = mapped_column(Text, default="")  # E.164
    email: Mapped[str] = mapped_column(Text, default="")
    suits: Mapped[str] = mapped_column(Text, default="")  # when, in the visitor's words
    message: Mapped[str] = mapped_column(Text, default="")
    done_at: Mapped[datetime | None]
    done_by: Mapped[int | None]  # a user

    conversation: Mapped[Conversation] = belongs_to("Conversation", "Callback.conversation_id")
