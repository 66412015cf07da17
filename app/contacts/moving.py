"""What hangs on a contact, so that two can be made one and parted again.

Each table with a `contact_id` says here that it moves (`moves`); tests/contacts/test_merging.py walks all tables, so
that none is forgotten. Where both have the same thing, like a tag, one of the two is dropped and kept in the reversal.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from flask_babel import ngettext
from sqlalchemy import (
    Table,
    UniqueConstraint,
    and_,
    delete,
    func,
    insert,
    literal,
    select,
    tuple_,
    update,
)
from sqlalchemy.exc import IntegrityError

from app.contacts.models import (
    Activity,
    ContactFile,
    ContactIdentity,
    ContactNote,
    ContactTag,
    Visitor,
)
from app.core.db import Base
from app.extensions import db
from app.lib.numbers import grouped

Rows = dict[str, list[Any]]
_moved: dict[str, tuple[Table, Callable[[int], str] | None]] = {}


def moves(model: type[Base], in_words: Callable[[int], str] | None = None) -> None:
    """`in_words` says how many rows where a preview counts them; without, they go along unsaid."""
    table = model.__table__
    assert isinstance(table, Table)
    _moved[table.name] = (table, in_words)


def moving_tables() -> set[str]:
    return set(_moved)


def move(kept_id: int, gone_id: int) -> tuple[Rows, Rows]:
    """Everything of the second to the first: the keys of what moved, and the rows that both had."""
    moved: Rows = {}
    dropped: Rows = {}
    for name, (table, _) in _moved.items():
        if twins := _drop_twins(table, kept_id, gone_id):
            dropped[name] = twins
        of_gone = update(table).where(table.c.contact_id == gone_id)
        keys = of_gone.values(contact_id=kept_id).returning(*(table.c[key] for key in _keys(table)))
        if found := [list(row) for row in db.session.execute(keys)]:
            moved[name] = found
    return moved, dropped


def move_back(kept_id: int, gone_id: int, moved: Rows, dropped: Rows) -> None:
    """What has gone on to somebody else since, or isn't there any more, is left as it is."""
    for name, keys in moved.items():
        if name in _moved:
            table = _moved[name][0]
            is_one = tuple_(*(table.c[key] for key in _keys(table))).in_([tuple(k) for k in keys])
            still = update(table).where(table.c.contact_id == kept_id, is_one)
            db.session.execute(still.values(contact_id=gone_id))
    for name, rows in dropped.items():
        for row in rows if name in _moved else ():
            _put_back(_moved[name][0], row)


def counts(contact_id: int) -> list[str]:
    """How many there are of each, in words, of those that have any."""
    counted = ((_count(table, contact_id), said) for table, said in _moved.values() if said)
    return [said(count) for count, said in counted if count]


def has_any(contact_id: int, besides: type[Base]) -> bool:
    """Of what a preview counts."""
    tables = (table for table, said in _moved.values() if said)
    return any(_count(each, contact_id) for each in tables if each is not besides.__table__)


def _count(table: Table, contact_id: int) -> int:
    of_contact = select(func.count()).where(table.c.contact_id == contact_id)
    return db.session.scalar(of_contact.select_from(table)) or 0


def as_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value


def _drop_twins(table: Table, kept_id: int, gone_id: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for columns in _unique_beside(table):
        other = table.alias()
        same = (other.c[name] == table.c[name] for name in columns)
        twin = select(literal(1)).where(other.c.contact_id == kept_id, *same).exists()
        gone = delete(table).where(table.c.contact_id == gone_id, twin).returning(*table.c)
        rows = db.session.execute(gone).mappings()
        found += [
            {name: as_json(value) for name, value in row.items() if name != "business_id"}
            for row in rows
        ]
    return found


def _unique_beside(table: Table) -> list[list[str]]:
    """Of each rule that a contact has such a thing once: what else is in it."""
    rules = [table.primary_key, *(c for c in table.constraints if isinstance(c, UniqueConstraint))]
    named = [[column.name for column in rule.columns] for rule in rules]
    return [
        [name for name in names if name not in ("business_id", "contact_id")]
        for names in named
        if "contact_id" in names
    ]


def _keys(table: Table) -> list[str]:
    return [c.name for c in table.primary_key if c.name not in ("business_id", "contact_id")]


def _put_back(table: Table, row: dict[str, Any]) -> None:
    """Unless what it points to is gone, like a tag that was deleted."""
    here = and_(*(table.c[name] == row[name] for name in [*_keys(table), "contact_id"]))
    if db.session.scalar(select(select(literal(1)).where(here).exists())):
        return
    try:
        with db.session.begin_nested():
            db.session.execute(insert(table).values(**row))
    except IntegrityError:
        return


moves(
    ContactIdentity,
    lambda count: ngettext("%(count)s address", "%(count)s addresses", count, count=grouped(count)),
)
moves(Visitor)  # with conversations, callbacks and consent, which hang on it
moves(
    ContactTag,
    lambda count: ngettext("%(count)s tag", "%(count)s tags", count, count=grouped(count)),
)
moves(
    ContactNote,
    lambda count: ngettext("%(count)s note", "%(count)s notes", count, count=grouped(count)),
)
moves(
    ContactFile,
    lambda count: ngettext("%(count)s file", "%(count)s files", count, count=grouped(count)),
)
moves(
    Activity,
    lambda count: ngettext(
        "%(count)s line of the timeline",
        "%(count)s lines of the timeline",
        count,
        count=grouped(count),
    ),
)
