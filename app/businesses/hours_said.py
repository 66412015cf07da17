"""Opening hours as a customer is told them, in the language that is spoken. (`lib/hours_words.py` has the English
sentences that answers quote.)"""

from datetime import date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_skeleton
from babel.lists import format_list
from flask_babel import gettext as _

from app.core import translating
from app.lib import dates, hours_words
from app.lib.hours import Hours, Range, Ranges, Special
from app.lib.hours_typed import clock
from app.lib.hours_words import LONG_OPENING

A_MONDAY = date(2024, 1, 1)
SOON = timedelta(days=7)
SPECIALS = 3  # that are told ahead


def at_moment(hours: Hours, at: datetime) -> str:
    closes = hours.closes_at(at)
    if closes is None:
        return closed(hours, at)
    if closes - at > LONG_OPENING:
        return _("We are open now.")
    return _("We are open now, until %(clock)s.", clock=_clock(closes, hours.zone))


def closed(hours: Hours, at: datetime) -> str:
    """While it is: when it opens again."""
    opens_at = hours.next_opening(at)
    if opens_at is None:
        return _("We are closed at the moment.")
    day, today = dates.local_date(opens_at, hours.zone), dates.local_date(at, hours.zone)
    at_clock = _clock(opens_at, hours.zone)
    if day == today:
        return _("We are closed now and open again today at %(clock)s.", clock=at_clock)
    if day - today == timedelta(days=1):
        return _("We are closed now and open again tomorrow at %(clock)s.", clock=at_clock)
    named = _weekday(day) if day - today < SOON else _day(day)
    return _("We are closed now and open again on %(day)s at %(clock)s.", day=named, clock=at_clock)


def week(hours: Hours, today: date) -> list[str]:
    """`Monday – Friday: 9:00–17:30`, like days together; then what is different soon."""
    of_day = [(hours.week.get(number, ()), number) for number in range(7)]
    lines = []
    for ranges, days in groupby(of_day, key=lambda each: each[0]):
        numbers = [number for _ranges, number in days]
        ends = dict.fromkeys((numbers[0], numbers[-1]))
        named = [_weekday(A_MONDAY + timedelta(days=number)) for number in ends]
        lines.append(f"{' – '.join(named)}: {_times(ranges)}")
    return lines + [_special(each) for each in hours_words.upcoming(hours, today)[:SPECIALS]]


def of_day(ranges: Ranges) -> str:
    """`from 9:00 to 12:30 and from 14:00 to 18:00`, within a sentence."""
    if not ranges or any(each.is_whole_day for each in ranges):
        return _times(ranges)
    return format_list([_range(each) for each in ranges], locale=_locale())


def _range(each: Range) -> str:
    opens, closes = clock(each.opens), clock(each.closes)
    if each.is_past_midnight:
        return _("from %(opens)s to %(closes)s the next day", opens=opens, closes=closes)
    return _("from %(opens)s to %(closes)s", opens=opens, closes=closes)


def _special(special: Special) -> str:
    ends = dict.fromkeys((special.first_day, special.last_day))
    days = " – ".join(format_date(day, "long", locale=_locale()) for day in ends)
    name = f" ({special.name})" if special.name else ""
    return f"{days}{name}: {_times(special.ranges)}"


def _times(ranges: Ranges) -> str:
    if not ranges:
        return _("closed")
    if any(each.is_whole_day for each in ranges):
        return _("24 hours")
    return ", ".join(f"{clock(each.opens)}–{clock(each.closes)}" for each in ranges)


def _weekday(day: date) -> str:
    return format_date(day, "EEEE", locale=_locale())


def _day(day: date) -> str:
    """`7 December`, `7. Dezember`, `7 de diciembre`"""
    return format_skeleton("MMMMd", day, locale=_locale())


def _locale() -> str:
    language = translating.language()
    return "en_GB" if language == translating.ENGLISH else language


def _clock(at: datetime, zone: str) -> str:
    local = at.astimezone(ZoneInfo(zone))
    return clock(local.hour * 60 + local.minute)
