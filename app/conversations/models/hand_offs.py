"""A hand-off: why the assistant called a person, what that person should know, and how it ended."""

from datetime import datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, Index, SmallInteger, Text, func, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, joinedload, mapped_column

from app.accounts.models import User
from app.conversations.models.threads import Conversation, Message
from app.core import tenancy
from app.core.db import Base, ScopedId, belongs_to, reference
from app.core.preparing import PREPARED
from app.extensions import db

REASONS = {
    "asked": _l("The visitor asked for a person"),
    "unsure": _l("The assistant was unsure twice in a row"),
    "anger": _l("The visitor is upset"),
    "topic": _l("A topic that you want to answer yourself"),
    "refusal": _l("The language model declined to answer"),
    "provider_error": _l("The language model could not be reached, and no passage answers this"),
    "money_cap": _l("The budget for the language model is used up, and no passage answers this"),
    "assistant": _l("The assistant thought that a person should answer"),
    "failure": _l("Something went wrong while answering"),
    "rule": _l("One of your rules called a person"),
}
MAX_ID = 2**63 - 1  # of a bigint
SAME_MOMENT = timedelta(seconds=5)
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
        return str(REASONS[self.reason])

    @classmethod
    def open_of(cls, conversation_id: int) -> "HandOff | None":
        return db.session.scalar(
            select(cls).where(cls.conversation_id == conversation_id, cls.ended_at.is_(None))
        )

    @classmethod
    def latest_of(cls, conversation_id: int) -> "HandOff | None":
        of_conversation = select(cls).where(cls.conversation_id == conversation_id)
        newest = of_conversation.order_by(cls.id.desc()).limit(1)
        return db.session.scalar(newest.execution_options(**PREPARED))

    @classmethod
    def by_id(cls, hand_off_id: int) -> "HandOff":
        return db.session.get_one(cls, (tenancy.current_business_id(), hand_off_id))

    @classmethod
    def begun_with(cls, event: Message) -> "HandOff | None":
        """The one that this line of the conversation tells of: both are of one transaction."""
        at = event.created_at
        around = cls.created_at.between(at - SAME_MOMENT, at + SAME_MOMENT)
        return db.session.scalar(
            select(cls)
            .where(cls.conversation_id == event.conversation_id, around)
            .order_by(cls.id.desc())
            .limit(1)
        )

    @classmethod
    def waiting_longest(cls) -> "HandOff | None":
        """For whom nobody has come yet; not the owner's own previews. With the conversation and its visitor."""
        query = (
            select(cls)
            .join(Conversation, Conversation.id == cls.conversation_id)
            .where(
                cls.ended_at.is_(None),
                Conversation.is_preview.is_(False),
                Conversation.handed_off_at.is_not(None),
                Conversation.assignee_id.is_(None),
            )
            .order_by(cls.created_at)
            .limit(1)
            .options(joinedload(cls.conversation).joinedload(Conversation.visitor))
        )
        return db.session.scalar(query)

    @property
    def promised_at(self) -> datetime | None:
        if self.promised_seconds is None:
            return None
        return self.created_at + timedelta(seconds=self.promised_seconds)


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
    finisher: Mapped[User | None] = belongs_to("User", "Callback.done_by")

    @classmethod
    def by_id(cls, callback_id: int) -> "Callback | None":
        if callback_id > MAX_ID:
            return None
        return db.session.get(cls, (tenancy.current_business_id(), callback_id))

    @classmethod
    def listed(cls, *, is_done: bool, limit: int) -> list["Callback"]:
        """Open: who waits longest first. Done: newest first."""
        people = (joinedload(cls.conversation).joinedload(Conversation.visitor),)
        query = cls._real(select(cls)).options(*people, joinedload(cls.finisher)).limit(limit)
        if is_done:
            query = query.where(cls.done_at.is_not(None)).order_by(cls.done_at.desc())
        else:
            query = query.where(cls.done_at.is_(None)).order_by(cls.created_at)
        return list(db.session.scalars(query))

    @classmethod
    def open_count(cls) -> int:
        open_ones = cls._real(select(func.count()).select_from(cls))
        return db.session.scalar(open_ones.where(cls.done_at.is_(None))) or 0

    @classmethod
    def _real(cls, query: Any) -> Any:
        """Without those that an owner left to try it."""
        preview = Conversation.is_preview
        return query.join(Conversation, Conversation.id == cls.conversation_id).where(~preview)

    @classmethod
    def all_of(cls, conversation_id: int) -> list["Callback"]:
        query = select(cls).where(cls.conversation_id == conversation_id)
        return list(db.session.scalars(query.order_by(cls.id)))

    @classmethod
    def open_of(cls, conversation_id: int) -> list["Callback"]:
        return [each for each in cls.all_of(conversation_id) if each.done_at is None]
