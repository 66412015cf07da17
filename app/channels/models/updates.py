"""What providers tell us, stored as it came; and by which address a provider knows a visitor."""

from datetime import datetime
from typing import Any
from zlib import crc32

from sqlalchemy import Index, Text, UniqueConstraint, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, ScopedId, reference
from app.core.preparing import PREPARED
from app.extensions import db

LANES = 8  # of a channel that are worked off beside each other; one person is always in the same
IS_WAITING = "done_at IS NULL AND failed_at IS NULL"


class ChannelUpdate(ScopedId, Base):
    """One message, status or notice of a provider. `external_id` is what makes it the same update when it is
    told twice. Waiting, done, or given up (`failed_at`, with `error`). Forgotten after 30 days."""

    __tablename__ = "channel_updates"
    __table_args__ = (
        reference("channel_id", "channels"),
        UniqueConstraint("business_id", "channel_id", "external_id"),
        Index(
            "ix_channel_updates_waiting",
            "business_id",
            "channel_id",
            "lane",
            "id",
            postgresql_where=text(IS_WAITING),
        ),
        Index(None, "business_id", "created_at"),
    )

    channel_id: Mapped[int]
    external_id: Mapped[str] = mapped_column(Text)
    person: Mapped[str] = mapped_column(Text)  # whose; "" for what is about the channel itself
    lane: Mapped[int]
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    occurred_at: Mapped[datetime]  # by the provider's clock
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    retry_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(Text)


def lane_of(person: str) -> int:
    return crc32(person.encode()) % LANES


class VisitorAddress(ScopedId, Base):
    """By what a provider knows a visitor on a channel. Somebody on WhatsApp may have two: a number, and a
    user id that is the business's own. The unique constraint is what makes two visitors of one impossible."""

    __tablename__ = "visitor_addresses"
    __table_args__ = (
        reference("channel_id", "channels"),
        reference("visitor_id", "visitors"),
        UniqueConstraint("business_id", "channel_id", "kind", "value"),
        Index(None, "business_id", "visitor_id"),
    )

    channel_id: Mapped[int]
    visitor_id: Mapped[int]
    kind: Mapped[str] = mapped_column(
        Text
    )  # phone (E.164), user (WhatsApp's), page_user (Messenger's), email
    value: Mapped[str] = mapped_column(Text)

    @classmethod
    def of_visitor(cls, visitor_id: int) -> "list[VisitorAddress]":
        found = select(cls).where(cls.visitor_id == visitor_id).order_by(cls.id)
        return list(db.session.scalars(found.execution_options(**PREPARED)))
