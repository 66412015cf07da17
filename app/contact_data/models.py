"""Many contacts at once: what was imported, changed and exported, and what it takes to take that back."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, Text, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.contacts import moving
from app.core import tenancy
from app.core.db import Base, BusinessScoped, ScopedId, of_business, reference
from app.extensions import db

MAX_ID = 2**63 - 1  # of a bigint


class _Kept(ScopedId):
    @classmethod
    def by_id(cls, row_id: int, *, locked: bool = False) -> Any:
        if row_id > MAX_ID:
            return None
        key = (tenancy.current_business_id(), row_id)
        return db.session.get(cls, key, with_for_update=locked or None, populate_existing=locked)


class ContactImport(_Kept, Base):
    """A file on its way into the contacts. `settings` are importing.plan.Settings, what a member chose; `found` is what
    the reader made of the file. The file itself goes once all of it is in."""

    __tablename__ = "contact_imports"
    __table_args__ = (
        of_business(),
        reference("file_id", "files", ondelete="SET NULL"),
        Index(None, "business_id", "file_id"),
        Index(None, "business_id", "sha256"),
        CheckConstraint(
            "status IN ('reading', 'ready', 'checking', 'checked', 'running', 'done', 'undoing', 'undone', 'failed')",
            name="status",
        ),
    )

    user_id: Mapped[int | None]
    file_id: Mapped[int | None]
    name: Mapped[str] = mapped_column(Text)  # the file's
    sha256: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text, default="reading")
    problem: Mapped[str] = mapped_column(Text, default="")
    revision: Mapped[int] = mapped_column(default=1)  # a job of an older one stops
    settings: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    found: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    row_count: Mapped[int] = mapped_column(default=0)
    done_count: Mapped[int] = mapped_column(default=0)  # of the step that is on its way
    finished_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]


class ImportRow(BusinessScoped, Base):
    """`outcome` is the dry run's until `is_done`, then what was. `reversal`: what undoing needs, by importing.undoing."""

    __tablename__ = "contact_import_rows"
    __table_args__ = (
        reference("import_id", "contact_imports"),
        reference("contact_id", "contacts"),
        Index("ix_contact_import_rows_outcome", "business_id", "import_id", "outcome", "number"),
        Index(None, "business_id", "contact_id"),
        CheckConstraint(
            "outcome IN ('new', 'updated', 'unchanged', 'skipped', 'error')", name="outcome"
        ),
    )

    import_id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # of its line
    cells: Mapped[list[str]] = mapped_column(JSONB)
    outcome: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    contact_id: Mapped[int | None]
    is_done: Mapped[bool] = mapped_column(default=False, server_default="false")
    reversal: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))


class ImportKey(BusinessScoped, Base):
    """Which line of a file has an address first, so that a dry run knows the second as the same person."""

    __tablename__ = "contact_import_keys"
    __table_args__ = (reference("import_id", "contact_imports"),)

    import_id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(Text(collation="C"), primary_key=True)
    number: Mapped[int]


class ContactEdit(_Kept, Base):
    """One thing done to many contacts. `value` is what the verb needs (editing.verbs)."""

    __tablename__ = "contact_edits"
    __table_args__ = (
        of_business(),
        Index(None, "business_id", "created_at"),
        CheckConstraint("status IN ('running', 'done', 'undoing', 'undone')", name="status"),
    )

    user_id: Mapped[int | None]
    what: Mapped[str] = mapped_column(Text)
    value: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    status: Mapped[str] = mapped_column(Text, default="running")
    row_count: Mapped[int] = mapped_column(default=0)
    done_count: Mapped[int] = mapped_column(default=0)
    finished_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]


class EditRow(BusinessScoped, Base):
    """`state`: waiting, changed, same, refused; after undoing undone or left."""

    __tablename__ = "contact_edit_rows"
    __table_args__ = (
        reference("edit_id", "contact_edits"),
        reference("contact_id", "contacts"),
        Index(None, "business_id", "contact_id"),
        Index("ix_contact_edit_rows_state", "business_id", "edit_id", "state", "contact_id"),
    )

    edit_id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(Text, default="waiting", server_default="waiting")
    reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    before: Mapped[Any] = mapped_column(JSONB, nullable=True)
    after: Mapped[Any] = mapped_column(JSONB, nullable=True)


class ContactExport(_Kept, Base):
    """A file on its way out. `chosen` says of whom (choosing.Chosen); `contact_id` is the one of a person's own."""

    __tablename__ = "contact_exports"
    __table_args__ = (
        of_business(),
        reference("file_id", "files", ondelete="SET NULL"),
        reference("contact_id", "contacts"),
        Index(None, "business_id", "file_id"),
        Index(None, "business_id", "contact_id"),
        CheckConstraint("status IN ('running', 'done', 'failed')", name="status"),
        CheckConstraint("format IN ('csv', 'xlsx', 'person')", name="format"),
    )

    user_id: Mapped[int | None]
    format: Mapped[str] = mapped_column(Text)
    chosen: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    contact_id: Mapped[int | None]
    name: Mapped[str] = mapped_column(Text)  # of the file
    status: Mapped[str] = mapped_column(Text, default="running")
    problem: Mapped[str] = mapped_column(Text, default="")
    row_count: Mapped[int] = mapped_column(default=0)
    done_count: Mapped[int] = mapped_column(default=0)
    file_id: Mapped[int | None]
    finished_at: Mapped[datetime | None]

    @classmethod
    def newest(cls, limit: int = 20) -> "list[ContactExport]":
        return list(db.session.scalars(select(cls).order_by(cls.id.desc()).limit(limit)))


moving.moves(ImportRow)
moving.moves(EditRow)
moving.moves(ContactExport)
