"""What was read of a source, document by document, and how often answers cited it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import aliased

from app.extensions import db
from app.knowledge.models import (
    MAX_ID,
    Chunk,
    ChunkCitation,
    ChunkVector,
    Document,
    Source,
    WebPage,
)


@dataclass(frozen=True, slots=True)
class ReadDocument:
    document: Document
    passages: int
    cited: int
    read_at: datetime | None  # a page of a website: when it was last visited


@dataclass(frozen=True, slots=True)
class ReadPassage:
    chunk: Chunk
    cited: int
    cited_at: datetime | None


def by_id(source: Source, document_id: int) -> Document | None:
    if document_id > MAX_ID:
        return None
    wanted = select(Document).where(Document.id == document_id, Document.source_id == source.id)
    return db.session.scalar(wanted)


def only_one(source: Source) -> Document | None:
    """The document of a source that can't have several."""
    return db.session.scalar(select(Document).where(Document.source_id == source.id).limit(1))


def listed(source: Source, after: int, limit: int) -> list[ReadDocument]:
    """In the order in which they were first read, from behind a document on."""
    passages = select(func.count()).where(Chunk.document_id == Document.id, _is_shown())
    cited = (
        select(func.count())
        .select_from(ChunkCitation)
        .join(Chunk, Chunk.id == ChunkCitation.chunk_id)
        .where(Chunk.document_id == Document.id)
    )
    visited = select(func.max(WebPage.checked_at)).where(WebPage.document_id == Document.id)
    query = (
        select(
            Document,
            passages.scalar_subquery(),
            cited.scalar_subquery(),
            visited.scalar_subquery(),
        )
        .where(Document.source_id == source.id, Document.id > after)
        .order_by(Document.id)
        .limit(limit)
    )
    return [ReadDocument(*row) for row in db.session.execute(query)]


def passages(document: Document, after: int, limit: int) -> list[ReadPassage]:
    """In the order of the document, from behind a position on."""
    of_chunk = ChunkCitation.chunk_id == Chunk.id
    query = (
        select(
            Chunk,
            select(func.count()).where(of_chunk).scalar_subquery(),
            select(func.max(ChunkCitation.created_at)).where(of_chunk).scalar_subquery(),
        )
        .where(Chunk.document_id == document.id, Chunk.position > after, _is_shown())
        .order_by(Chunk.position, Chunk.id)
        .limit(limit)
    )
    return [ReadPassage(*row) for row in db.session.execute(query)]


def _is_shown() -> ColumnElement[bool]:
    """What answers can quote; of a document that they can't quote at all, what was read of it. New text
    that is not live yet isn't shown beside the old."""
    sibling = aliased(Chunk)
    is_live = exists().where(ChunkVector.chunk_id == Chunk.id, ChunkVector.is_live)
    document_is_live = exists().where(
        sibling.document_id == Chunk.document_id,
        ChunkVector.chunk_id == sibling.id,
        ChunkVector.is_live,
    )
    return or_(is_live, ~document_is_live)
