"""Many rows by one statement. They travel as one parameter, so that it costs the same to ask for one as for a thousand."""

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Result, Table, TextClause, text
from sqlalchemy.dialects import postgresql

from app.core.db import Base
from app.extensions import db

Row = dict[str, Any]


def insert(
    model: type[Base], rows: Sequence[Row], *, on_conflict: str = "", returning: str = ""
) -> Result[Any]:
    """In their order. Each has the same columns; what isn't named gets the database's default, not the model's."""
    table = model.__table__
    assert isinstance(table, Table)
    ending = f" ON CONFLICT {on_conflict}" if on_conflict else ""
    ending += f" RETURNING {returning}" if returning else ""
    return _run(_inserting(table, tuple(rows[0]), ending), rows)


def update(model: type[Base], rows: Sequence[Row], *, key: str, **same: int) -> Result[Any]:
    """Each row's `key`, a number, says which, beside `same`; the session doesn't know of it."""
    table = model.__table__
    assert isinstance(table, Table)
    numbers = [
        row[key] for row in rows
    ]  # between these the index looks: of an array it knows nothing
    within = {"lowest": min(numbers), "highest": max(numbers)}
    return _run(_updating(table, tuple(rows[0]), key, tuple(same)), rows, **same, **within)


@lru_cache(maxsize=64)
def _inserting(table: Table, names: tuple[str, ...], ending: str) -> TextClause:
    columns = ", ".join(names)
    into = f"INSERT INTO {table.name} ({columns})"
    return text(f"{into} SELECT {columns} FROM {_given(table, names)}{ending}")  # noqa: S608


@lru_cache(maxsize=64)
def _updating(table: Table, names: tuple[str, ...], key: str, same: tuple[str, ...]) -> TextClause:
    changes = ", ".join(f"{name} = given.{name}" for name in names if name != key)
    which = " AND ".join(
        [
            f"there.{key} = given.{key}",
            f"there.{key} BETWEEN :lowest AND :highest",
            *(f"there.{name} = :{name}" for name in same),
        ]
    )
    begin = f"UPDATE {table.name} AS there SET {changes}"  # noqa: S608
    return text(f"{begin} FROM {_given(table, names)} WHERE {which}")


def _given(table: Table, names: tuple[str, ...]) -> str:
    kinds = (table.c[name].type.compile(dialect=postgresql.dialect()) for name in names)
    columns = ", ".join(f"{name} {kind}" for name, kind in zip(names, kinds, strict=True))
    return f"jsonb_to_recordset(CAST(:rows AS jsonb)) AS given ({columns})"


def _run(statement: TextClause, rows: Sequence[Row], **same: int) -> Result[Any]:
    return db.session.execute(statement, {"rows": json.dumps(rows, default=str), **same})
