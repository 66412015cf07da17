"""What members were told, how they want to be told, and the browsers that they are told in."""

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    Index,
    SmallInteger,
    Text,
    UniqueConstraint,
    func,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.conversations.models import Conversation
from app.core import tenancy
from app.core.db import Base, BusinessScoped, ScopedId, belongs_to, of_business, reference
from app.extensions import db


class Notification(ScopedId, Base):
    """One thing that a member was told of. What happens again before they have read it is counted on the same row;
    `about` names what it is of: “conversation 12”, “channel 3”."""

    __tablename__ = "notifications"
    __table_args__ = (
        of_business(),
        reference("conversation_id", "conversations"),
        Index(None, "business_id", "user_id", "happened_at"),
        Index(None, "business_id", "conversation_id", "user_id"),
        Index(
            "uq_notifications_unread",
            "business_id",
            "user_id",
            "event",
            "about",
            unique=True,
            postgresql_where=text("read_at IS NULL"),
        ),
    )

    user_id: Mapped[int]
    event: Mapped[str] = mapped_column(Text)
    about: Mapped[str] = mapped_column(Text)
    conversation_id: Mapped[int | None]
    who: Mapped[str] = mapped_column(Text)  # the visitor, or the channel
    text: Mapped[str] = mapped_column(Text)
    by_id: Mapped[int | None]  # the colleague who did it
    since: Mapped[int]  # from this position on, no e-mail has told it
    position: Mapped[int]  # in the conversation, of the newest; elsewhere a number that grows
    count: Mapped[int] = mapped_column(default=1)
    happened_at: Mapped[datetime]  # the newest
    read_at: Mapped[datetime | None]
    is_shown: Mapped[bool]  # in Frontdesk; otherwise by e-mail or in the browser alone
    wants_mail: Mapped[bool]  # until it is sent
    wants_push: Mapped[bool]

    conversation: Mapped[Conversation | None] = belongs_to(
        "Conversation", "Notification.conversation_id"
    )

    @classmethod
    def listed(cls, user_id: int, limit: int, before: int | None = None) -> "list[Notification]":
        """Newest first. `before`: the id of the last that was seen."""
        query = select(cls).where(cls.user_id == user_id, cls.is_shown)
        if before is not None:
            last = select(cls.happened_at).where(cls.id == before).scalar_subquery()
            query = query.where(
                (cls.happened_at < last) | ((cls.happened_at == last) & (cls.id < before))
            )
        newest = query.order_by(cls.happened_at.desc(), cls.id.desc()).limit(limit)
        return list(db.session.scalars(newest))

    @classmethod
    def unread_count(cls, user_id: int) -> int:
        unread = select(cls.id).where(cls.user_id == user_id, cls.read_at.is_(None), cls.is_shown)
        capped = unread.limit(100).subquery()
        return db.session.scalar(select(func.count()).select_from(capped)) or 0

    @classmethod
    def waiting(cls, user_id: int, about: str) -> "list[Notification]":
        """Unread, the newest last."""
        unread = (cls.user_id == user_id, cls.about == about, cls.read_at.is_(None))
        return list(db.session.scalars(select(cls).where(*unread).order_by(cls.happened_at)))


class NotificationChoice(BusinessScoped, Base):
    """A member's own ways of being told, by event. What isn't in `ways` is as their role has it."""

    __tablename__ = "notification_choices"
    __table_args__ = (
        of_business(),
        CheckConstraint("quiet_from BETWEEN 0 AND 1439", name="quiet_from"),
        CheckConstraint("quiet_to BETWEEN 0 AND 1439", name="quiet_to"),
    )

    user_id: Mapped[int] = mapped_column(primary_key=True)
    ways: Mapped[dict[str, list[str]]] = mapped_column(JSONB, default=dict)
    quiet_days: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger), default=list)
    quiet_from: Mapped[int] = mapped_column(SmallInteger, default=22 * 60)
    quiet_to: Mapped[int] = mapped_column(SmallInteger, default=7 * 60)
    time_zone: Mapped[str] = mapped_column(Text, default="")  # "": the business's
    shows_text: Mapped[bool] = mapped_column(default=False)  # in a browser's notification

    @classmethod
    def of(cls, user_id: int) -> "NotificationChoice | None":
        return db.session.get(cls, (tenancy.current_business_id(), user_id))


class PushSubscription(ScopedId, Base):
    """A browser that a member is told in, by the address that its maker's push service gave it."""

    __tablename__ = "push_subscriptions"
    __table_args__ = (
        of_business(),
        UniqueConstraint("business_id", "endpoint"),
        Index(None, "business_id", "user_id"),
    )

    user_id: Mapped[int]
    endpoint: Mapped[str] = mapped_column(Text)
    p256dh: Mapped[str] = mapped_column(Text)  # the browser's public key
    auth: Mapped[str] = mapped_column(Text)  # of use to nobody without our private key
    server_key: Mapped[str] = mapped_column(Text)  # ours, with which it was made
    browser: Mapped[str] = mapped_column(Text)  # as its owner knows it

    @classmethod
    def of_users(cls, user_ids: "list[int]") -> "list[PushSubscription]":
        found = select(cls).where(cls.user_id.in_(user_ids)).order_by(cls.id)
        return list(db.session.scalars(found))

    @classmethod
    def by_id(cls, subscription_id: int) -> "PushSubscription | None":
        return db.session.get(cls, (tenancy.current_business_id(), subscription_id))
