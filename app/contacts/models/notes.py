"""What members write about a contact and keep for it."""

from datetime import datetime

from sqlalchemy import Index, Text, select
from sqlalchemy.orm import Mapped, mapped_column, selectinload

from app.accounts.models import User
from app.core import tenancy
from app.core.db import Base, ScopedId, belongs_to, reference
from app.extensions import db

MOST_NOTES = 100  # that a page shows, newest first
MOST_FILES = 100


class ContactNote(ScopedId, Base):
    __tablename__ = "contact_notes"
    __table_args__ = (reference("contact_id", "contacts"), Index(None, "business_id", "contact_id"))

    contact_id: Mapped[int]
    user_id: Mapped[int | None]  # who wrote it
    body: Mapped[str] = mapped_column(Text)
    edited_at: Mapped[datetime | None]

    user: Mapped[User | None] = belongs_to("User", "ContactNote.user_id")

    @classmethod
    def of(cls, contact_id: int) -> "list[ContactNote]":
        query = select(cls).where(cls.contact_id == contact_id).order_by(cls.id.desc())
        return list(db.session.scalars(query.limit(MOST_NOTES).options(selectinload(cls.user))))

    @classmethod
    def one_of(cls, contact_id: int, note_id: int) -> "ContactNote | None":
        if note_id >= 2**63:
            return None
        found = db.session.get(cls, (tenancy.current_business_id(), note_id))
        return found if found and found.contact_id == contact_id else None


class ContactFile(ScopedId, Base):
    """`mime` is by its first bytes. The bytes are the file's (core/storage.py)."""

    __tablename__ = "contact_files"
    __table_args__ = (
        reference("contact_id", "contacts"),
        reference("file_id", "files"),
        Index(None, "business_id", "contact_id"),
        Index(None, "business_id", "file_id"),
    )

    contact_id: Mapped[int]
    file_id: Mapped[int]
    name: Mapped[str] = mapped_column(Text)
    mime: Mapped[str] = mapped_column(Text)
    byte_count: Mapped[int]
    user_id: Mapped[int | None]  # who put it there

    user: Mapped[User | None] = belongs_to("User", "ContactFile.user_id")

    @classmethod
    def of(cls, contact_id: int) -> "list[ContactFile]":
        query = select(cls).where(cls.contact_id == contact_id).order_by(cls.id.desc())
        return list(db.session.scalars(query.limit(MOST_FILES).options(selectinload(cls.user))))

    @classmethod
    def one_of(cls, contact_id: int, file_id: int) -> "ContactFile | None":
        if file_id >= 2**63:
            return None
        found = db.session.get(cls, (tenancy.current_business_id(), file_id))
        return found if found and found.contact_id == contact_id else None
