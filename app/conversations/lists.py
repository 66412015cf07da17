"""The inbox's list: conversations as rows of what the list shows, by key.

In SQL as it is: a page of the list is asked for by every tab of every member at each signal, and building statements out of
parts would cost more than Postgres takes. A page reads an index of its own in the list's order (models/threads.py) and joins
names to those rows alone, however many conversations there are. Row security adds the business.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import TextClause, text

from app.contacts.models import shown_name
from app.conversations.filters import Filters, read
from app.conversations.models import PRIORITIES
from app.conversations.models.threads import IN_LISTS
from app.core.pagination import Cursor
from app.extensions import db
from app.lib import dates

COUNTED = 100  # then a count says 99+, and costs no more
LOOKED_AT = 100  # of a member's unread conversations, for the counts of saved views
PLACE_OF = {
    "newest": "c.last_message_at",
    "oldest": "c.last_message_at",
    "waiting": "c.waiting_since",
}


class Row(NamedTuple):
    """A line of the list."""

    id: int
    status: str
    last_message_at: datetime
    waiting_since: datetime | None
    last_text: str
    handed_off_at: datetime | None
    assignee_id: int | None
    priority: int
    visitor_id: int
    contact_name: str | None
    said_name: str | None
    email: str | None
    phone: str | None
    channel_kind: str
    assignee_name: str | None
    is_unread: bool
    has_draft: bool  # of the member who looks

    @property
    def title(self) -> str:
        return shown_name(
            self.visitor_id, self.contact_name, self.said_name, self.email, self.phone
        )

    @property
    def is_waiting(self) -> bool:
        """For a person."""
        is_called = self.handed_off_at is not None and self.assignee_id is None
        return is_called and self.status != "resolved"

    def cursor(self, sort: str) -> Cursor:
        """Its place in a list of this order."""
        at = self.waiting_since if sort == "waiting" else None
        return Cursor(at or self.last_message_at, self.id)


# In the order of Row.
ROWS = """
SELECT c.id, c.status, c.last_message_at, c.waiting_since, c.last_text, c.handed_off_at, c.assignee_id, c.priority,
  v.id, CASE WHEN v.contact_link IN ('own', 'confirmed') THEN
    (SELECT name FROM contacts p WHERE p.id = v.contact_id AND p.business_id = c.business_id) END,
  v.name, v.email, v.phone,
  h.kind,
  (SELECT name FROM users a WHERE a.id = c.assignee_id),
  EXISTS (SELECT 1 FROM unread_conversations u WHERE u.conversation_id = c.id AND u.user_id = :me),
  EXISTS (SELECT 1 FROM conversation_drafts d WHERE d.conversation_id = c.id AND d.user_id = :me)
FROM (SELECT * FROM conversations c WHERE {where} ORDER BY {order} LIMIT :limit) c
JOIN visitors v ON v.id = c.visitor_id AND v.business_id = c.business_id
JOIN channels h ON h.id = c.channel_id AND h.business_id = c.business_id
ORDER BY {order}
"""

OF_KIND = "SELECT h.id FROM channels h WHERE h.kind = :kind"
# No EXISTS, which Postgres would turn into a join of all that is open with all that is unread.
IS_UNREAD = (
    "(SELECT true FROM unread_conversations n WHERE n.conversation_id = c.id AND n.user_id = :me)"
)
FEW = 2000  # unread ones: then they are looked up, and else met soon enough on the way through the list
HAS_FILES = """EXISTS (SELECT 1 FROM messages m JOIN message_files f ON f.message_id = m.id AND f.business_id = m.business_id
  WHERE m.conversation_id = c.id)"""
# What their contact is said to speak, else what their chat does, or their words.
SPEAKS = """EXISTS (SELECT 1 FROM visitors s LEFT JOIN contacts p ON p.id = s.contact_id AND p.business_id = s.business_id
  AND s.contact_link IN ('own', 'confirmed') WHERE s.id = c.visitor_id AND coalesce(p.language, s.language) = {language})"""
UNREAD_IDS = "c.id = ANY(ARRAY(SELECT n.conversation_id FROM unread_conversations n WHERE n.user_id = :me LIMIT :few))"


def rows(
    filters: Filters,
    user_id: int,
    zone: str,
    limit: int,
    *,
    before: Cursor | None = None,
    through: Cursor | None = None,
) -> list[Row]:
    """Those after `before` in the list, or the list down to `through`."""
    values: dict[str, Any] = {"me": user_id, "limit": limit}
    where = [IN_LISTS, *_conditions(filters, zone, values)]
    if filters.unread and unread_count(user_id, most=FEW) < FEW:
        where.append(UNREAD_IDS)
        values["few"] = FEW
    at = PLACE_OF[filters.sort]
    is_newest = filters.sort == "newest"
    if before:
        where.append(f"({at}, c.id) {'<' if is_newest else '>'} (:at, :id)")
        values |= {"at": before.at, "id": before.id}
    if through:
        where.append(f"({at}, c.id) {'>=' if is_newest else '<='} (:at, :id)")
        values |= {"at": through.at, "id": through.id}
    order = f"{at} DESC, c.id DESC" if is_newest else f"{at}, c.id"
    found = db.session.execute(
        _statement(ROWS.format(where=" AND ".join(where), order=order)), values
    )
    return [Row(*row) for row in found]


@lru_cache(maxsize=512)
def _statement(sql: str) -> TextClause:
    """The same words are the same object, which SQLAlchemy knows already."""
    return text(sql)


def _conditions(
    filters: Filters, zone: str, values: dict[str, Any], mark: str = ""
) -> Iterator[str]:
    """What the list is narrowed to, over `conversations c`. Each value goes into `values` under a name that `mark`
    tells from others."""

    def value(name: str, of: Any) -> str:
        values[f"{name}{mark}"] = of
        return f":{name}{mark}"

    if filters.shown_status:
        yield f"c.status = {value('status', filters.shown_status)}"
    yield from _of_view(filters)
    if filters.channel:
        yield _of_channel(filters.channel, mark, values)
    if filters.assignee == "nobody":
        yield "c.assignee_id IS NULL"
    elif filters.assignee == "me":
        yield "c.assignee_id = :me"
    elif filters.assignee:
        yield f"c.assignee_id = {value('assignee', int(filters.assignee))}"
    if filters.tag:
        tag = value("tag", filters.tag)
        yield f"EXISTS (SELECT 1 FROM conversation_tags t WHERE t.conversation_id = c.id AND t.tag_id = {tag})"  # noqa: S608  a name
    if filters.priority:
        yield f"c.priority = {value('priority', PRIORITIES.index(filters.priority))} AND c.priority > 0"
    if filters.unread:
        yield IS_UNREAD
    if filters.waiting == "customer":
        yield "c.waiting_since IS NULL"
    elif filters.waiting or filters.sort == "waiting":
        yield "c.waiting_since IS NOT NULL"
    if filters.since:
        yield f"c.last_message_at >= {value('since', _midnight(filters.since, zone))}"
    if filters.until:
        yield f"c.last_message_at < {value('until', _midnight(filters.until, zone, days=1))}"
    yield from _of_customer(filters, value)


def _of_customer(filters: Filters, value: Callable[[str, Any], str]) -> Iterator[str]:
    if filters.files:
        yield HAS_FILES
    if filters.language:
        yield SPEAKS.format(language=value("language", filters.language))


def _of_channel(kind: str, mark: str, values: dict[str, Any]) -> str:
    """An index keeps its order behind one value, not behind several."""
    ids = list(db.session.execute(_statement(OF_KIND), {"kind": kind}).scalars())
    names = [f"channel{mark}_{number}" for number in range(len(ids))]
    values |= dict(zip(names, ids, strict=True))
    marks = [f":{name}" for name in names]
    return (
        f"c.channel_id = {marks[0]}"
        if len(ids) == 1
        else f"c.channel_id IN ({', '.join(marks) or 'NULL'})"
    )


def _of_view(filters: Filters) -> Iterator[str]:
    if filters.view == "mine":
        yield "c.assignee_id = :me"
    elif filters.view == "unassigned":
        yield "c.assignee_id IS NULL AND c.handed_off_at IS NOT NULL"
    elif filters.view == "mentions":
        yield "EXISTS (SELECT 1 FROM conversation_mentions m WHERE m.conversation_id = c.id AND m.user_id = :me)"


def _midnight(day: str, zone: str, days: int = 0) -> datetime:
    return dates.midnight(date.fromisoformat(day) + timedelta(days=days), zone)


UNREAD = "(SELECT count(*) FROM (SELECT FROM unread_conversations u WHERE u.user_id = :me AND {where} LIMIT :most) u)"
COUNTS = {
    "mine": UNREAD.format(where="u.status = 'open' AND u.assignee_id = :me"),
    "unassigned": UNREAD.format(
        where="u.status = 'open' AND u.assignee_id IS NULL AND u.is_waiting"
    ),
    "mentions": "(SELECT count(DISTINCT m.conversation_id) FROM conversation_mentions m WHERE m.user_id = :me AND m.seen_at IS NULL)",
    "snoozed": UNREAD.format(where="u.status = 'snoozed'"),
    "all": UNREAD.format(where="u.status = 'open'"),
    "waiting": """(SELECT count(*) FROM (SELECT FROM hand_offs h JOIN conversations c ON c.id = h.conversation_id
        WHERE h.ended_at IS NULL AND NOT c.is_preview AND c.handed_off_at IS NOT NULL AND c.assignee_id IS NULL LIMIT :most) w)""",
    "callbacks": """(SELECT count(*) FROM callbacks b JOIN conversations c ON c.id = b.conversation_id
        WHERE b.done_at IS NULL AND NOT c.is_preview)""",
}
# OFFSET 0: each is looked up by its key. A join may walk through all conversations up to the newest.
OF_SAVED = f"""
FROM (SELECT u.conversation_id FROM unread_conversations u WHERE u.user_id = :me
      ORDER BY u.conversation_id DESC LIMIT :looked_at) u
CROSS JOIN LATERAL (SELECT * FROM conversations c WHERE c.id = u.conversation_id AND {IN_LISTS} OFFSET 0) c
"""  # noqa: S608  constants


SAVED = """(SELECT json_agg(json_build_array(s.id, s.name, s.user_id, s.filters) ORDER BY s.user_id IS NOT NULL, s.place, s.id)
    FROM saved_views s WHERE s.user_id IS NULL OR s.user_id = :me)"""


class Saved(NamedTuple):
    """A saved view beside the list. `unread` is in words: "3", "99+", or "3+" where a member has left so many unread
    that only the newest were looked at."""

    id: int
    name: str
    user_id: int | None
    filters: Filters
    unread: str

    @property
    def is_shared(self) -> bool:
        return self.user_id is None


class Counts(NamedTuple):
    """Of what is unread, by view; of who waits for a person, and of open callbacks, under names of their own; and the
    saved views."""

    views: dict[str, int]
    saved: list[Saved]


def counts(user_id: int, zone: str) -> Counts:
    asked = ", ".join([*COUNTS.values(), SAVED])
    row = db.session.execute(_statement(f"SELECT {asked}"), {"me": user_id, "most": COUNTED}).one()
    kept = [(of, name, whose, read(narrowed)) for of, name, whose, narrowed in row[-1] or ()]
    return Counts(dict(zip(COUNTS, row, strict=False)), _counted(kept, user_id, zone))


def _counted(
    kept: list[tuple[int, str, int | None, Filters]], user_id: int, zone: str
) -> list[Saved]:
    """With what is unread in each, in one statement."""
    if not kept:
        return []
    values: dict[str, Any] = {"me": user_id, "looked_at": LOOKED_AT}
    asked = ["count(*)"]
    for view_id, _name, _user_id, narrowed in kept:
        where = " AND ".join(_conditions(narrowed, zone, values, f"_{view_id}"))
        asked.append(f"count(*) FILTER (WHERE {where})")
    sql = f"SELECT {', '.join(asked)} {OF_SAVED}"
    looked_at, *found = db.session.execute(_statement(sql), values).one()
    is_all = looked_at < LOOKED_AT
    return [
        Saved(*view, unread=in_words(count, is_all=is_all))
        for view, count in zip(kept, found, strict=True)
    ]


def unread_count(user_id: int, most: int = COUNTED) -> int:
    """Of what is open, up to `most`."""
    sql = f"SELECT {COUNTS['all']}"
    return int(db.session.execute(_statement(sql), {"me": user_id, "most": most}).scalar_one())


def waiting_count() -> int:
    """Who waits for a person, up to COUNTED."""
    sql = f"SELECT {COUNTS['waiting']}"
    return int(db.session.execute(_statement(sql), {"most": COUNTED}).scalar_one())


def in_words(count: int, *, is_all: bool = True) -> str:
    """Of what is counted up to COUNTED; "" for nothing."""
    if count >= COUNTED:
        return f"{COUNTED - 1}+"
    return f"{count}{'' if is_all else '+'}" if count else ""
