"""Moments in a business's own time zone, in words."""

from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones


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
        return "Today"
    if day == today - timedelta(days=1):
        return "Yesterday"
    if timedelta(0) < today - day < timedelta(days=7):
        return day.strftime("%A")
    return f"{day.day} {day.strftime('%b')}" + (f" {day.year}" if day.year != today.year else "")


def since(at: datetime, now: datetime, zone: str) -> str:
    """`10:42` today, `Friday, 10:42` before."""
    day, today = local_date(at, zone), local_date(now, zone)
    time = clock(at, zone)
    return time if day == today else f"{day_in_words(day, today)}, {time}"


def exact(at: datetime, zone: str) -> str:
    """`21 Nov 2026, 10:42`"""
    return at.astimezone(ZoneInfo(zone)).strftime("%d %b %Y, %H:%M").lstrip("0")
