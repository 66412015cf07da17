"""What a list is narrowed to, in words."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.accounts.models import User
from app.channels.website_texts import LANGUAGES
from app.contacts.models import Tag
from app.conversations.filters import SORTS, STATUSES, WAITING, Filters
from app.core import tenancy
from app.core.db import now
from app.core.translating import spoken
from app.extensions import db
from app.lib import dates

CHANNELS = {
    "website": _l("Website"),
    "whatsapp": "WhatsApp",
    "messenger": _l("Messenger"),
    "sms": "SMS",
    "email": _l("E-mail"),
}


class Chip(NamedTuple):
    """`name` is the field that it takes away."""

    name: str
    label: str


def of(filters: Filters, zone: str) -> list[Chip]:
    return list(_all(filters, zone))


def _all(filters: Filters, zone: str) -> Iterator[Chip]:
    if filters.channel:
        yield Chip("channel", CHANNELS.get(filters.channel, filters.channel))
    if filters.assignee:
        yield Chip("assignee", _assignee(filters.assignee))
    if filters.tag:
        tag = db.session.get(Tag, (tenancy.current_business_id(), filters.tag))
        yield Chip("tag", tag.name if tag else _("A tag that was deleted"))
    if filters.priority:
        yield Chip("priority", _("Priority: %(priority)s", priority=spoken(filters.priority)))
    if filters.status:
        yield Chip("status", STATUSES[filters.status])
    if filters.unread:
        yield Chip("unread", _("Unread"))
    if filters.files:
        yield Chip("files", _("With files"))
    if filters.language:
        yield Chip("language", LANGUAGES[filters.language])
    if filters.waiting:
        yield Chip("waiting", WAITING[filters.waiting])
    if filters.since:
        yield Chip("since", _("From %(day)s", day=_day(filters.since, zone)))
    if filters.until:
        yield Chip("until", _("Until %(day)s", day=_day(filters.until, zone)))
    if filters.sort != "newest":
        yield Chip("sort", SORTS[filters.sort])


def _assignee(chosen: str) -> str:
    if chosen == "me":
        return _("Assigned to me")
    user = None if chosen == "nobody" else db.session.get(User, int(chosen))
    return _("Assigned to %(name)s", name=user.name) if user else _("Assigned to nobody")


def _day(day: str, zone: str) -> str:
    return dates.day_in_words(date.fromisoformat(day), dates.local_date(now(), zone))
