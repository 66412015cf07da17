"""Dates in what somebody writes: "next Friday", "12 March", "3.5.", "mañana", in five languages.

Ours, because the library for it (dateparser) costs 24 MB of the worker and reads "mon chat" as Monday and "I may
come" as May. What could be a number, a name or a greeting is no date here.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from app.lib.words import fold

FARTHEST_DAYS = 3 * 366  # from today, either way; what lies farther is a birthday or a typo

_MONTHS = (
    "january jan enero ene januar janner janvier janv janeiro",
    "february feb febrero februar feber fevrier fevr fevereiro fev",
    "march mar marzo marz mrz mars marco",
    "april apr abril abr avril avr",
    "may mayo mai maio",
    "june jun junio juni juin junho",
    "july jul julio juli juillet juil julho",
    "august aug agosto ago aout",
    "september sept sep septiembre set septembre setembro",
    "october oct octubre oktober okt octobre outubro out",
    "november nov noviembre novembre novembro",
    "december dec diciembre dic dezember dez decembre dezembro",
)
_WEEKDAYS = (
    "monday lunes montag lundi segunda-feira",
    "tuesday martes dienstag mardi terca-feira",
    "wednesday miercoles mittwoch mercredi quarta-feira",
    "thursday jueves donnerstag jeudi quinta-feira",
    "friday viernes freitag vendredi sexta-feira",
    "saturday sabado samstag sonnabend samedi",
    "sunday domingo sonntag dimanche",
)
_RELATIVE = {
    "the day after tomorrow": 2, "day after tomorrow": 2, "pasado manana": 2, "ubermorgen": 2,
    "apres-demain": 2, "apres demain": 2, "depois de amanha": 2,
    "today": 0, "tonight": 0, "hoy": 0, "heute": 0, "aujourd'hui": 0, "hoje": 0,
    "tomorrow": 1, "demain": 1, "amanha": 1,
    "yesterday": -1, "ayer": -1, "gestern": -1, "hier soir": -1, "ontem": -1,
}  # fmt: skip
_NEXT = "next|proximo|nachsten|nachster|kommenden|prochain|proxima|que viene|que vem"


def _numbers(table: tuple[str, ...]) -> dict[str, int]:
    return {word: number for number, words in enumerate(table) for word in words.split()}


def _words(table: dict[str, int]) -> str:
    return "|".join(map(re.escape, sorted(table, key=len, reverse=True)))


_MONTH_OF, _WEEKDAY_OF = _numbers(_MONTHS), _numbers(_WEEKDAYS)
_DAY = r"(?P<day>3[01]|[12]\d|0?[1-9])"
_MONTH = rf"(?P<month>{_words(_MONTH_OF)})"
_YEAR = r"(?P<year>20\d\d)"


def _pattern(body: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.,/:€£$-]){body}(?![\w/€£$%]|[.,:]\d|-\w)")


@dataclass(frozen=True, slots=True)
class SaidDate:
    """`words` stand in the text as they are."""

    words: str
    day: date


def find(text: str, today: date, *, month_first: bool = False) -> list[SaidDate]:
    """In their order, each day once. `month_first`: 5/6 is the 6th of May, as Americans write it."""
    plain = _plain(text)
    found: dict[date, tuple[int, SaidDate]] = {}
    taken: list[tuple[int, int]] = []
    for pattern, read in _READERS:
        for match in pattern.finditer(plain):
            if any(match.start() < end and start < match.end() for start, end in taken):
                continue
            day = read(match, today, month_first)
            if day is None or abs((day - today).days) > FARTHEST_DAYS:
                continue
            taken.append(match.span())
            found.setdefault(day, (match.start(), SaidDate(text[slice(*match.span())], day)))
    return [said for _start, said in sorted(found.values(), key=lambda pair: pair[0])]


def _plain(text: str) -> str:
    """Lower case without accents, each character in its place."""
    return "".join(map(_plain_character, text))


def _plain_character(character: str) -> str:
    plain = fold(unicodedata.normalize("NFC", character).lower()) if character != "’" else "'"
    return plain if len(plain) == 1 else character


def _day_of(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _nearest(today: date, month: int, day: int) -> date | None:
    """Without a year the next one is meant, unless it has only just been."""
    this_year = _day_of(today.year, month, day)
    if this_year is None or this_year < today - timedelta(days=60):
        return _day_of(today.year + 1, month, day) or this_year
    return this_year


def _iso(match: re.Match[str], _today: date, _month_first: bool) -> date | None:
    return _day_of(int(match["year"]), int(match["number"]), int(match["day"]))


def _figures(match: re.Match[str], today: date, month_first: bool) -> date | None:
    first, second = int(match["first"]), int(match["second"])
    day, month = (second, first) if month_first and match["sign"] == "/" else (first, second)
    if month > 12:
        day, month = month, day
    if month > 12:
        return None
    year = match["year"]
    if year:
        return _day_of(int(year) if len(year) == 4 else 2000 + int(year), month, day)
    return _nearest(today, month, day)


def _named(match: re.Match[str], today: date, _month_first: bool) -> date | None:
    month, day = _MONTH_OF[match["month"]] + 1, int(match["day"])
    if match["year"]:
        return _day_of(int(match["year"]), month, day)
    return _nearest(today, month, day)


def _relative(match: re.Match[str], today: date, _month_first: bool) -> date | None:
    return today + timedelta(days=_RELATIVE[match[0]])


def _one_day(_match: re.Match[str], today: date, _month_first: bool) -> date | None:
    return today + timedelta(days=1)


def _weekday(match: re.Match[str], today: date, _month_first: bool) -> date | None:
    """The next day of that name; "next Friday" on a Friday is a week on."""
    ahead = (_WEEKDAY_OF[match["weekday"]] - today.weekday()) % 7
    is_next = match["next"] or match["after"]
    return today + timedelta(days=ahead or (7 if is_next else 0))


# Before "5/6", which alone may be a share or a size.
_LEADS = (
    "on",
    "by",
    "for",
    "from",
    "until",
    "el",
    "para",
    "am",
    "vom",
    "bis",
    "le",
    "du",
    "dia",
    "em",
)
_LEAD = "(?:" + "|".join(rf"(?<=\b{word} )" for word in _LEADS) + ")"
_OF = r"(?:\.|st|nd|rd|th|er|º|o)?\s+(?:de\s+|of\s+)?"
_READERS: tuple[
    tuple[re.Pattern[str], Callable[[re.Match[str], date, bool], date | None]], ...
] = (
    (_pattern(rf"{_YEAR}-(?P<number>1[0-2]|0[1-9])-{_DAY}"), _iso),
    (_pattern(r"(?P<first>\d{1,2})(?P<sign>[./-])(?P<second>\d{1,2})(?P=sign)(?P<year>20\d\d|\d\d)"), _figures),
    (_pattern(rf"{_LEAD}(?P<first>3[01]|[12]\d|0?[1-9])(?P<sign>/)(?P<second>3[01]|[12]\d|0?[1-9])(?P<year>)"), _figures),
    (_pattern(r"(?P<first>3[01]|[12]\d|0?[1-9])(?P<sign>\.)(?P<second>1[0-2]|0?[1-9])\.(?P<year>)"), _figures),
    (_pattern(rf"{_DAY}{_OF}{_MONTH}\.?(?:,?\s+(?:de\s+|del\s+)?{_YEAR})?"), _named),
    (_pattern(rf"{_MONTH}\.?\s+(?:the\s+)?{_DAY}(?:st|nd|rd|th)?(?:,?\s+{_YEAR})?"), _named),
    (_pattern(_words(_RELATIVE).join(("(?:", ")"))), _relative),
    # "mañana" and "morgen" are also the morning, and a greeting.
    (_pattern(r"(?<!la )(?<!esta )(?<!cada )manana(?= por la | a | en |\s*[?.!,]|\s*$)"), _one_day),
    (_pattern(r"(?<!guten )(?<!gute )(?<!am )(?<!jeden )(?<!diesen )morgen(?= (?:fruh|vormittag|mittag|nachmittag|abend|um|gegen|ab|noch|auch|vorbei|kommen|kommt|frei|offen|geoffnet|auf)\b|\s*[?.!]|\s*$)"), _one_day),
    (_pattern(rf"(?:(?P<next>{_NEXT})\s+)?(?P<weekday>{_words(_WEEKDAY_OF)})(?:\s+(?P<after>{_NEXT}))?"), _weekday),
)  # fmt: skip
