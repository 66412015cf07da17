"""What the assistant can't answer: questions of one meaning, and each as it was asked."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from pgvector.sqlalchemy import HALFVEC
from sqlalchemy import (
    CheckConstraint,
    Index,
    Select,
    Text,
    UniqueConstraint,
    func,
    select,
    text,
    tuple_,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.conversations.models import Conversation
from app.core.db import Base, ScopedId, belongs_to, of_business, reference
from app.core.pagination import Cursor
from app.extensions import db
from app.knowledge.models import Source


class Gap(ScopedId, Base):
    """What visitors ask and the assistant can't answer: questions of one meaning.

    `question` is the most typical of them, and `embedding` is its vector. A dismissed gap comes back when
    it has been asked `returns_at` times in all; `reopened_from` says what it was before it came back.
    """

    __tablename__ = "gaps"
    __table_args__ = (
        of_business(),
        reference("source_id", "sources", ondelete="SET NULL"),
        CheckConstraint("status IN ('open', 'answered', 'dismissed')", name="status"),
        CheckConstraint("reopened_from IN ('answered', 'dismissed')", name="reopened_from"),
        Index("ix_gaps_list", "business_id", "status", text("last_asked_at DESC"), text("id DESC")),
    )

    question: Mapped[str] = mapped_column(Text)
    asked_count: Mapped[int]
    first_asked_at: Mapped[datetime]
    last_asked_at: Mapped[datetime]
    status: Mapped[str] = mapped_column(Text, default="open")
    embedding: Mapped[Any] = mapped_column(HALFVEC, deferred=True)
    source_id: Mapped[int | None]  # the answer
    answered_by: Mapped[int | None]  # a user
    answered_at: Mapped[datetime | None]
    dismissed_by: Mapped[int | None]  # a user
    dismissed_at: Mapped[datetime | None]
    returns_at: Mapped[int | None]
    reopened_from: Mapped[str | None] = mapped_column(Text)

    source: Mapped[Source | None] = belongs_to("Source", "Gap.source_id")

    @property
    def cursor(self) -> Cursor:
        """Its place in the list."""
        return Cursor(self.last_asked_at, self.id)

    @property
    def is_open(self) -> bool:
        return self.status == "open"

    @property
    def more_to_return(self) -> int:
        """How many more times a dismissed one must be asked before it comes back."""
        return max((self.returns_at or 0) - self.asked_count, 0)

    def lock(self) -> "Gap":
        db.session.refresh(self, with_for_update=True)
        return self

    def questions(self, limit: int) -> list["GapQuestion"]:
        """How it was asked, newest first."""
        query = select(GapQuestion).where(GapQuestion.gap_id == self.id)
        return list(db.session.scalars(query.order_by(GapQuestion.id.desc()).limit(limit)))

    @classmethod
    def by_id(cls, gap_id: int) -> "Gap | None":
        return db.session.scalar(select(cls).where(cls.id == gap_id)) if gap_id < 2**63 else None

    @classmethod
    def listed(
        cls,
        status: str,
        words: str = "",
        before: Cursor | None = None,
        through: Cursor | None = None,
    ) -> Select[Any]:
        """Newest asked first: those after `before` in the list, or the list down to `through`."""
        place = tuple_(cls.last_asked_at, cls.id)
        query = select(cls).where(cls.status == status)
        if words:
            asked = select(GapQuestion.id).where(
                GapQuestion.gap_id == cls.id, GapQuestion.words.icontains(words, autoescape=True)
            )
            query = query.where(cls.question.icontains(words, autoescape=True) | asked.exists())
        if before:
            query = query.where(place < tuple_(before.at, before.id))
        if through:
            query = query.where(place >= tuple_(through.at, through.id))
        return query.order_by(cls.last_asked_at.desc(), cls.id.desc())

    @classmethod
    def waiting_counts(cls, gap_ids: Collection[int]) -> dict[int, int]:
        """By gap: in how many of its conversations a visitor waits for a person, and nobody has it."""
        query = (
            select(GapQuestion.gap_id, func.count(Conversation.id.distinct()))
            .join(Conversation, Conversation.id == GapQuestion.conversation_id)
            .where(
                GapQuestion.gap_id.in_(gap_ids),
                Conversation.status != "resolved",
                Conversation.handed_off_at.is_not(None),
                Conversation.assignee_id.is_(None),
            )
            .group_by(GapQuestion.gap_id)
        )
        return {row[0]: row[1] for row in db.session.execute(query)}

    @classmethod
    def open_count(cls) -> int:
        counted = select(func.count()).select_from(cls).where(cls.status == "open")
        return db.session.scalar(counted) or 0


class GapQuestion(ScopedId, Base):
    """One visitor's question of a gap. `message_id` is what the assistant said to it."""

    __tablename__ = "gap_questions"
    __table_args__ = (
        reference("gap_id", "gaps"),
        reference("message_id", "messages"),
        reference("conversation_id", "conversations"),
        UniqueConstraint("business_id", "message_id"),
        CheckConstraint("reason IN ('unsure', 'rated')", name="reason"),
        Index(None, "business_id", "gap_id"),
        Index(None, "business_id", "conversation_id"),
    )

    gap_id: Mapped[int]
    message_id: Mapped[int]
    conversation_id: Mapped[int]
    words: Mapped[str] = mapped_column(Text)  # as the visitor wrote them
    reason: Mapped[str] = mapped_column(Text)  # unsure; rated: answered, and badly
    asked_at: Mapped[datetime]
    embedding: Mapped[Any] = mapped_column(HALFVEC, deferred=True)

    @classmethod
    def of_message(cls, message_id: int) -> "GapQuestion | None":
        return db.session.scalar(select(cls).where(cls.message_id == message_id))

    @classmethod
    def by_id(cls, question_id: int) -> "GapQuestion | None":
        found = select(cls).where(cls.id == question_id)
        return db.session.scalar(found) if question_id < 2**63 else None
