"""What the business knows: sources, their documents, and the chunks and sentences that answers quote."""

from datetime import date, datetime
from typing import Any

from pgvector.sqlalchemy import HALFVEC
from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Float,
    ForeignKeyConstraint,
    Index,
    Integer,
    Select,
    SmallInteger,
    Text,
    UniqueConstraint,
    case,
    func,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, joinedload, mapped_column

from app.core.db import (
    Base,
    BusinessScoped,
    Created,
    ScopedId,
    belongs_to,
    now,
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


class ChunkVector(BusinessScoped, Base):
    """A chunk's embedding by the model that serves the business, away from its text: a vector beside text
    goes to TOAST and scans triple.

    A chunk without a row here is not embedded yet and can't be found; one that is not live waits until
    all of its source's new text is. `reading` and `term_count` stand here because every search scans
    this table and only this one.
    """

    __tablename__ = "chunk_vectors"
    __table_args__ = (
        reference("chunk_id", "chunks"),
        Index(
            "ix_chunk_vectors_staged",
            "business_id",
            "chunk_id",
            postgresql_where=text("NOT is_live"),
        ),
    )

    chunk_id: Mapped[int] = mapped_column(primary_key=True)
    reading: Mapped[int] = mapped_column(SmallInteger)  # language.Reading: what its cosine is worth
    term_count: Mapped[int] = mapped_column(Integer)  # its length for BM25
    is_live: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    embedding: Mapped[Any] = mapped_column(HALFVEC)


class Sentence(BusinessScoped, Base):
    """A sentence of a chunk with its own embedding: it finds, and it is what an answer quotes.

    Position 0 is the question of a qa; a passage's and an answer's sentences count from 1.
    """

    __tablename__ = "sentences"
    __table_args__ = (reference("chunk_id", "chunks"),)

    chunk_id: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    terms: Mapped[list[str]] = mapped_column(ARRAY(Text))  # its stems, each once
    embedding: Mapped[Any] = mapped_column(HALFVEC)


class NextVector(BusinessScoped, Base):
    """What another model has made of a chunk (position -1) or a sentence, until it serves (reembedding.py)."""

    __tablename__ = "next_vectors"
    __table_args__ = (reference("chunk_id", "chunks"),)

    chunk_id: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    embedding: Mapped[Any] = mapped_column(HALFVEC)


class Posting(BusinessScoped, Base):
    """A word stem in a chunk: the lexical half of retrieval."""

    __tablename__ = "postings"
    __table_args__ = (
        reference("chunk_id", "chunks"),
        Index(None, "business_id", "chunk_id"),
    )

    term: Mapped[str] = mapped_column(Text, primary_key=True)
    chunk_id: Mapped[int] = mapped_column(primary_key=True)
    frequency: Mapped[int] = mapped_column(SmallInteger)


class SearchStatistics(BusinessScoped, Base):
    """Of a large business, whose passages no search counts anew; a small one has no row (tuning.py)."""

    __tablename__ = "search_statistics"
    __table_args__ = (of_business(),)

    passages: Mapped[int]
    length: Mapped[float]  # of a passage, in stems
    dimensions: Mapped[int] = mapped_column(Integer)  # of the vectors that were indexed
    counted_at: Mapped[datetime] = mapped_column(default=now)


class CommonTerm(BusinessScoped, Base):
    """A stem that stands in very many passages of a large business, counted with its statistics."""

    __tablename__ = "common_terms"
    __table_args__ = (
        ForeignKeyConstraint(
            ["business_id"], ["search_statistics.business_id"], ondelete="CASCADE"
        ),
    )

    term: Mapped[str] = mapped_column(Text, primary_key=True)
    passages: Mapped[int]


class RegressionCase(ScopedId, Base):
    """A question that must stay answered right: what its answer must say, the source that it must cite, or
    both. Made from a member's correction (`message_id` is the answer that was wrong) or by hand.

    The `last_` columns are what came of asking it last; `verdicts.py` says it in words.
    """

    __tablename__ = "regression_cases"
    __table_args__ = (
        of_business(),
        reference("source_id", "sources"),
        reference("message_id", "messages", ondelete="SET NULL"),
        Index(None, "business_id", "source_id"),
        Index(None, "business_id", "message_id"),
    )

    question: Mapped[str] = mapped_column(Text)
    must_contain: Mapped[str] = mapped_column(Text)  # empty: citing the source is enough
    source_id: Mapped[int | None]  # None: saying it is enough, whatever it is quoted from
    message_id: Mapped[int | None]
    created_by: Mapped[int]  # a user
    last_run_at: Mapped[datetime | None]
    is_green: Mapped[bool | None]  # None: not asked since it was made or changed
    last_answer: Mapped[str | None] = mapped_column(Text)
    last_score: Mapped[float | None] = mapped_column(Float)  # 0..1, how sure
    last_result: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))

    source: Mapped[Source | None] = belongs_to("Source", "RegressionCase.source_id")

    @property
    def is_correction(self) -> bool:
        """It was made with the owner's own answer to this very question."""
        return self.source is not None and self.source.question == self.question

    @classmethod
    def by_id(cls, case_id: int) -> "RegressionCase | None":
        if case_id > MAX_ID:
            return None
        return db.session.scalar(select(cls).where(cls.id == case_id))

    @classmethod
    def of_answer(cls, message_id: int, question: str) -> "RegressionCase | None":
        """The newest that was made of this answer, or of another to the same question."""
        return db.session.scalar(
            select(cls)
            .where((cls.message_id == message_id) | (cls.question == question))
            .order_by((cls.message_id == message_id).desc().nulls_last(), cls.id.desc())
            .limit(1)
        )

    @classmethod
    def listed(cls, show: str, limit: int, offset: int = 0) -> list["RegressionCase"]:
        """Red ones first, then what was not asked yet; all, red, green or new."""
        urgency = case((cls.is_green.is_(None), 1), (cls.is_green.is_(True), 2), else_=0)
        query = select(cls).order_by(urgency, cls.id.desc()).options(joinedload(cls.source))
        states = {"red": False, "green": True, "new": None}
        if show in states:
            query = query.where(cls.is_green.is_(states[show]))
        return list(db.session.scalars(query.limit(limit).offset(offset)))

    @classmethod
    def counts(cls) -> dict[str, int]:
        """By state: red, green and new."""
        state = case(
            (cls.is_green.is_(None), "new"), (cls.is_green.is_(True), "green"), else_="red"
        )
        found = db.session.execute(select(state, func.count()).group_by(state))
        return {"red": 0, "green": 0, "new": 0} | {row[0]: row[1] for row in found}

    @classmethod
    def red_count(cls) -> int:
        query = select(func.count()).select_from(cls).where(cls.is_green.is_(False))
        return db.session.scalar(query) or 0


class CheckRun(ScopedId, Base):
    """All of a business's cases are to be asked: those asked since `asked_at` are done. One at a time."""

    __tablename__ = "check_runs"
    __table_args__ = (
        of_business(),
        Index(
            "uq_check_runs_open",
            "business_id",
            unique=True,
            postgresql_where=text("finished_at IS NULL"),
        ),
    )

    asked_at: Mapped[datetime]
    asked_by: Mapped[int | None]  # a user; None: after a change of the knowledge
    finished_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(Text)  # in the owner's words

    @classmethod
    def newest(cls) -> "CheckRun | None":
        return db.session.scalar(select(cls).order_by(cls.id.desc()).limit(1))


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


class Finding(ScopedId, Base):
    """What the last upkeep saw: a passage, or two that don't go together. upkeep/ finds them.

    `key` is made of what the passages say, so what was dismissed stays so until one of them changes.
    """

    __tablename__ = "findings"
    __table_args__ = (
        reference("chunk_id", "chunks"),
        reference("other_chunk_id", "chunks"),
        reference("source_id", "sources"),
        UniqueConstraint("business_id", "key"),
        Index(None, "business_id", "source_id"),
        Index(None, "business_id", "chunk_id"),
        Index(None, "business_id", "other_chunk_id"),
        CheckConstraint("kind IN ('contradiction', 'duplicate', 'stale', 'uncited')", name="kind"),
    )

    kind: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(Text)
    source_id: Mapped[int]  # of the passage, or the source that is meant as a whole
    chunk_id: Mapped[int | None]
    other_chunk_id: Mapped[int | None]
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB)  # quotes, and what is said of them
    weight: Mapped[float]  # the surest first
    found_at: Mapped[datetime]
    dismissed_at: Mapped[datetime | None]
    dismissed_by: Mapped[int | None]  # a user


class Upkeep(BusinessScoped, Base):
    """The last look at the whole knowledge of a business."""

    __tablename__ = "upkeeps"
    __table_args__ = (of_business(),)

    ran_at: Mapped[datetime]
    seconds: Mapped[float]
    passages: Mapped[int]
    is_partial: Mapped[bool]  # more than were compared: the newest were
