"""What members write about a contact and keep for it."""

from datetime import datetime
from typing import ClassVar, Self

from sqlalchemy import Index, Text, select
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, selectinload

from app.accounts.models import User
from app.core import tenancy
from app.core.db import Base, ScopedId, belongs_to, reference
from app.extensions import db


class _OfContact(ScopedId):
    """What a contact has several of, each by a member: `MOST` at the most."""

    MOST: ClassVar[int]

    contact_id: Mapped[int]
    user_id: Mapped[int | None]  # who wrote it, or put it there

    @declared_attr
    @classmethod
    def user(cls) -> Mapped[User | None]:
        owner: Mapped[User | None] = belongs_to("User", f"{cls.__name__}.user_id")
        return owner

    @classmethod
    def of(cls, contact_id: int) -> list[Self]:
        """Newest first."""
        query = select(cls).where(cls.contact_id == contact_id).order_by(cls.id.desc())
        return list(db.session.scalars(query.limit(cls.MOST).options(selectinload(cls.user))))

    @classmethod
    def one_of(cls, contact_id: int, row_id: int) -> Self | None:
        if row_id >= 2**63:
            return None
        found = db.session.get(cls, (tenancy.current_business_id(), row_id))
        return found if found and found.contact_id == contact_id else None


class ContactNote(_OfContact, Base):
    MOST = 500

    __tablename__ = "contact_notes"
    __table_args__ = (reference("contact_id", "contacts"), Index(None, "business_id", "contact_id"))

    body: Mapped[str] = mapped_column(Text)
    edited_at: Mapped[datetime | None]


class ContactFile(_OfContact, Base):
    """`mime` is by its first bytes. The bytes are the file's (core/storage.py)."""

    MOST = 100

    __tablename__ = "contact_files"
    __table_args__ = (
        reference("contact_id", "contacts"),
        reference("file_id", "files"),
        Index(None, "business_id", "contact_id"),
        Index(None, "business_id", "file_id"),
    )

    file_id: Mapped[int]
    name: Mapped[str] = mapped_column(Text)
    mime: Mapped[str] = mapped_column(Text)
    byte_count: Mapped[int]
