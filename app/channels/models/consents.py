"""Who may be written to, for what; each change with its evidence. Nothing is ever changed here, only added."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, Select, Text, UniqueConstraint, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, joinedload, mapped_column

from app.accounts.models import User
from app.contacts.models import Visitor
from app.core.db import Base, ScopedId, belongs_to, of_business
from app.extensions import db

PURPOSES = ("marketing", "all")  # "all" out: do not contact at all
BASES = ("word", "button", "preference", "error", "member", "form", "import")


# What a list shows, and the purpose and state that it means.
SHOWN: dict[str, tuple[str, str]] = {
    "in": ("marketing", "in"),
    "out": ("marketing", "out"),
    "never": ("all", "out"),
}


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

    visitor: Mapped[Visitor | None] = belongs_to("Visitor", "Consent.visitor_id")
    user: Mapped[User | None] = belongs_to("User", "Consent.user_id")

    @classmethod
    def listed(
        cls,
        show: str = "",
        kind: str = "",
        addresses: Iterable[str] = (),
        before: int | None = None,
    ) -> "Select[Consent]":
        """Newest first, with who said it and who entered it."""
        people = (joinedload(cls.visitor).joinedload(Visitor.contact), joinedload(cls.user))
        query = select(cls).options(*people).order_by(cls.id.desc())
        if show in SHOWN:
            purpose, state = SHOWN[show]
            query = query.where(cls.purpose == purpose, cls.state == state)
        if kind:
            query = query.where(cls.channel_kind == kind)
        if addresses:
            query = query.where(cls.address.in_(addresses))
        return query.where(cls.id < before) if before else query

    @classmethod
    def history(cls, kind: str, addresses: Iterable[str], limit: int) -> "list[Consent]":
        """Of one person, newest first; what was said by several of its addresses at once is one."""
        found: dict[tuple[Any, ...], Consent] = {}
        query = cls.listed(kind=kind, addresses=list(addresses) or [""]).limit(limit)
        for each in db.session.scalars(query):
            found.setdefault((each.purpose, each.state, each.basis, each.occurred_at), each)
        return list(found.values())
