"""Two conversations made one, and what it takes to part them."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core import tenancy
from app.core.db import Base, ScopedId, reference
from app.extensions import db

MAX_ID = 2**63 - 1  # of a bigint
UNDO_WITHIN = timedelta(days=30)


class ConversationMerge(ScopedId, Base):
    """`reversal` is conversations/parting.py's: keys, places and columns, and nobody's words."""

    __tablename__ = "conversation_merges"
    __table_args__ = (
        reference("kept_id", "conversations"),
        reference("gone_id", "conversations"),
        CheckConstraint("kept_id <> gone_id", name="two"),
        Index(None, "business_id", "kept_id"),
        Index(None, "business_id", "gone_id"),
    )

    kept_id: Mapped[int]
    gone_id: Mapped[int]
    merged_by: Mapped[int]  # a user
    reversal: Mapped[dict[str, Any]] = mapped_column(JSONB)
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[int | None]  # a user

    @classmethod
    def by_id(cls, merge_id: int) -> "ConversationMerge | None":
        if merge_id > MAX_ID:
            return None
        return db.session.get(cls, (tenancy.current_business_id(), merge_id))
