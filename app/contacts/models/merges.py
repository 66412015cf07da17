"""That two contacts were made one, and what it takes to part them again."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, Text, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core import tenancy
from app.core.db import Base, ScopedId, reference
from app.extensions import db


class ContactMerge(ScopedId, Base):
    """`reversal`: {"moved": {table: [keys of rows]}, "dropped": {table: [rows]}, "before", "after": columns of
    the contact that stayed}. `actor` is a member, or the system where a provider vouched for both."""

    __tablename__ = "contact_merges"
    __table_args__ = (
        reference("kept_id", "contacts"),
        reference("gone_id", "contacts"),
        CheckConstraint("kept_id <> gone_id", name="two"),
        Index(None, "business_id", "kept_id"),
        Index(None, "business_id", "gone_id"),
    )

    kept_id: Mapped[int]
    gone_id: Mapped[int]
    gone_name: Mapped[str] = mapped_column(Text)
    merged_by: Mapped[int | None]  # a user
    reversal: Mapped[dict[str, Any]] = mapped_column(JSONB)
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[int | None]  # a user

    @classmethod
    def by_id(cls, merge_id: int, *, locked: bool = False) -> "ContactMerge | None":
        if merge_id >= 2**63:
            return None
        key = (tenancy.current_business_id(), merge_id)
        return db.session.get(cls, key, with_for_update=locked or None, populate_existing=locked)

    @classmethod
    def since(cls, contact_id: int, moment: datetime) -> "list[ContactMerge]":
        """Into this contact and not undone, newest first."""
        query = select(cls).where(
            cls.kept_id == contact_id, cls.undone_at.is_(None), cls.created_at >= moment
        )
        return list(db.session.scalars(query.order_by(cls.id.desc())))
