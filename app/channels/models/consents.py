"""Who may be written to, for what; each change with its evidence. Nothing is ever changed here, only added."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, ScopedId, of_business

PURPOSES = ("marketing", "all")  # "all" out: do not contact at all
BASES = ("word", "button", "preference", "error", "member", "form", "import")


class Consent(ScopedId, Base):
    """The newest of an address and a purpose counts. By address, not by visitor: two numbers of one business
    know the same person as two visitors."""

    __tablename__ = "consents"
    __table_args__ = (
        of_business(),
        UniqueConstraint("business_id", "source_key"),
        CheckConstraint("purpose IN ('marketing', 'all')", name="purpose"),
        CheckConstraint("state IN ('in', 'out')", name="state"),
        Index(None, "business_id", "channel_kind", "address", "purpose", "id"),
        Index(None, "business_id", "visitor_id"),
    )

    channel_kind: Mapped[str] = mapped_column(Text)
    address: Mapped[str] = mapped_column(
        Text
    )  # "phone:+447700900123", as VisitorAddress has kind and value
    visitor_id: Mapped[int | None]  # who said it, if anybody is known by it
    purpose: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    basis: Mapped[str] = mapped_column(Text)  # BASES
    evidence: Mapped[dict[str, Any]] = mapped_column(
        JSONB, default=dict
    )  # the words, the message, who, where
    user_id: Mapped[int | None]  # the member who entered it
    source_key: Mapped[str | None] = mapped_column(Text)  # told twice, kept once
    occurred_at: Mapped[datetime]
