"""Moments in a business's own time zone, in words."""

import calendar
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from flask_babel import get_locale
from flask_babel import gettext as _

_ENGLISH = {
    ("days", "wide"): calendar.day_name,
    ("days", "abbreviated"): calendar.day_abbr,
    ("months", "wide"): calendar.month_name,
    ("months", "abbreviated"): calendar.month_abbr,
}


@cache
def time_zones() -> frozenset[str]:
    """All that there are. The library reads some six hundred files for them."""
    return frozenset(available_timezones())


def clock(at: datetime, zone: str) -> str:
    """`10:42`"""
    return at.astimezone(ZoneInfo(zone)).strftime("%H:%M")


def local_date(at: datetime, zone: str) -> date:
    return at.astimezone(ZoneInfo(zone)).date()


def midnight(day: date, zone: str) -> datetime:
    """When the day begins there."""
    return datetime.combine(day, time(), ZoneInfo(zone))


def day_in_words(day: date, today: date) -> str:
    """`Today`, `Yesterday`, `Friday` within a week, then `3 Nov`, with the year when it is another."""
    if day == today:
        return _("Today")
    if day == today - timedelta(days=1):
        return _("Yesterday")
    if timedelta(0) < today - day < timedelta(days=7):
        return weekday(day)
    return day_and_month(day) if day.year == today.year else full(day)


def weekday(day: date) -> str:
    """`Friday`"""
    return str(_names("days", "wide")[day.weekday()])


def short_weekday(day: date) -> str:
    """`Fri`"""
    return str(_names("days", "abbreviated")[day.weekday()])


def day_and_month(day: date) -> str:
    """`3 Nov`"""
    return f"{day.day} {_names('months', 'abbreviated')[day.month]}"


def month(day: date) -> str:
    """`November`"""
    return str(_names("months", "wide")[day.month])


def full(day: date) -> str:
    """`3 Nov 2026`"""
    return f"{day_and_month(day)} {day.year}"


def _names(of: str, width: str) -> Any:
    """In the language that is spoken; English ones need no library of locales."""
    locale = get_locale()
    if locale is None or locale.language == "en":
        return _ENGLISH[of, width]
    return getattr(locale, of)["format"][width]


def since(at: datetime, now: datetime, zone: str) -> str:
    """`10:42` today, `Friday, 10:42` before."""
    day, today = local_date(at, zone), local_date(now, zone)
    time = clock(at, zone)
    return time if day == today else f"{day_in_words(day, today)}, {time}"


def exact(at: datetime, zone: str) -> str:
    """`21 Nov 2026, 10:42`"""
    return f"{full(local_date(at, zone))}, {clock(at, zone)}"
