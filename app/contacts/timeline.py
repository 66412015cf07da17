"""A contact's history, newest first: activities and nothing else."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select, tuple_

from app.accounts.models import User
from app.contacts.models import Activity
from app.core.pagination import Cursor
from app.extensions import db

PAGE_ROWS = 30
# What a filter shows, by the beginning of its kinds.
AREAS = {
    "conversations": ("conversation", "hand_off", "callback"),
    "record": ("contact", "identity", "tag", "field", "person"),
    "notes": ("note", "file"),
    "consent": ("consent", "chat"),
}
AREA_LABELS = {
    "": _l("Everything"),
    "conversations": _l("Conversations"),
    "notes": _l("Notes and files"),
    "record": _l("Changes"),
    "consent": _l("Consent"),
}


@dataclass(frozen=True, slots=True)
class Timeline:
    """`actors` are the members who did something of it, by id; `after` is its last row's place when there are more."""

    rows: list[Activity]
    actors: dict[int, User]
    area: str
    after: Cursor | None

    @property
    def areas(self) -> dict[str, str]:
        return AREA_LABELS


def of(contact_id: int, area: str = "", after: Cursor | None = None) -> Timeline:
    query = (
        select(Activity)
        .where(Activity.contact_id == contact_id)
        .order_by(Activity.occurred_at.desc(), Activity.id.desc())
        .limit(PAGE_ROWS + 1)
    )
    if area:
        # A timeline of one contact is short enough to look at each line of it.
        query = query.where(func.split_part(Activity.kind, ".", 1).in_(AREAS[area]))
    if after:
        place = tuple_(Activity.occurred_at, Activity.id)
        query = query.where(place < tuple_(after.at, after.id))
    found = list(db.session.scalars(query))
    rows = found[:PAGE_ROWS]
    last = Cursor(rows[-1].occurred_at, rows[-1].id) if len(found) > PAGE_ROWS else None
    return Timeline(rows, _actors(rows), area, last)


def _actors(rows: list[Activity]) -> dict[int, User]:
    ids = {each.actor_id for each in rows if each.actor_id}
    found = db.session.scalars(select(User).where(User.id.in_(ids))) if ids else ()
    return {user.id: user for user in found}
