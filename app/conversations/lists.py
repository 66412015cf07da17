"""The inbox's list: conversations as rows of what the list shows, by key.

Rows and not entities, and the rows' own table first: a page of the list reads an index in its order, and joins names
to fifty rows, however many conversations there are.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import and_, exists, func, select, text, tuple_

from app.accounts.models import User
from app.channels.models import Channel
from app.contacts.models import SURE_LINKS, Contact, Visitor, shown_name
from app.conversations.filters import Filters, read
from app.conversations.models import (
    COUNTED,
    PRIORITIES,
    Conversation,
    ConversationTag,
    Mention,
    SavedView,
    Unread,
)
from app.conversations.models.threads import IN_LISTS
from app.core.pagination import Cursor
from app.extensions import db
from app.lib import dates

C = Conversation
LOOKED_AT = 500  # of a member's unread conversations, for the counts of saved views


class Row(NamedTuple):
    """A line of the list."""

    id: int
    status: str
    last_message_at: datetime
    last_text: str
    handed_off_at: datetime | None
    assignee_id: int | None
    priority: int
    snoozed_until: datetime | None
    waiting_since: datetime | None
    visitor_id: int
    said_name: str | None
    email: str | None
    phone: str | None
    contact_name: str | None
    channel_kind: str
    channel_name: str
    assignee_name: str | None
    unread_to: int | None

    @property
    def title(self) -> str:
        return shown_name(
            self.visitor_id, self.contact_name, self.said_name, self.email, self.phone
        )

    @property
    def is_unread(self) -> bool:
        return self.unread_to is not None

    @property
    def is_waiting(self) -> bool:
        """For a person."""
        is_called = self.handed_off_at is not None and self.assignee_id is None
        return is_called and self.status != "resolved"

    def cursor(self, sort: str) -> Cursor:
        """Its place in a list of this order."""
        at = self.waiting_since if sort == "waiting" else None
        return Cursor(at or self.last_message_at, self.id)


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
    query = select(C.id).where(text(IN_LISTS), *_conditions(filters, user_id, zone))
    at = C.waiting_since if filters.sort == "waiting" else C.last_message_at
    place = tuple_(at, C.id)
    is_newest = filters.sort == "newest"
    if before:
        here = tuple_(before.at, before.id)
        query = query.where(place < here if is_newest else place > here)
    if through:
        here = tuple_(through.at, through.id)
        query = query.where(place >= here if is_newest else place <= here)
    order = (at.desc(), C.id.desc()) if is_newest else (at, C.id)
    found = query.order_by(*order).limit(limit).subquery()
    shown = _shown(user_id).join(found, found.c.id == C.id).order_by(*order)
    return [Row(*row) for row in db.session.execute(shown)]


def _shown(user_id: int) -> Any:
    """What Row holds, in its order."""
    sure = and_(
        Contact.id == Visitor.contact_id,
        Visitor.contact_link.in_(SURE_LINKS),
    )
    mine = and_(Unread.conversation_id == C.id, Unread.user_id == user_id)
    return (
        select(
            C.id, C.status, C.last_message_at, C.last_text, C.handed_off_at, C.assignee_id,
            C.priority, C.snoozed_until, C.waiting_since,
            Visitor.id, Visitor.name, Visitor.email, Visitor.phone, Contact.name,
            Channel.kind, Channel.name, User.name, Unread.position,
        )
        .select_from(C)
        .join(Visitor, Visitor.id == C.visitor_id)
        .outerjoin(Contact, sure)
        .join(Channel, Channel.id == C.channel_id)
        .outerjoin(User, User.id == C.assignee_id)
        .outerjoin(Unread, mine)
    )  # fmt: skip


def _conditions(filters: Filters, user_id: int, zone: str) -> list[Any]:
    found: list[Any] = list(_of_view(filters, user_id))
    if filters.channel:
        found.append(_one_of(C.channel_id, _channels(filters.channel)))
    if filters.assignee:
        found.append(_of_assignee(filters.assignee, user_id))
    if filters.tag:
        has_tag = exists().where(
            ConversationTag.conversation_id == C.id, ConversationTag.tag_id == filters.tag
        )
        found.append(has_tag)
    if filters.priority:
        found += [C.priority == PRIORITIES.index(filters.priority), text("priority > 0")]
    if filters.unread:
        found.append(exists().where(Unread.conversation_id == C.id, Unread.user_id == user_id))
    return found + _of_time(filters, zone)


def _of_view(filters: Filters, user_id: int) -> Iterable[Any]:
    if filters.shown_status:
        yield C.status == filters.shown_status
    if filters.view == "mine":
        yield C.assignee_id == user_id
    elif filters.view == "unassigned":
        yield C.assignee_id.is_(None)
        yield C.handed_off_at.is_not(None)
    elif filters.view == "mentions":
        yield exists().where(Mention.conversation_id == C.id, Mention.user_id == user_id)


def _of_assignee(assignee: str, user_id: int) -> Any:
    if assignee == "nobody":
        return C.assignee_id.is_(None)
    return C.assignee_id == (user_id if assignee == "me" else int(assignee))


def _of_time(filters: Filters, zone: str) -> list[Any]:
    found: list[Any] = []
    if filters.waiting == "us" or filters.sort == "waiting":
        found.append(C.waiting_since.is_not(None))
    if filters.waiting == "customer":
        found.append(C.waiting_since.is_(None))
    if filters.since:
        found.append(C.last_message_at >= _midnight(filters.since, zone))
    if filters.until:
        found.append(C.last_message_at < _midnight(filters.until, zone, days=1))
    return found


def _midnight(day: str, zone: str, days: int = 0) -> datetime:
    return dates.midnight(date.fromisoformat(day) + timedelta(days=days), zone)


def _channels(kind: str) -> list[int]:
    return list(db.session.scalars(select(Channel.id).where(Channel.kind == kind)))


def _one_of(column: Any, values: list[int]) -> Any:
    """An index keeps its order behind one value, not behind several."""
    return column == values[0] if len(values) == 1 else column.in_(values)


def saved_counts(views: list[SavedView], user_id: int, zone: str) -> dict[int, str]:
    """How many unread conversations each saved view has, as a page says it: "3", "99+", or "3+" where a member
    has left so many unread that only the newest were looked at."""
    if not views:
        return {}
    newest = (
        select(Unread.conversation_id)
        .where(Unread.user_id == user_id)
        .order_by(Unread.conversation_id.desc())
        .limit(LOOKED_AT)
        .subquery()
    )
    counts = [
        func.count().filter(*_conditions(read(view.filters), user_id, zone)) for view in views
    ]
    is_one = and_(newest.c.conversation_id == C.id, text(IN_LISTS))
    row = db.session.execute(
        select(func.count(), *counts).select_from(newest).join(C, is_one)
    ).one()
    is_all = row[0] < LOOKED_AT
    return {
        view.id: in_words(count, is_all=is_all) for view, count in zip(views, row[1:], strict=True)
    }


def in_words(count: int, *, is_all: bool = True) -> str:
    """Of what is counted up to COUNTED; "" for nothing."""
    if count >= COUNTED:
        return f"{COUNTED - 1}+"
    return f"{count}{'' if is_all else '+'}" if count else ""
