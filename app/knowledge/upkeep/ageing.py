"""What is out of date, and what no answer ever needed."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

from sqlalchemy import exists, func, select, text

from app.core.db import now
from app.extensions import db
from app.knowledge.models import Chunk, ChunkCitation, Document, Source, WebPage
from app.knowledge.upkeep.figures import count
from app.knowledge.upkeep.finding import Found
from app.lib import sentences

FILE_AGE = timedelta(days=365)
UNCITED_AGE = timedelta(days=30)
MIN_TRAFFIC = 50  # citations in that time; before that, silence means little
MOST = 200  # of each

# "until 31 March 2024", "ends on 5 May 2025", "valid to …": after that day the sentence is wrong.
_ENDS = re.compile(
    r"\b(?:until|till|ends?(?: on)?|expires?(?: on)?|valid (?:to|through|until)|up to|before|by|closes on"
    r"|last day is|no later than|deadline(?: is)?)\b[^.;:!?]{0,25}$",
    re.IGNORECASE,
)
_DATED = text("""
    SELECT c.id, c.text, c.fingerprint, d.source_id
      FROM chunks AS c
      JOIN chunk_vectors AS v ON v.business_id = c.business_id AND v.chunk_id = c.id AND v.is_live
      JOIN documents AS d ON d.business_id = c.business_id AND d.id = c.document_id
     WHERE c.business_id = current_setting('app.business_id')::bigint
       AND c.text ~* '(until|till|ends?|expires?|valid|up to|before|by|closes|last day|later|deadline)'
       AND c.text ~ '(19|20)[0-9][0-9]'
     ORDER BY c.id DESC LIMIT 20000""")


def find(today: date) -> Iterator[Found]:
    yield from _past_dates(today)
    yield from _expired_notes()
    yield from _failing_pages()
    yield from _old_files()
    yield from _uncited()


def past_date(sentence: str, today: date) -> date | None:
    """The day after which the sentence is wrong, when it is over."""
    counted = count(sentence)
    for day in counted.dates:
        words = counted.spoken["date", (day.month, day.day)]
        if day < today and _ENDS.search(sentence[: sentence.find(words)]):
            return day
    return None


def _past_dates(today: date) -> Iterator[Found]:
    found = 0
    for row in db.session.execute(_DATED):
        for sentence in sentences.split(row.text):
            day = past_date(sentence, today)
            if day is None:
                continue
            yield Found("stale", row.source_id, (row.fingerprint, "date"), chunk_id=row.id,
                        detail={"why": "date", "quote": sentence, "day": day.isoformat()},
                        weight=(today - day).days)  # fmt: skip
            found += 1
            break
        if found == MOST:
            return


def _expired_notes() -> Iterator[Found]:
    for source in _sources(Source.status == "expired"):
        day = source.valid_until.isoformat() if source.valid_until else ""
        yield Found("stale", source.id, (f"note {source.id}", day), {"why": "note", "day": day})


def _old_files() -> Iterator[Found]:
    old = (Source.kind == "file", Source.status == "ready", Source.ready_at < now() - FILE_AGE)
    for source in _sources(*old):
        day = source.ready_at.date().isoformat() if source.ready_at else ""
        yield Found("stale", source.id, (f"file {source.id}", day), {"why": "file", "day": day})


def _failing_pages() -> Iterator[Found]:
    """They are still quoted as they last were."""
    failing = (
        select(WebPage.source_id, func.count(), func.min(WebPage.url))
        .where(WebPage.status == "failed", WebPage.document_id.is_not(None))
        .group_by(WebPage.source_id)
    )
    for source_id, pages, url in db.session.execute(failing).all():
        detail = {"why": "pages", "pages": pages, "url": url}
        yield Found("stale", source_id, (f"pages {source_id}", str(pages), url), detail)


def _uncited() -> Iterator[Found]:
    """Documents that no answer has quoted, once visitors have asked enough."""
    since = now() - UNCITED_AGE
    recent = select(func.count()).where(ChunkCitation.created_at > since)
    if (db.session.scalar(recent) or 0) < MIN_TRAFFIC:
        return
    cited = exists().where(Chunk.document_id == Document.id, ChunkCitation.chunk_id == Chunk.id)
    first = select(func.min(Chunk.id)).where(Chunk.document_id == Document.id).scalar_subquery()
    query = (
        select(Document.id, Document.source_id, Document.title, first)
        .join(Source, Source.id == Document.source_id)
        .where(
            Document.created_at < since, Source.status == "ready", Source.origin.is_(None), ~cited
        )
        .order_by(Document.id)
        .limit(MOST)
    )
    for document_id, source_id, title, chunk_id in db.session.execute(query):
        detail = {"document_id": document_id, "title": title}
        yield Found("uncited", source_id, (f"document {document_id}",), detail, chunk_id)


def _sources(*conditions: object) -> list[Source]:
    query = select(Source).where(*conditions).order_by(Source.id).limit(MOST)  # type: ignore[arg-type]
    return list(db.session.scalars(query))
