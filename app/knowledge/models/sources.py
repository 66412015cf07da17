"""Where knowledge comes from, and the passages that were read there."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Index,
    Select,
    SmallInteger,
    Text,
    UniqueConstraint,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import (
    Base,
    BusinessScoped,
    Created,
    ScopedId,
    belongs_to,
    of_business,
    reference,
)
from app.extensions import db

# Where a record is changed, by the beginning of its origin; a domain adds its line here.
MANAGED_AT = {"hours": "business.hours", "profile": "business.profile"}
MAX_ID = 2**63 - 1  # of a bigint; a larger number in a URL is nobody's


class Source(ScopedId, Base):
    """Where knowledge comes from: a file, a website, a question and its answer, the business's own records.

    status: waiting → reading → embedding → ready; or failed, with `error` in the owner's words; or held:
    read, but live it would break a regression case (`held` says which), so it waits for the owner; or
    expired: a note whose day is over, which no answer cites.
    `done_count` of `total_count` chunks are embedded. A file is known by its `sha256`: uploaded twice,
    it stays one source.
    """

    __tablename__ = "sources"
    __table_args__ = (
        of_business(),
        UniqueConstraint("business_id", "sha256"),
        UniqueConstraint("business_id", "origin"),
        CheckConstraint("sync_every IN ('daily', 'weekly', 'monthly')", name="sync_every"),
        reference("file_id", "files", ondelete="SET NULL"),
    )

    kind: Mapped[str] = mapped_column(Text)  # file, qa, website, note, hours, record
    origin: Mapped[str | None] = mapped_column(Text)  # the record it mirrors: hours, service:12
    name: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text, default="waiting", server_default="waiting")
    sha256: Mapped[str | None] = mapped_column(Text)
    file_id: Mapped[int | None]
    question: Mapped[str | None] = mapped_column(Text)
    answer: Mapped[str | None] = mapped_column(Text)
    body: Mapped[str | None] = mapped_column(Text)  # of a note
    valid_until: Mapped[date | None]  # the last day on which a note is cited
    record: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))  # records.py
    done_count: Mapped[int] = mapped_column(default=0, server_default="0")
    total_count: Mapped[int] = mapped_column(default=0, server_default="0")
    error: Mapped[str | None] = mapped_column(Text)
    created_by: Mapped[int | None]  # a user's id
    ready_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(
        default=0, server_default="0"
    )  # a job of an older one stops
    held: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB(none_as_null=True))
    notice: Mapped[str | None] = mapped_column(Text)  # what the owner should know of what was read
    alert: Mapped[str | None] = mapped_column(Text)  # what needs the owner; at most one a run
    address: Mapped[str | None] = mapped_column(Text)  # of a website
    page_limit: Mapped[int | None]
    page_count: Mapped[int | None]  # that were read in the last run
    sync_every: Mapped[str | None] = mapped_column(Text)  # daily, weekly, monthly; None: by hand
    synced_at: Mapped[datetime | None]
    next_sync_at: Mapped[datetime | None]

    @property
    def is_question(self) -> bool:
        return self.kind == "qa"

    @property
    def is_website(self) -> bool:
        return self.kind == "website"

    @property
    def is_note(self) -> bool:
        return self.kind == "note"

    @property
    def is_record(self) -> bool:
        """Mirrors one of the business's own records: changed there, never here."""
        return self.origin is not None

    @property
    def managed_at(self) -> str | None:
        """The endpoint of the page where its record is changed."""
        return MANAGED_AT.get((self.origin or "").partition(":")[0])

    @property
    def is_at_work(self) -> bool:
        """Somebody waits for it: not ready and not failed."""
        return self.status in ("waiting", "reading", "embedding")

    @property
    def file_type(self) -> str:
        return self.name.rpartition(".")[2].upper()

    @classmethod
    def by_id(cls, source_id: int) -> "Source | None":
        if source_id > MAX_ID:
            return None
        return db.session.scalar(select(cls).where(cls.id == source_id))

    @classmethod
    def listed(cls, show: str = "all", words: str = "") -> Select[Any]:
        """Newest first: all, files, websites, questions, own words or failed, with these words in the name."""
        query = select(cls).order_by(cls.id.desc())
        if show == "files":
            query = query.where(cls.kind == "file")
        elif show == "websites":
            query = query.where(cls.kind == "website")
        elif show == "questions":
            query = query.where(cls.kind == "qa")
        elif show == "own":
            query = query.where(cls.kind.in_(("note", "hours", "record")))
        elif show == "failed":
            query = query.where(cls.status == "failed")
        return query.where(cls.name.icontains(words, autoescape=True)) if words else query

    @classmethod
    def is_any_ready(cls) -> bool:
        return bool(db.session.scalar(select(select(cls).where(cls.status == "ready").exists())))

    @classmethod
    def names(cls, limit: int) -> list[str]:
        """Of the newest, each once."""
        newest = select(cls.name).order_by(cls.id.desc()).limit(limit)
        return list(dict.fromkeys(db.session.scalars(newest)))

    @classmethod
    def needing_owner(cls, limit: int = 5) -> "list[Source]":
        """Held, or with something to say after its last run; newest first."""
        query = select(cls).where((cls.status == "held") | cls.alert.is_not(None))
        return list(db.session.scalars(query.order_by(cls.id.desc()).limit(limit)))


class Document(ScopedId, Base):
    """One readable text of a source: the file, or a page of a website with its `url`."""

    __tablename__ = "documents"
    __table_args__ = (
        reference("source_id", "sources"),
        UniqueConstraint("business_id", "source_id", "url", postgresql_nulls_not_distinct=True),
    )

    source_id: Mapped[int]
    title: Mapped[str] = mapped_column(Text)
    url: Mapped[str | None] = mapped_column(Text)
    revision: Mapped[int] = mapped_column(
        default=0, server_default="0"
    )  # of the source, as last read
    language: Mapped[str] = mapped_column(Text, default="en")  # ISO 639-1, decides the stemmer

    source: Mapped[Source] = belongs_to("Source", "Document.source_id")


class Chunk(ScopedId, Base):
    """A passage of whole sentences, about 120 words, or one question with its answer."""

    __tablename__ = "chunks"
    __table_args__ = (
        reference("document_id", "documents"),
        Index(None, "business_id", "document_id", "position"),
    )

    document_id: Mapped[int]
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(Text)  # prose, qa
    heading: Mapped[str] = mapped_column(Text, default="")  # path, "Delivery › Where we deliver"
    question: Mapped[str] = mapped_column(Text, default="")  # of a qa
    text: Mapped[str] = mapped_column(Text)
    page: Mapped[int | None]
    anchor: Mapped[str] = mapped_column(Text, default="")
    fingerprint: Mapped[str] = mapped_column(Text, default="", server_default="")
    revision: Mapped[int] = mapped_column(default=0, server_default="0")  # that last had this text

    document: Mapped[Document] = belongs_to("Document", "Chunk.document_id")


class ChunkCitation(BusinessScoped, Created, Base):
    """An answer to a visitor quoted this chunk. Goes with the chunk or the message."""

    __tablename__ = "chunk_citations"
    __table_args__ = (
        reference("chunk_id", "chunks"),
        reference("message_id", "messages"),
        Index(None, "business_id", "message_id"),
    )

    chunk_id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(primary_key=True)


class WebPage(ScopedId, Base):
    """An address of a website source, as the last crawl that came to it found it.

    status: waiting, read, skipped, failed, gone; `message` says why in the owner's words. A page whose
    `revision` is older than its source's is still to be visited in this run.
    """

    __tablename__ = "web_pages"
    __table_args__ = (
        reference("source_id", "sources"),
        reference("document_id", "documents", ondelete="SET NULL"),
        UniqueConstraint("business_id", "source_id", "url"),
        Index(None, "business_id", "document_id"),
        CheckConstraint(
            "status IN ('waiting', 'read', 'skipped', 'failed', 'gone')", name="status"
        ),
    )

    source_id: Mapped[int]
    document_id: Mapped[int | None]
    url: Mapped[str] = mapped_column(Text)
    depth: Mapped[int] = mapped_column(SmallInteger)  # links from the address that was given
    status: Mapped[str] = mapped_column(Text, default="waiting", server_default="waiting")
    message: Mapped[str | None] = mapped_column(Text)
    etag: Mapped[str | None] = mapped_column(Text)
    last_modified: Mapped[str | None] = mapped_column(Text)  # as the site writes it
    fingerprint: Mapped[str | None] = mapped_column(Text)  # of its readable text
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    revision: Mapped[int] = mapped_column(default=0, server_default="0")
    checked_at: Mapped[datetime | None]
