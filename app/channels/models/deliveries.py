"""What is sent through a provider, and how far it got."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, undefer

from app.channels.models.channels import Channel
from app.contacts.models import Visitor
from app.core.db import Base, ScopedId, reference
from app.core.preparing import PREPARED
from app.extensions import db

# In the order in which they come; a status never goes back. "sending": the request is on its way, or its worker
# died. "unknown": it may have been sent, the provider's callback will say. "sent": the provider has it.
STATUSES = ("queued", "sending", "unknown", "sent", "delivered", "read", "played")
ENDS = (
    "failed",
    "dropped",
)  # by the provider or for good; by us, before it was sent (window, consent, block)
OPEN = ("queued", "sending", "unknown")


class Delivery(ScopedId, Base):
    """One message to one visitor through one channel. Those of a visitor go out in the order of their ids.

    `token` goes along with it and comes back with its statuses, where the provider carries such a thing.
    `error` is in plain words and `next_step` says what can be done about it.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        reference("channel_id", "channels"),
        reference("visitor_id", "visitors"),
        reference("conversation_id", "conversations"),
        reference("message_id", "messages"),
        UniqueConstraint("business_id", "channel_id", "provider_id"),
        UniqueConstraint("business_id", "token"),
        CheckConstraint(
            "status IN ('queued', 'sending', 'unknown', 'sent', 'delivered', 'read', 'played', "
            "'failed', 'dropped')",
            name="status",
        ),
        Index(
            "ix_deliveries_open",
            "business_id",
            "visitor_id",
            "id",
            postgresql_where=text("status IN ('queued', 'sending', 'unknown')"),
        ),
        Index(None, "business_id", "message_id"),
        Index(None, "business_id", "conversation_id"),
        Index(None, "business_id", "channel_id", "sending_at"),
    )

    channel_id: Mapped[int]
    visitor_id: Mapped[int]
    conversation_id: Mapped[int]
    message_id: Mapped[int | None]  # None: seen by nobody in the inbox
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)  # app/channels/content.py
    category: Mapped[str] = mapped_column(Text)  # service, utility, marketing, authentication
    reply_to: Mapped[str | None] = mapped_column(Text)  # the provider's id of what it quotes
    reads: Mapped[str | None] = mapped_column(Text)  # … of what is marked as read with it
    token: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text, default="queued")
    provider_id: Mapped[str | None] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    available_at: Mapped[datetime]  # not before
    sending_at: Mapped[datetime | None]  # the last attempt began
    heard_at: Mapped[datetime | None]  # a callback has brought its token back
    sent_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    played_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]  # or dropped
    # border.TROUBLES of the last attempt; or "died": its worker did, "pace": the channel's limits, "held": by the
    # provider, "blocked": by a member, "off": the channel is disconnected.
    trouble: Mapped[str | None] = mapped_column(Text)
    error_code: Mapped[str | None] = mapped_column(Text)  # the provider's
    error: Mapped[str | None] = mapped_column(Text)
    next_step: Mapped[str | None] = mapped_column(Text)
    pricing: Mapped[dict[str, Any] | None] = mapped_column(
        JSONB
    )  # what the provider says of its price

    @classmethod
    def of_messages(cls, message_ids: list[int]) -> "dict[int, Delivery]":
        """The newest of each message; of one that went out in parts the part that got least far."""
        query = select(cls).where(cls.message_id.in_(message_ids)).order_by(cls.id)
        parts: dict[int, dict[str, Delivery]] = {}
        for each in db.session.scalars(query):
            if each.message_id is not None:
                parts.setdefault(each.message_id, {})[repr(each.content)] = each
        order = (*ENDS, *STATUSES)
        return {
            message_id: min(reversed(found.values()), key=lambda part: order.index(part.status))
            for message_id, found in parts.items()
        }

    @classmethod
    def open_of(cls, visitor_id: int) -> "list[tuple[Delivery, Channel, Visitor]]":
        """In order, with what is looked at before one is sent."""
        query = (
            select(cls, Channel, Visitor)
            .join(Channel, Channel.id == cls.channel_id)
            .join(Visitor, Visitor.id == cls.visitor_id)
            .where(cls.visitor_id == visitor_id, cls.status.in_(OPEN))
            .options(undefer(Channel.credentials_json))
        )
        found = db.session.execute(query.order_by(cls.id).execution_options(**PREPARED))
        return [(row[0], row[1], row[2]) for row in found]

    @classmethod
    def locked(cls, delivery_id: int) -> "Delivery | None":
        """As it is now, and nobody else changes it until the transaction ends."""
        query = select(cls).where(cls.id == delivery_id).with_for_update()
        return db.session.scalar(query.execution_options(populate_existing=True, **PREPARED))

    @property
    def is_over(self) -> bool:
        return self.status in ENDS
