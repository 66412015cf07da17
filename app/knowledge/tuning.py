"""A large business gets an index of its own over its passages' vectors, and statistics that are kept.

An index shared by all businesses finds almost nothing of a small one (docs/retrieval.md). Postgres must see
`business_id` as a value to use one; retrieval.py says it so. Without an index, or before it is built, the same
statement scans everything: slower, never wrong.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

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
    is_large = _count() >= _large_from()
    unit_of_work.commit()  # building waits for every open transaction, and so for our own
    with _alone() as connection:
        _drop_left_over(connection)
        if is_large:
            _build(connection, business_id)
        else:
            _drop(connection, index_name(business_id))
    if not _is_current():
        db.session.execute(delete(SearchStatistics))
        if is_large:
            db.session.execute(_KEEP_COUNT)
            db.session.execute(_KEEP_TERMS, {"common": COMMON})


def index_name(business_id: int) -> str:
    return f"{PREFIX}{business_id}"


_COUNT = text("""
    SELECT count(*) FROM chunk_vectors
     WHERE business_id = current_setting('app.business_id')::bigint AND is_live""")
_KEEP_COUNT = text("""
    INSERT INTO search_statistics (passages, length, counted_at)
    SELECT count(*), greatest(avg(term_count), 1), now() FROM chunk_vectors
     WHERE business_id = current_setting('app.business_id')::bigint AND is_live""")
_KEEP_TERMS = text("""
    INSERT INTO common_terms (term, passages)
    SELECT term, count(*) FROM postings
     WHERE business_id = current_setting('app.business_id')::bigint
     GROUP BY term HAVING count(*) >= :common""")
_IS_VALID = text("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(:name)")
_INDEXES = text("""
    SELECT c.relname, EXISTS (SELECT FROM businesses AS b WHERE :prefix || b.id = c.relname) AS used
      FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
     WHERE i.indrelid = 'chunk_vectors'::regclass AND starts_with(c.relname, :prefix)""")


def _known() -> SearchStatistics | None:
    business_id = tenancy.current_business_id()
    return db.session.get(SearchStatistics, business_id, populate_existing=True)


def _count() -> int:
    return int(db.session.execute(_COUNT).scalar_one())


def _large_from() -> int:
    return LARGE if _known() is None else NOT_LARGE


def _is_current() -> bool:
    passages, known = _count(), _known()
    if known is None:
        return passages < LARGE
    return passages >= NOT_LARGE and abs(passages - known.passages) <= CHANGED * known.passages


@contextmanager
def _alone() -> Iterator[Connection]:
    """A connection outside any transaction that ends with its use: its settings are no one else's."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.detach()
        connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text(f"SET maintenance_work_mem = '{BUILD_MEMORY}'"))
        connection.execute(text("SET max_parallel_maintenance_workers = 0"))  # others need a core
        yield connection


def _build(connection: Connection, business_id: int) -> None:
    """Whoever runs migrations owns the table and may; another role goes on scanning."""
    name = index_name(business_id)
    if connection.execute(_IS_VALID, {"name": name}).scalar():
        return
    if len(connection.execute(_INDEXES, {"prefix": PREFIX}).all()) >= MAX_INDEXES:
        logger.warning("business %s is scanned: %s others have an index", business_id, MAX_INDEXES)
        return
    try:
        _drop(connection, name)  # what a build that was cut short has left
        connection.execute(
            text(
                f"CREATE INDEX CONCURRENTLY {name} ON chunk_vectors"
                f" USING hnsw (embedding halfvec_cosine_ops) WHERE business_id = {business_id}"
            )
        )
    except ProgrammingError as error:
        if not isinstance(error.orig, InsufficientPrivilege):
            raise
        logger.warning("business %s is scanned: this role doesn't own the table", business_id)


def _drop(connection: Connection, name: str) -> None:
    connection.execute(text(f"DROP INDEX CONCURRENTLY IF EXISTS {name}"))


def _drop_left_over(connection: Connection) -> None:
    """Of businesses that are gone."""
    for index in connection.execute(_INDEXES, {"prefix": PREFIX}).all():
        if not index.used:
            _drop(connection, index.relname)
