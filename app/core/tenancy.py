"""The business in scope, held by Postgres: row security on every tenant table, a setting per transaction.

No scope, no rows: `current_setting` raises when the setting was never made and the cast raises when it
is empty. Nothing in Python filters by business.

The driver begins nothing by itself (config: autocommit), so that a transaction begins and has its scope in one
way there and back.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from psycopg.pq import TransactionStatus
from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Executable,
    Row,
    SQLColumnExpression,
    Text,
    cast,
    event,
    func,
    text,
)
from sqlalchemy.orm import Session

from app.core.db import Base
from app.extensions import db

_scope: ContextVar[int | None] = ContextVar("business", default=None)

AT_ONCE = "at_once"  # of a connection: each statement is a transaction of its own
SET_SCOPE = text("SELECT set_config('app.business_id', :business_id, true)")


class NoScope(RuntimeError):
    """Tenant code ran outside a business."""


def current_business_id() -> int:
    business_id = _scope.get()
    if business_id is None:
        raise NoScope("no business in scope: open business_scope() first")
    return business_id


def scope_or_none() -> int | None:
    return _scope.get()


@contextmanager
def business_scope(business_id: int) -> Iterator[None]:
    """Everything inside sees and writes this business alone, in this and in every later transaction."""
    if _scope.get() == business_id:  # every transaction since then has it
        yield
        return
    token = _scope.set(business_id)
    _apply_to_open_transaction(business_id)
    try:
        yield
    finally:
        _scope.reset(token)
        _apply_to_open_transaction(_scope.get())


def enter_scope(business_id: int, *, is_in: bool = False) -> None:
    """For a request, whose context ends by itself: see leave_scope(). `is_in` where the open transaction has the
    scope already, by scope_of()."""
    _scope.set(business_id)
    if not is_in:
        _apply_to_open_transaction(business_id)


def scope_of(business_id: SQLColumnExpression[int]) -> ColumnElement[str]:
    """A column that brings the open transaction into the scope of the business that is found."""
    return func.set_config("app.business_id", cast(business_id, Text), True)


def leave_scope() -> None:
    _scope.set(None)


def _apply_to_open_transaction(business_id: int | None) -> None:
    session = db.session()
    if session.in_transaction() and session.is_active and not _has_failed(session):
        session.execute(SET_SCOPE, {"business_id": str(business_id or "")})


def _has_failed(session: Session) -> bool:
    """Then it takes no more statements, and its setting ends with it."""
    connection = session.connection().connection.driver_connection
    return connection is None or connection.info.transaction_status == TransactionStatus.INERROR


@event.listens_for(Engine, "begin")
def _begin_in_scope(connection: Connection) -> None:
    if connection.get_execution_options().get(AT_ONCE):
        return
    business_id = _scope.get()
    scope = "" if business_id is None else f"; SET LOCAL app.business_id = '{int(business_id)}'"
    connection.exec_driver_sql(f"BEGIN{scope}")


def at_once(statement: Executable, values: Mapping[str, Any]) -> Row[Any] | None:
    """A statement that is a transaction of its own, on tables of no business. The row that it returns."""
    with db.engine.connect() as connection:
        connection.execution_options(**{AT_ONCE: True})
        return connection.execute(statement, values).one_or_none()


def scoped_tables() -> list[str]:
    return sorted(
        mapper.local_table.name  # type: ignore[attr-defined]
        for mapper in Base.registry.mappers
        if getattr(mapper.class_, "__frontdesk_scoped__", False)
    )


def policy_statements(table: str) -> list[str]:
    """The DDL that a migration runs for each tenant table it creates."""
    condition = "business_id = current_setting('app.business_id')::bigint"
    return [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY business ON {table} USING ({condition}) WITH CHECK ({condition})",
    ]
