"""How people rate a conversation that ended: that they were asked, and what they said."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    ColumnElement,
    Index,
    Select,
    SmallInteger,
    Text,
    UniqueConstraint,
    func,
    select,
    tuple_,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.accounts.models import User
from app.channels.models import Channel
from app.conversations.models import MAX_ID, Conversation
from app.core.db import Base, ScopedId, belongs_to, now, of_business, reference
from app.core.pagination import Cursor
from app.core.settings_row import SettingsRow
from app.extensions import db

MOST = 5  # stars
OPEN_FOR = timedelta(days=30)  # after which nothing can be said any more
DELAYS = (0, 5, 30, 120)  # minutes
Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Shown:
    """What the list of ratings is narrowed to; `stars` 0 is any, `answer` "yes", "no" or "" for both."""

    span: Span
    stars: int = 0
    answer: str = ""
    member: int = 0
    channel: str = ""


class Rating(ScopedId, Base):
    """One question, asked at `created_at`; `answered_at` when it was answered first."""

    __tablename__ = "ratings"
    __table_args__ = (
        reference("conversation_id", "conversations"),
        reference("channel_id", "channels"),
        UniqueConstraint("business_id", "event_id"),
        CheckConstraint("stars BETWEEN 1 AND 5", name="stars"),
        CheckConstraint("(stars IS NULL) = (answered_at IS NULL)", name="answered"),
        Index(None, "business_id", "created_at", "id"),
        Index(None, "business_id", "conversation_id"),
    )

    conversation_id: Mapped[int]
    channel_id: Mapped[int]
    event_id: Mapped[int]  # the message that says how the conversation ended: each end asks once
    asked_id: Mapped[int | None]  # the message that asks
    line_id: Mapped[int | None]  # the message that tells the answer
    user_id: Mapped[int | None]  # who had the conversation, else who resolved it
    stars: Mapped[int | None] = mapped_column(SmallInteger)
    words: Mapped[str] = mapped_column(Text, default="")
    answered_at: Mapped[datetime | None]

    conversation: Mapped[Conversation] = belongs_to("Conversation", "Rating.conversation_id")
    channel: Mapped[Channel] = belongs_to("Channel", "Rating.channel_id")
    user: Mapped[User | None] = belongs_to("User", "Rating.user_id")

    @property
    def is_open(self) -> bool:
        return self.created_at > now() - OPEN_FOR

    @property
    def cursor(self) -> Cursor:
        return Cursor(self.created_at, self.id)

    @classmethod
    def by_id(cls, rating_id: int) -> "Rating | None":
        found = select(cls).where(cls.id == rating_id)
        return db.session.scalar(found) if 0 < rating_id <= MAX_ID else None

    @classmethod
    def of_question(cls, conversation_id: int, message_id: int) -> "Rating | None":
        """By the message that asks."""
        here = (cls.conversation_id == conversation_id, cls.asked_id == message_id)
        return db.session.scalar(select(cls).where(*here)) if message_id <= MAX_ID else None

    @classmethod
    def of_conversation(cls, conversation_id: int) -> "list[Rating]":
        found = select(cls).where(cls.conversation_id == conversation_id).order_by(cls.id)
        return list(db.session.scalars(found))

    @classmethod
    def was_asked_since(cls, visitor_id: int, since: datetime) -> bool:
        theirs = (
            select(cls.id)
            .join(Conversation, Conversation.id == cls.conversation_id)
            .where(Conversation.visitor_id == visitor_id, cls.created_at > since)
        )
        return bool(db.session.scalar(select(theirs.exists())))

    @classmethod
    def listed(
        cls, shown: Shown, before: Cursor | None = None, through: Cursor | None = None
    ) -> Select["Rating"]:
        """Those asked last first: after `before` in the list, or the list down to `through`."""
        place = tuple_(cls.created_at, cls.id)
        query = select(cls).where(*cls._in(shown.span), *cls._like(shown))
        if before:
            query = query.where(place < tuple_(before.at, before.id))
        if through:
            query = query.where(place >= tuple_(through.at, through.id))
        return query.order_by(cls.created_at.desc(), cls.id.desc())

    @classmethod
    def counts(cls, span: Span) -> Sequence[Any]:
        """How many by member, kind of channel and stars, which are None where nobody answered."""
        query = (
            select(cls.user_id, User.name, Channel.kind, cls.stars, func.count().label("number"))
            .join(Channel, Channel.id == cls.channel_id)
            .outerjoin(User, User.id == cls.user_id)
            .where(*cls._in(span))
            .group_by(cls.user_id, User.name, Channel.kind, cls.stars)
        )
        return db.session.execute(query).all()

    @classmethod
    def _in(cls, span: Span) -> tuple[ColumnElement[bool], ...]:
        return (cls.created_at >= span[0], cls.created_at < span[1])

    @classmethod
    def _like(cls, shown: Shown) -> list[ColumnElement[bool]]:
        found = []
        if shown.stars:
            found.append(cls.stars == shown.stars)
        if shown.answer:
            is_answered = cls.stars.is_not(None)
            found.append(is_answered if shown.answer == "yes" else ~is_answered)
        if shown.member:
            found.append(cls.user_id == shown.member)
        if shown.channel:
            kinds = select(Channel.id).where(Channel.kind == shown.channel)
            found.append(cls.channel_id.in_(kinds))
        return found


class RatingSettings(SettingsRow, Base):
    __tablename__ = "rating_settings"
    __table_args__ = (
        of_business(),
        CheckConstraint("delay_minutes BETWEEN 0 AND 120", name="delay_minutes"),
    )

    is_on: Mapped[bool] = mapped_column(default=True, server_default="true")
    channels: Mapped[list[str]] = mapped_column(
        ARRAY(Text), default=lambda: ["website"], server_default="{website}"
    )  # kinds
    delay_minutes: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    question: Mapped[str] = mapped_column(Text, default="", server_default="")  # "": ours

    def asks_on(self, kind: str) -> bool:
        return self.is_on and kind in self.channels
