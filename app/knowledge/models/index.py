"""What a search looks at: vectors, sentences, words, and what is counted of a large business."""

from datetime import datetime
from typing import Any

from pgvector.sqlalchemy import HALFVEC
from sqlalchemy import (
    ARRAY,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import (
    Base,
    BusinessScoped,
    now,
    of_business,
    reference,
)


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
