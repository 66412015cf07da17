"""Lists of conversations that a member keeps under a name."""

from typing import Any

from sqlalchemy import CheckConstraint, Index, Text, or_, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core import tenancy
from app.core.db import Base, ScopedId, of_business
from app.extensions import db

MAX_NAME = 40  # characters
MOST = 20  # that one member sees


class SavedView(ScopedId, Base):
    """What the list is narrowed to, as an address has it. Without `user_id` it is the whole team's."""

    __tablename__ = "saved_views"
    __table_args__ = (
        of_business(),
        CheckConstraint(f"char_length(name) BETWEEN 1 AND {MAX_NAME}", name="name"),
        Index(None, "business_id", "place"),
    )

    name: Mapped[str] = mapped_column(Text)
    user_id: Mapped[int | None]
    place: Mapped[int] = mapped_column(default=0)  # in the order of the views
    filters: Mapped[dict[str, Any]] = mapped_column(JSONB)

    @property
    def is_shared(self) -> bool:
        return self.user_id is None

    @classmethod
    def of(cls, user_id: int) -> "list[SavedView]":
        """Those that the member sees: the team's, then their own, each in its order."""
        mine = or_(cls.user_id.is_(None), cls.user_id == user_id)
        order = (cls.user_id.is_not(None), cls.place, cls.id)
        return list(db.session.scalars(select(cls).where(mine).order_by(*order)))

    @classmethod
    def by_id(cls, view_id: int, user_id: int) -> "SavedView | None":
        """Another member's own isn't there."""
        found = db.session.get(cls, (tenancy.current_business_id(), view_id))
        return found if found and found.user_id in (None, user_id) else None
