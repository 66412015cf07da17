"""What a sentence counts, and for when: its figures by unit, its days. English words, everybody's figures."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any


def _list(words: str) -> list[str]:
    return words.split()


MONTHS = _list(
    "january february march april may june july august september october november december"
)
WEEKDAYS = _list("monday tuesday wednesday thursday friday saturday sunday")
_NUMBERS = _list("one two three four five six seven eight nine ten eleven twelve")
_NUMBER_WORDS = {word: number for number, word in enumerate(_NUMBERS, start=1)}
_UNITS = {
    "day": "days", "days": "days", "hour": "hours", "hours": "hours", "hrs": "hours", "hr": "hours",
    "minute": "minutes", "minutes": "minutes", "mins": "minutes", "min": "minutes",
    "week": "weeks", "weeks": "weeks", "month": "months", "months": "months",
    "year": "years", "years": "years", "km": "km", "kilometres": "km", "kilometers": "km",
    "mile": "miles", "miles": "miles", "m": "m", "metre": "m", "metres": "m", "cm": "cm", "mm": "mm",
    "kg": "kg", "g": "g", "litre": "litres", "litres": "litres", "l": "litres", "ml": "ml",
    "ft": "ft", "feet": "ft", "foot": "ft", "inch": "inches", "inches": "inches", "kw": "kW",
    "watt": "W", "watts": "W", "degrees": "°", "°c": "°", "°": "°",
}  # fmt: skip
_MONEY = {"£": "£", "€": "€", "$": "$", "pound": "£", "pounds": "£", "gbp": "£", "euro": "€",
          "euros": "€", "eur": "€", "dollar": "$", "dollars": "$", "usd": "$"}  # fmt: skip
_N = r"(\d+(?:,\d{3})*(?:\.\d+)?)"
_MONTH = rf"({'|'.join(f'{name[:3]}(?:{name[3:]})?' if name[3:] else name for name in MONTHS)})"
_PATTERNS = re.compile(
    rf"(?P<before>[£€$])\s?{_N}"
    rf"|{_N}\s?(?P<after>[£€$]|(?:pounds?|euros?|dollars?|GBP|EUR|USD)\b)"
    r"|\b(?P<pence>\d{1,3})p\b"
    rf"|{_N}\s?(?P<percent>%|per\s?cent\b)"
    r"|\b(?P<hour>\d{1,2})(?:[.:](?P<minute>\d{2}))?\s?(?P<half>[ap])\.?m\b"
    r"|\b(?P<hour24>\d{1,2}):(?P<minute24>\d{2})\b"
    rf"|\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<month>{_MONTH})\b(?:,?\s+(?P<year>\d{{4}}))?"
    rf"|\b(?P<month2>{_MONTH})\s+(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+(?P<year2>\d{{4}}))?"
    rf"|{_N}[\s-]?(?P<unit>{'|'.join(sorted(map(re.escape, _UNITS), key=len, reverse=True))})(?![\w°])"
    rf"|\b(?P<word>{'|'.join(_NUMBER_WORDS)})\s(?P<worded>days?|hours?|minutes?|weeks?|months?|years?)\b",
    re.IGNORECASE,
)
_SEASONS = re.compile(r"\b(spring|summer|autumn|winter|christmas|easter|bank holiday)s?\b", re.I)
_WEEKDAY = re.compile(
    r"\b(mon|tue|wed|thu|fri|sat|sun)(?:day|sday|nesday|rsday|urday)?s?\b"
    r"(?:\s?(?:to|until|[-–—])\s?(mon|tue|wed|thu|fri|sat|sun)(?:day|sday|nesday|rsday|urday)?s?\b)?",
    re.I,
)
_WEEKDAY_SETS = {"weekday": range(5), "weekdays": range(5), "weekend": (5, 6), "weekends": (5, 6),
                 "daily": range(7), "every day": range(7)}  # fmt: skip
_SHORT = [name[:3] for name in WEEKDAYS]

Figures = dict[str, frozenset[Any]]


@dataclass(frozen=True, slots=True)
class Counted:
    """`figures` by kind: "£" → {42.0}, "time" → {540, 1050}, "days" → {30.0}, "date" → {(12, 24)}.
    `spoken` has each of them as it stands in the text."""

    figures: Figures
    weekdays: frozenset[int]
    seasons: frozenset[str]
    dates: tuple[date, ...] = ()  # those with a year
    spoken: dict[tuple[str, Any], str] = field(default_factory=dict)
    under: frozenset[Any] = frozenset()  # dates of the heading or question that it stands under


def count(text: str) -> Counted:
    figures: dict[str, set[Any]] = {}
    spoken: dict[tuple[str, Any], str] = {}
    dates: list[date] = []
    for kind, value, words, day in _found(text):
        figures.setdefault(kind, set()).add(value)
        spoken.setdefault((kind, value), words)
        if day:
            dates.append(day)
    return Counted(
        {kind: frozenset(values) for kind, values in figures.items()},
        weekdays(text),
        frozenset(match[1].lower() for match in _SEASONS.finditer(text)),
        tuple(dates),
        spoken,
    )


def weekdays(text: str) -> frozenset[int]:
    """Monday 0. "Monday to Friday" has five."""
    days: set[int] = set()
    for match in _WEEKDAY.finditer(text):
        first = _SHORT.index(match[1].lower())
        last = _SHORT.index(match[2].lower()) if match[2] else first
        days.update((first + step) % 7 for step in range((last - first) % 7 + 1))
    lowered = text.lower()
    for words, meant in _WEEKDAY_SETS.items():
        if re.search(rf"\b{words}\b", lowered):
            days.update(meant)
    return frozenset(days)


def _found(text: str) -> Iterator[tuple[str, Any, str, date | None]]:
    for match in _PATTERNS.finditer(text):
        group = {name: value for name, value in match.groupdict().items() if value}
        number = next((value for value in match.groups() if value and value[0].isdigit()), "")
        if money := group.get("before") or group.get("after"):
            yield _MONEY[money.lower()], _value(number), match[0], None
        elif "pence" in group:
            yield "£", _value(group["pence"]) / 100, match[0], None
        elif "percent" in group:
            yield "%", _value(number), match[0], None
        elif "hour" in group or "hour24" in group:
            if (minutes := _minutes(group)) is not None:
                yield "time", minutes, match[0], None
        elif "month" in group or "month2" in group:
            if found := _date(group):
                yield "date", found[:2], match[0], found[2]
        elif "unit" in group:
            yield _UNITS[group["unit"].lower()], _value(number), match[0], None
        else:
            unit = _UNITS[group["worded"].lower()]
            yield unit, float(_NUMBER_WORDS[group["word"].lower()]), match[0], None


def _value(number: str) -> float:
    return float(number.replace(",", ""))


def _minutes(group: dict[str, str]) -> int | None:
    hour = int(group.get("hour") or group["hour24"])
    minute = int(group.get("minute") or group.get("minute24") or 0)
    if "half" in group:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if group["half"].lower() == "p" else 0)
    return hour * 60 + minute if hour <= 24 and minute < 60 else None


def _date(group: dict[str, str]) -> tuple[int, int, date | None] | None:
    name = (group.get("month") or group["month2"]).lower()[:3]
    month = next(number for number, each in enumerate(MONTHS, start=1) if each.startswith(name))
    day, year = int(group.get("day") or group["day2"]), group.get("year") or group.get("year2")
    try:
        whole = date(int(year or 2024), month, day)  # a leap year: any day that there is
    except ValueError:
        return None
    return month, day, whole if year else None
