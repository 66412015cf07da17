"""Segments: made, changed, taken away, and who is in one now."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from flask_babel import gettext as _
from pydantic import ValidationError
from sqlalchemy import ColumnElement, Select, func, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import selectinload

from app.accounts.models import User
from app.contacts.models import Contact
from app.core.db import now
from app.core.errors import Conflict, Invalid
from app.extensions import db
from app.lib import names
from app.segments import compiling, fields
from app.segments.models import Segment
from app.segments.rules import Rules

MAX_NAME = 60  # characters
MOST = 100
MOST_COUNTED = 10_000
SAMPLE = 10
LIMIT_MS = 2_000  # that a page waits for a count
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Count:
    """How many there were at that moment; None: counting took too long."""

    number: int | None
    at: datetime

    @property
    def shown(self) -> str:
        if self.number is None:
            return ""
        return f"{MOST_COUNTED:,}+" if self.number > MOST_COUNTED else f"{self.number:,}"


def members(segment: Segment) -> Select[Contact]:
    """Who is in it now: nobody who is archived, or went into another contact."""
    return _of(condition_of(segment))


def condition_of(segment: Segment) -> ColumnElement[bool]:
    return compiling.compiled(rules_of(segment))


def rules_of(segment: Segment) -> Rules:
    """An unreadable one is empty, and nobody is in it."""
    try:
        return Rules.model_validate(segment.rules)
    except ValidationError:
        return Rules()


def count(rules: Rules) -> Count:
    capped = _of(compiling.compiled(rules)).with_only_columns(Contact.id).limit(MOST_COUNTED + 1)
    counted = select(func.count()).select_from(capped.subquery())
    return Count(limited(lambda: db.session.scalar(counted) or 0), now())


def sample(rules: Rules) -> list[Contact]:
    query = _of(compiling.compiled(rules)).order_by(Contact.last_activity_at.desc()).limit(SAMPLE)
    query = query.options(selectinload(Contact.identities))
    return limited(lambda: list(db.session.scalars(query))) or []


def limited(read: Callable[[], T]) -> T | None:
    """None when it takes too long: a page waits for nobody who asks for too much."""
    step = db.session.begin_nested()
    try:
        db.session.execute(text(f"SET LOCAL statement_timeout = {LIMIT_MS}"))
        return read()
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", "") != "57014":  # query_canceled
            raise
        return None
    finally:
        step.rollback()


def create(by: User, name: str, rules: Rules) -> Segment:
    """Raises Invalid or Conflict; the code is the field's name, or names the condition."""
    name = _name(name)
    if (db.session.scalar(select(func.count()).select_from(Segment)) or 0) >= MOST:
        raise Conflict(_("%(count)s segments are the most. Delete one first.", count=MOST))
    _refuse_same(name)
    segment = Segment(name=name, rules=fields.check(rules).model_dump(), user_id=by.id)
    db.session.add(segment)
    db.session.flush()
    return segment


def change(segment: Segment, name: str, rules: Rules) -> None:
    name = _name(name)
    _refuse_same(name, segment)
    segment.name, segment.rules = name, fields.check(rules).model_dump()
    segment.changed_at = now()
    db.session.flush()


def remove(segment: Segment) -> None:
    """Its contacts stay."""
    db.session.delete(segment)


def _of(condition: ColumnElement[bool]) -> Select[Contact]:
    there = Contact.merged_into_id.is_(None), Contact.archived_at.is_(None)
    return select(Contact).where(*there, condition)


def _name(typed: str) -> str:
    name = " ".join("".join(c if c.isprintable() else " " for c in typed).split())
    if not names.key(name):
        raise Invalid(_("Give the segment a name."), code="name")
    if len(name) > MAX_NAME:
        raise Invalid(_("This is too long: %(count)s characters fit.", count=MAX_NAME), code="name")
    return name


def _refuse_same(name: str, besides: Segment | None = None) -> None:
    same = db.session.scalar(select(Segment).where(Segment.name_key == names.key(name)))
    if same is not None and same is not besides:
        raise Conflict(_("There is a segment “%(name)s” already.", name=same.name), code="name")
