"""How the index comes to know what changed, and what was there before it. In the worker.

Triggers write down each row that is new, changed or gone (models.SearchChange); this reads them soon after. One
writer of a business at a time, by the lock on its progress; each batch is a transaction of its own, so that a worker
that is killed costs one batch.
"""

import time
from collections.abc import Iterable

from sqlalchemy import delete, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from app.core.jobs import commit_step
from app.extensions import db
from app.search import blocks, texts
from app.search.models import SearchChange, SearchProgress

BATCH = 500  # changed rows
OLDER = 2_000  # rows that were there before
SECONDS = 30  # then the job makes room for others, and asks for itself again


def index() -> bool:
    """False when time was up before everything was read."""
    until = time.monotonic() + SECONDS
    while _read_changes() or _read_older():
        commit_step()
        if time.monotonic() > until:
            return False
    return True


def _read_changes() -> int:
    _lock()
    return sum(_read_changes_of(kind) for kind in texts.KINDS)


def _read_changes_of(kind: int) -> int:
    """What was written down is read before the rows are: a change that comes between is read again."""
    changes = db.session.execute(
        select(SearchChange.row_id, SearchChange.id, SearchChange.before)
        .where(SearchChange.kind == kind)
        .order_by(SearchChange.row_id)
        .limit(BATCH)
    ).all()
    if changes:
        now = _words(kind, {change.row_id for change in changes})
        before = [(change.row_id, change.before) for change in changes if change.before]
        blocks.take(kind, _gone(kind, before, now))
        blocks.add(kind, _pairs(now))
        read = tuple_(SearchChange.row_id, SearchChange.id)
        keys = [(change.row_id, change.id) for change in changes]
        db.session.execute(delete(SearchChange).where(SearchChange.kind == kind, read.in_(keys)))
    return len(changes)


def _read_older() -> int:
    _lock()
    progress = db.session.scalar(
        select(SearchProgress)
        .where(SearchProgress.below > 0)
        .order_by(SearchProgress.kind)
        .limit(1)
    )
    if progress is None:
        return 0
    ids = texts.below(progress.kind, progress.below, OLDER)
    blocks.add(progress.kind, _pairs(_words(progress.kind, ids)))
    progress.below = min(ids, default=0)
    db.session.flush()
    return 1


def _lock() -> None:
    """Of a business that is younger than the index the triggers told everything: nothing older is there to read."""
    rows = [{"kind": kind, "below": 0} for kind in texts.KINDS]
    db.session.execute(insert(SearchProgress).values(rows).on_conflict_do_nothing())
    db.session.execute(select(SearchProgress.kind).with_for_update()).all()


def _words(kind: int, ids: Iterable[int]) -> dict[int, set[str]]:
    words_of = texts.KINDS[kind].words_of
    return {row_id: words_of(each.body) for row_id, each in texts.of(kind, list(ids)).items()}


def _pairs(found: dict[int, set[str]]) -> list[tuple[str, int]]:
    return [(word, row_id) for row_id, words in found.items() for word in words]


def _gone(
    kind: int, before: list[tuple[int, str]], now: dict[int, set[str]]
) -> list[tuple[str, int]]:
    words_of = texts.KINDS[kind].words_of
    return [
        (word, row_id)
        for row_id, body in before
        for word in words_of(body) - now.get(row_id, set())
    ]
