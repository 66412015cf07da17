"""Saved rules about contacts, by name."""

from datetime import datetime
from typing import Any

from sqlalchemy import Text, UniqueConstraint, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, validates

from app.core import tenancy
from app.core.db import Base, ScopedId, now, of_business
from app.extensions import db
from app.lib import names


class Segment(ScopedId, Base):
    """`rules` are segments.rules.Rules. Who is in it is asked anew each time."""

    __tablename__ = "segments"
    __table_args__ = (of_business(), UniqueConstraint("business_id", "name_key"))

    name: Mapped[str] = mapped_column(Text)
    name_key: Mapped[str] = mapped_column(Text(collation="C"))
    rules: Mapped[dict[str, Any]] = mapped_column(JSONB)
    user_id: Mapped[int | None]  # who made it
    changed_at: Mapped[datetime] = mapped_column(default=now)

    @validates("name")
    def _keep_key(self, _key: str, name: str) -> str:
        self.name_key = names.key(name)
        return name

    @classmethod
    def all(cls) -> "list[Segment]":
        return list(db.session.scalars(select(cls).order_by(cls.name_key)))

    @classmethod
    def by_id(cls, segment_id: int) -> "Segment | None":
        if segment_id >= 2**63:
            return None
        return db.session.get(cls, (tenancy.current_business_id(), segment_id))
