"""Opening hours as people type them: "9-17:30", "9am to 1pm, 2pm to 6pm", "20:00–02:00", "closed"."""

import re
from collections.abc import Sequence
from itertools import pairwise

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.lib.hours import DAY, Range, Ranges

MAX_RANGES = 6  # of one day
LONGEST_NIGHT = 14 * 60  # minutes past midnight; "9-5" means the afternoon, and is asked back

_TIME = r"(\d{1,2})(?:[:.h](\d{2}))?\s*(am|pm|a\.m\.|p\.m\.)?|(noon|midday|midnight)"
_RANGE = re.compile(rf"^(?:{_TIME})\s*(?:[-–—‐‑−]|to|until|till)\s*(?:{_TIME})$", re.I)
_CLOSED = frozenset({"", "closed", "-", "–", "—"})
_ALL_DAY = frozenset({"24 hours", "24h", "24/7", "all day", _l("open all day")})
_NAMED = {"noon": 12 * 60, "midday": 12 * 60, "midnight": DAY}


class NotHours(ValueError):
    """Says what is wrong, in words for whoever typed it."""


def parse(typed: str) -> Ranges:
    """In order, without overlaps. Raises NotHours."""
    typed = " ".join(typed.split()).lower()
    if typed in _CLOSED:
        return ()
    if typed in _ALL_DAY:
        return (Range(0, DAY),)
    parts = [part for part in re.split(r"\s*(?:[,;&+/]|\band\b)\s*", typed) if part]
    if len(parts) > MAX_RANGES:
        raise NotHours(_("A day can have %(most)s openings at most.", most=MAX_RANGES))
    ranges = sorted(_range(part) for part in parts)
    for one, other in pairwise(ranges):
        if other.opens < one.closes:
            raise NotHours(
                _("%(one)s and %(other)s overlap.", one=written((one,)), other=written((other,)))
            )
    return tuple(ranges)


def written(ranges: Ranges) -> str:
    """As it stands in the field: parse() of it gives the same."""
    if any(each.is_whole_day for each in ranges):
        return "24 hours"
    return ", ".join(f"{clock(each.opens)}–{clock(each.closes)}" for each in ranges)


def clock(minutes: int) -> str:
    """`9:00`; the end of a day is `24:00`, what lies past it `02:00` as on a clock."""
    if minutes == DAY:
        return "24:00"
    return f"{minutes % DAY // 60}:{minutes % 60:02}"


def _range(part: str) -> Range:
    match = _RANGE.match(part)
    if match is None:
        raise NotHours(
            _(
                "“%(part)s” is no opening. Write 9:00–17:30, or leave it empty when closed.",
                part=part,
            )
        )
    opens, closes = _minutes(match.groups()[:4], part), _minutes(match.groups()[4:], part)
    half = match[7]
    if half and not match[3] and match[1] and int(match[1]) <= 12:  # "1-5pm" is the afternoon
        afternoon = _minutes((match[1], match[2], half, None), part)
        opens = afternoon if afternoon < closes else opens
    opens %= DAY
    if closes == 0:
        closes = DAY
    if opens == closes:
        raise NotHours(
            _(
                "“%(part)s” opens and closes at the same time. Write “24 hours” for all day.",
                part=part,
            )
        )
    return Range(opens, closes) if closes > opens else _past_midnight(opens, closes, part, match)


def _past_midnight(opens: int, closes: int, part: str, match: re.Match[str]) -> Range:
    is_clear = match[3] or match[7] or match[4] or match[8]
    if not is_clear and DAY - opens + closes > LONGEST_NIGHT:
        meant = f"{clock(opens)}–{clock(closes + DAY // 2)}"
        raise NotHours(
            _("“%(part)s” closes before it opens. Did you mean %(meant)s?", part=part, meant=meant)
        )
    return Range(opens, closes + DAY)


def _minutes(time: Sequence[str | None], part: str) -> int:
    """Of hour, minute, am or pm, and a name, each where it was typed."""
    hour, minute, half, name = time
    if name:
        return _NAMED[name]
    hours, minutes = int(hour or 0), int(minute or 0)
    if half:
        if not 1 <= hours <= 12:
            raise NotHours(
                _(
                    "“%(part)s”: %(hours)s %(half)s is no time of the day.",
                    part=part,
                    hours=hours,
                    half=half,
                )
            )
        hours = hours % 12 + (12 if half.startswith("p") else 0)
    if hours * 60 + minutes > DAY or minutes > 59:
        raise NotHours(
            _(
                "“%(part)s”: there is no %(hours)s:%(minutes)s on a clock.",
                part=part,
                hours=hours,
                minutes=f"{minutes:02}",
            )
        )
    return hours * 60 + minutes
