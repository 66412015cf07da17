"""A large business gets an index of its own over its passages' vectors, and statistics that are kept.

An index shared by all businesses finds almost nothing of a small one (docs/retrieval.md). Postgres must see
`business_id` as a value to use one; retrieval.py says it so. Without an index, or before it is built, the same
statement scans everything: slower, never wrong.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from psycopg.errors import InsufficientPrivilege
from sqlalchemy import Connection, delete, text
from sqlalchemy.exc import ProgrammingError

from app.core import tenancy, unit_of_work
from app.core.jobs import enqueue
from app.extensions import db
from app.knowledge.models import SearchStatistics

logger = logging.getLogger(__name__)

LARGE = 20_000  # live passages; an exact scan of fewer takes under 10 ms
NOT_LARGE = 15_000  # with room between the two, so that nothing is built and dropped in turn
COMMON = (
    1_000  # passages that a stem stands in; those of a rarer one are counted when it is asked for
)
CHANGED = 0.1  # of the passages, since they were counted
MAX_INDEXES = 100  # each costs every search 1.5 µs of planning; who comes later is scanned
BUILD_MEMORY = "256MB"  # holds 150,000 passages; beyond that building is slower
PREFIX = "nearest_of_"


def keep_up() -> None:
    """After knowledge has grown or shrunk: ask for tune() where it has something to do."""
    if not _is_current():
        key = f"knowledge.tune {tenancy.current_business_id()}"
        enqueue("knowledge.tune", queue="bulk", key=key)


def tune() -> None:
    """Build or drop the index, then count. Safe to run again at any point."""
    business_id = tenancy.current_business_id()
    here = _here()
    is_large = here.passages >= (LARGE if _known() is None else NOT_LARGE)
    unit_of_work.commit()  # building waits for every open transaction, and so for our own
    name = index_name(business_id, here.dimensions) if is_large else ""
    with _alone() as connection, _as_far_as_allowed(business_id):
        _drop_others(connection, business_id, name)
        if is_large:
            _build(connection, name, business_id, here.dimensions)
    if not _is_current():
        db.session.execute(delete(SearchStatistics))
        if is_large:
            db.session.execute(_KEEP_COUNT, {"dimensions": here.dimensions})
            db.session.execute(_KEEP_TERMS, {"common": COMMON})


def index_name(business_id: int, dimensions: int) -> str:
    """Another model makes vectors of another length, which the index leaves out (retrieval.py asks alike)."""
    return f"{PREFIX}{business_id}_by_{dimensions}"


_HERE = text("""
    SELECT count(*) AS passages, coalesce(max(vector_dims(embedding)), 0) AS dimensions
      FROM chunk_vectors
     WHERE business_id = current_setting('app.business_id')::bigint AND is_live""")
_KEEP_COUNT = text("""
    INSERT INTO search_statistics (passages, length, dimensions, counted_at)
    SELECT count(*), greatest(avg(term_count), 1), :dimensions, now() FROM chunk_vectors
     WHERE business_id = current_setting('app.business_id')::bigint AND is_live""")
_KEEP_TERMS = text("""
    INSERT INTO common_terms (term, passages)
    SELECT term, count(*) FROM postings
     WHERE business_id = current_setting('app.business_id')::bigint
     GROUP BY term HAVING count(*) >= :common""")
_IS_VALID = text("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(:name)")
_INDEXES = text("""
    SELECT c.relname, EXISTS (
           SELECT FROM businesses AS b
            WHERE starts_with(c.relname, :prefix || b.id || '_by_')) AS has_business
      FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
     WHERE i.indrelid = 'chunk_vectors'::regclass AND starts_with(c.relname, :prefix)""")


def _known() -> SearchStatistics | None:
    business_id = tenancy.current_business_id()
    return db.session.get(SearchStatistics, business_id, populate_existing=True)


def _here() -> Any:
    return db.session.execute(_HERE).one()


def _is_current() -> bool:
    here, known = _here(), _known()
    if known is None:
        return bool(here.passages < LARGE)
    has_changed = abs(here.passages - known.passages) > CHANGED * known.passages
    is_large = here.passages >= NOT_LARGE
    return is_large and not has_changed and here.dimensions == known.dimensions


@contextmanager
def _alone() -> Iterator[Connection]:
    """A connection outside any transaction that ends with its use: its settings are no one else's."""
    with db.engine.connect().execution_options(**{tenancy.AT_ONCE: True}) as connection:
        connection.detach()
        connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text(f"SET maintenance_work_mem = '{BUILD_MEMORY}'"))
        connection.execute(text("SET max_parallel_maintenance_workers = 0"))  # others need a core
        yield connection


@contextmanager
def _as_far_as_allowed(business_id: int) -> Iterator[None]:
    """Whoever runs migrations owns the table and may; another role goes on scanning."""
    try:
        yield
    except ProgrammingError as error:
        if not isinstance(error.orig, InsufficientPrivilege):
            raise
        logger.warning("business %s is scanned: this role doesn't own the table", business_id)


def _build(connection: Connection, name: str, business_id: int, dimensions: int) -> None:
    if connection.execute(_IS_VALID, {"name": name}).scalar():
        return
    if len(connection.execute(_INDEXES, {"prefix": PREFIX}).all()) >= MAX_INDEXES:
        logger.warning("business %s is scanned: %s others have an index", business_id, MAX_INDEXES)
        return
    _drop(connection, name)  # what a build that was cut short has left
    connection.execute(
        text(
            f"CREATE INDEX CONCURRENTLY {name} ON chunk_vectors"
            f" USING hnsw ((embedding::halfvec({dimensions})) halfvec_cosine_ops)"
            f" WHERE business_id = {business_id} AND vector_dims(embedding) = {dimensions}"
        )
    )


def _drop(connection: Connection, name: str) -> None:
    connection.execute(text(f"DROP INDEX CONCURRENTLY IF EXISTS {name}"))


def _drop_others(connection: Connection, business_id: int, kept: str) -> None:
    """This business's own but for one, and those of businesses that are gone."""
    for index in connection.execute(_INDEXES, {"prefix": PREFIX}).all():
        is_ours = index.relname.startswith(f"{PREFIX}{business_id}_by_")
        if (is_ours and index.relname != kept) or not index.has_business:
            _drop(connection, index.relname)
