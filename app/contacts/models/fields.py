"""What a business wants to know of its contacts beside name and address."""

from datetime import datetime

from sqlalchemy import CheckConstraint, SmallInteger, Text, UniqueConstraint, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core import tenancy
from app.core.db import Base, ScopedId, of_business
from app.extensions import db

FIELD_KINDS = ("text", "number", "date", "yes_no", "choice", "link")


class ContactField(ScopedId, Base):
    """A value stands under `key` in `contacts.custom`, which never changes; the label may. An archived field
    keeps its values and isn't shown."""

    __tablename__ = "contact_fields"
    __table_args__ = (
        of_business(),
        UniqueConstraint("business_id", "key"),
        CheckConstraint(
            "kind IN ('text', 'number', 'date', 'yes_no', 'choice', 'link')", name="kind"
        ),
    )

    key: Mapped[str] = mapped_column(Text)
    label: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    choices: Mapped[list[str]] = mapped_column(JSONB, default=list, server_default="[]")
    position: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    archived_at: Mapped[datetime | None]

    @classmethod
    def all(cls, *, archived: bool = False) -> "list[ContactField]":
        """In the order of the page."""
        there = cls.archived_at.is_not(None) if archived else cls.archived_at.is_(None)
        return list(db.session.scalars(select(cls).where(there).order_by(cls.position, cls.id)))

    @classmethod
    def by_id(cls, field_id: int) -> "ContactField | None":
        if field_id >= 2**63:
            return None
        return db.session.get(cls, (tenancy.current_business_id(), field_id))
