"""Moments that one chooses for later: the few that are offered, and one that was typed."""

from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from app.lib import dates

MORNING = time(9)
EVENING = time(18)
LATEST = time(21)  # "later today" ends here
A_WHILE = timedelta(hours=3)
NEAR = timedelta(hours=1)  # what lies closer together is offered once
QUARTER = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Choice:
    name: str  # later_today, this_evening, tomorrow, next_week
    label: str
    at: datetime


def choices(now: datetime, zone: str) -> list[Choice]:
    """Soonest first, each in words where the business is."""
    here = now.astimezone(ZoneInfo(zone))
    today = here.date()
    offered = _today(here, _at(today, zone, EVENING))
    tomorrow = today + timedelta(days=1)
    monday = today + timedelta(days=7 - today.weekday())
    offered.append(Choice("tomorrow", _("Tomorrow"), _at(tomorrow, zone)))
    if monday != tomorrow:
        offered.append(Choice("next_week", _("Next week"), _at(monday, zone)))
    return offered


def _today(here: datetime, evening: datetime) -> list[Choice]:
    offered, soon = [], _rounded(here + A_WHILE)
    has_evening = evening - here >= NEAR
    is_apart = not has_evening or abs(soon - evening) >= NEAR
    if is_apart and soon.date() == here.date() and soon.time() <= LATEST:
        offered.append(Choice("later_today", _("Later today"), soon))
    if has_evening:
        offered.append(Choice("this_evening", _("This evening"), evening))
    return sorted(offered, key=lambda each: each.at)


def typed(text: str, zone: str) -> datetime | None:
    """`2026-11-24T09:00`, as a browser's field sends it: where the business is. With a zone of its own it is taken
    as it is. None for what is no moment."""
    try:
        at = datetime.fromisoformat(text.strip())
        at = at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))
        at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return at if MINYEAR < at.year < MAXYEAR else None  # else it is none in another zone


def in_words(at: datetime, now: datetime, zone: str) -> str:
    """`today, 17:30`, `tomorrow, 9:00`, `Tue 24 Nov, 9:00`, with the year when it is another."""
    there, here = at.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone))
    clock = f"{there.hour}:{there:%M}"
    days = (there.date() - here.date()).days
    if days in (0, 1):
        return _("tomorrow, %(clock)s", clock=clock) if days else _("today, %(clock)s", clock=clock)
    day = dates.day_and_month(there) if there.year == here.year else dates.full(there)
    return f"{dates.short_weekday(there)} {day}, {clock}"


def for_field(at: datetime, zone: str) -> str:
    """As a browser's field takes it."""
    return at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M")


def _rounded(at: datetime) -> datetime:
    """Up to the next quarter of an hour."""
    over = timedelta(minutes=at.minute % 15, seconds=at.second, microseconds=at.microsecond)
    return at + (QUARTER - over if over else timedelta())


def _at(day: date, zone: str, at: time = MORNING) -> datetime:
    return datetime.combine(day, at, ZoneInfo(zone))
