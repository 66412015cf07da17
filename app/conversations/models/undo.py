"""What can be taken back for a while."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Index, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core import tenancy
from app.core.db import Base, ScopedId, now, of_business
from app.extensions import db

KEPT = timedelta(minutes=10)


class UndoStep(ScopedId, Base):
    """One thing that a member did to some conversations: how each was before, and how it was left."""

    __tablename__ = "undo_steps"
    __table_args__ = (of_business(), Index(None, "business_id", "created_at"))

    user_id: Mapped[int]
    what: Mapped[str] = mapped_column(Text)  # bulk.ACTIONS
    changes: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)  # conversation_id, before, after
    undone_at: Mapped[datetime | None]

    @classmethod
    def of_member(cls, step_id: int, user_id: int) -> "UndoStep | None":
        """None when it is another member's, or too old."""
        key = (tenancy.current_business_id(), step_id)
        step = db.session.get(cls, key, with_for_update=True)
        if step is None or step.user_id != user_id or step.created_at <= now() - KEPT:
            return None
        return step
