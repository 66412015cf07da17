"""Answer receipts: what each answer of the assistant stood on; and the questions that it could not answer."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from pgvector.sqlalchemy import HALFVEC
from sqlalchemy import (
    CheckConstraint,
    Float,
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
from sqlalchemy.orm import Mapped, load_only, mapped_column

from app.conversations.models import Conversation, Message
from app.core.db import Base, ScopedId, belongs_to, of_business, reference
from app.core.pagination import Cursor
from app.extensions import db
from app.knowledge.models import Source


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
        return db.session.scalar(select(cls).where(cls.message_id == message_id))

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
                Conversation.status == "open",
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
