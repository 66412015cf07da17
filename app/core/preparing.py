"""Statements that Postgres plans once for each connection of the worker, which takes a third of what they cost it.

Only those for which one plan is right whatever is asked for and whoever's rows they are: by a key, or an insert.
A list is planned anew each time: a plan for all businesses would fit none, and knows no partial index. The web
process prepares nothing: the driver forgets what it has prepared at each rollback, and a GET ends with one.
"""

from typing import Any

import psycopg
from sqlalchemy import Engine, event
from sqlalchemy.engine import ExecutionContext
from sqlalchemy.engine.interfaces import ExecuteStyle

NEVER_BY_ITSELF = 2**31  # times; the driver would prepare whatever is asked that often
MOST = 200  # of a connection
# The connection that was used last goes first: each prepares for itself. One that lay still for long may be cut by
# what stands in between, so none grows old.
OF_THE_POOL = {"pool_use_lifo": True, "pool_recycle": 1800}
PREPARED = {"prepared": True}  # execution options of such a statement
_OF_A_FLUSH = "compiled_cache"  # SQLAlchemy's own option: rows inserted, or changed by their keys


@event.listens_for(Engine, "connect")
def _make_room(connection: Any, _record: Any) -> None:
    if isinstance(connection, psycopg.Connection):
        connection.prepared_max = MOST


@event.listens_for(Engine, "do_execute")
def _execute(cursor: Any, statement: str, values: Any, context: ExecutionContext | None) -> bool:
    """True: done. Where the connection may prepare nothing, the driver passes over `prepare`."""
    if not isinstance(cursor, psycopg.Cursor):
        return False
    options = context.execution_options if context else {}
    is_flush = _OF_A_FLUSH in options and context.execute_style is ExecuteStyle.EXECUTE  # type: ignore[union-attr]
    if is_flush or options.get("prepared"):
        cursor.execute(statement, values, prepare=True)
        return True
    return False
