"""The list of contacts: filtered, sorted, a page by key, counted up to a cap.

All comparisons are of a kind that Postgres may answer by an index under row security.
"""

from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, and_, func, or_, select, tuple_, union
from sqlalchemy.orm import joinedload, selectinload

from app.businesses import profile
from app.contacts.models import Contact, ContactIdentity, ContactTag, Tag
from app.core.pagination import Cursor
from app.extensions import db
from app.lib import names, phones

PAGE_ROWS = 50
MOST_COUNTED = 10_000
SORTS = {"activity": _l("Last activity"), "name": _l("Name"), "newest": _l("Newest")}
LAST = "\U0010ffff"  # after everything that begins like something


@dataclass(frozen=True, slots=True)
class Filter:
    words: str = ""
    tag_id: int = 0
    company_id: int = 0
    has: str = ""  # email, phone
    archived: bool = False
    segment_id: int = 0
    sort: str = "activity"
    condition: ColumnElement[bool] | None = field(default=None, compare=False)  # of the segment

    @property
    def as_query(self) -> dict[str, str | int]:
        """As it stands in an address."""
        chosen: dict[str, str | int] = {
            "q": self.words,
            "tag": self.tag_id,
            "company": self.company_id,
            "has": self.has,
            "archived": int(self.archived),
            "segment": self.segment_id,
            "sort": self.sort if self.sort != "activity" else "",
        }
        return {name: value for name, value in chosen.items() if value}

    @property
    def is_narrow(self) -> bool:
        return bool(replace(self, sort="activity").as_query)

    def with_other(self, **changes: Any) -> dict[str, str | int]:
        return replace(self, **changes).as_query


@dataclass(frozen=True, slots=True)
class Page:
    """`after` is the place of its last row when there are more; `tags` are those of each contact shown."""

    rows: list[Contact]
    tags: dict[int, list[Tag]]
    after: str


def page(filter: Filter, after: str = "") -> Page:
    query = _sorted(of(filter), filter.sort, after).limit(PAGE_ROWS + 1)
    query = query.options(selectinload(Contact.identities), joinedload(Contact.company))
    found = list(db.session.scalars(query))
    rows, more = found[:PAGE_ROWS], len(found) > PAGE_ROWS
    return Page(rows, tags_of([each.id for each in rows]), _place(rows[-1], filter.sort) if more else "")  # fmt: skip


def count(filter: Filter) -> str:
    """“1,204”, or “10,000+”."""
    capped = of(filter).with_only_columns(Contact.id).limit(MOST_COUNTED + 1).subquery()
    found = db.session.scalar(select(func.count()).select_from(capped)) or 0
    return f"{MOST_COUNTED:,}+" if found > MOST_COUNTED else f"{found:,}"


def is_any() -> bool:
    return bool(db.session.scalar(select(select(Contact.id).exists())))


def tags_of(contact_ids: list[int]) -> dict[int, list[Tag]]:
    found: dict[int, list[Tag]] = {}
    query = (
        select(ContactTag.contact_id, Tag)
        .join(Tag, Tag.id == ContactTag.tag_id)
        .where(ContactTag.contact_id.in_(contact_ids))
        .order_by(Tag.name_key)
    )
    for contact_id, tag in db.session.execute(query) if contact_ids else ():
        found.setdefault(contact_id, []).append(tag)
    return found


def of(filter: Filter) -> Select[Contact]:
    """Those that it lets through, in no order."""
    archived = Contact.archived_at.is_not(None) if filter.archived else Contact.archived_at.is_(None)  # fmt: skip
    query = select(Contact).where(Contact.merged_into_id.is_(None), archived)
    if filter.tag_id:
        tagged = select(ContactTag.contact_id).where(ContactTag.tag_id == filter.tag_id)
        query = query.where(Contact.id.in_(tagged))
    if filter.company_id:
        query = query.where(Contact.company_id == filter.company_id)
    if filter.has:
        known = ContactIdentity.contact_id == Contact.id
        query = query.where(
            select(ContactIdentity.id).where(known, ContactIdentity.kind == filter.has).exists()
        )
    if filter.condition is not None:
        query = query.where(filter.condition)
    return query.where(_said(filter.words)) if filter.words else query


def _said(words: str) -> Any:
    """What the name begins with, or an address; whole telephone numbers in any spelling."""
    key = names.key(words)
    by_address = [begins(ContactIdentity.value.collate("C"), words.strip().lower())]
    with suppress(phones.NotPhone):
        number = phones.normal(words, profile.home_country())
        by_address.append(ContactIdentity.value == number)
    owners = select(ContactIdentity.contact_id).where(or_(*by_address))
    return Contact.id.in_(union(select(Contact.id).where(begins(Contact.name_key, key)), owners))


def begins(column: Any, start: str) -> ColumnElement[bool]:
    return and_(column >= start, column < start + LAST)


def _sorted(query: Select[Contact], sort: str, after: str) -> Select[Contact]:
    if sort == "name":
        contact_id, _, key = after.partition("-")
        if contact_id.isdecimal() and len(contact_id) < 19:
            place = tuple_(Contact.name_key, Contact.id)
            query = query.where(place > tuple_(key, int(contact_id)))
        return query.order_by(Contact.name_key, Contact.id)
    if sort == "newest":
        if after.isdecimal() and len(after) < 19:
            query = query.where(Contact.id < int(after))
        return query.order_by(Contact.id.desc())
    if cursor := Cursor.parse(after):
        place = tuple_(Contact.last_activity_at, Contact.id)
        query = query.where(place < tuple_(cursor.at, cursor.id))
    return query.order_by(Contact.last_activity_at.desc(), Contact.id.desc())


def _place(contact: Contact, sort: str) -> str:
    if sort == "name":
        return f"{contact.id}-{contact.name_key}"
    return str(contact.id if sort == "newest" else contact.cursor)
