"""What upkeep found, as the page shows it: by kind, the surest first, page after page by key."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import aliased

from app.accounts.models import User
from app.core.db import now
from app.extensions import db
from app.knowledge.models import MAX_ID, Chunk, Document, Finding, Source, Upkeep

KINDS = ("contradiction", "duplicate", "stale", "uncited")
SHOWS = (*KINDS, "dismissed")
PAGE_ROWS = 25


@dataclass(frozen=True, slots=True)
class Place:
    """A passage and where it stands; `chunk` is None for a whole source."""

    source: Source
    document: Document | None
    chunk: Chunk | None


@dataclass(frozen=True, slots=True)
class Shown:
    finding: Finding
    place: Place
    other: Place | None

    @property
    def cursor(self) -> str:
        return f"{self.finding.weight!r}_{self.finding.id}"


def last_run() -> Upkeep | None:
    return db.session.scalar(select(Upkeep))


def counts() -> dict[str, int]:
    is_dismissed = Finding.dismissed_at.is_not(None)
    query = select(Finding.kind, is_dismissed, func.count()).group_by(Finding.kind, is_dismissed)
    found = dict.fromkeys(SHOWS, 0)
    for kind, dismissed, number in db.session.execute(query):
        found["dismissed" if dismissed else kind] += number
    return found


def listed(show: str, after: str, limit: int) -> list[Shown]:
    other_chunk, other_document, other_source = aliased(Chunk), aliased(Document), aliased(Source)
    query = (
        select(Finding, Source, Document, Chunk, other_source, other_document, other_chunk)
        .join(Source, Source.id == Finding.source_id)
        .outerjoin(Chunk, Chunk.id == Finding.chunk_id)
        .outerjoin(Document, Document.id == Chunk.document_id)
        .outerjoin(other_chunk, other_chunk.id == Finding.other_chunk_id)
        .outerjoin(other_document, other_document.id == other_chunk.document_id)
        .outerjoin(other_source, other_source.id == other_document.source_id)
        .where(*_shown(show))
        .order_by(Finding.weight.desc(), Finding.id.desc())
        .limit(limit)
    )
    cursor = _cursor(after)
    if cursor:
        query = query.where(tuple_(Finding.weight, Finding.id) < tuple_(*cursor))
    return [
        Shown(row[0], Place(*row[1:4]), Place(*row[4:7]) if row[4] else None)
        for row in db.session.execute(query)
    ]


def by_id(finding_id: int) -> Finding | None:
    if finding_id > MAX_ID:
        return None
    return db.session.scalar(select(Finding).where(Finding.id == finding_id))


def dismiss(finding: Finding, by: User) -> None:
    """It is fine as it is: not shown again while both passages stay the same. Safe to repeat."""
    finding.dismissed_at = finding.dismissed_at or now()
    finding.dismissed_by = by.id


def take_back(finding: Finding) -> None:
    finding.dismissed_at = finding.dismissed_by = None


def _shown(show: str) -> list[Any]:
    if show == "dismissed":
        return [Finding.dismissed_at.is_not(None)]
    return [Finding.kind == show, Finding.dismissed_at.is_(None)]


def _cursor(after: str) -> tuple[float, int] | None:
    """None for what is no cursor: the list then begins at its beginning."""
    weight, _, number = after.partition("_")
    try:
        found = float(weight), int(number)
    except ValueError:
        return None
    return found if 0 <= found[1] <= MAX_ID else None
