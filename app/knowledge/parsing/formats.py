"""A spreadsheet's cell as people read it: £42.00, 20%, 24 December 2026, 17:30."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache

_TOKEN = re.compile(
    r"""(?P<general>General) | "(?P<quoted>[^"]*)" | \\(?P<escaped>.) | [_*].
      | \[\$(?P<currency>[^\]-]*)[^\]]*\] | \[[^\]]*\]
      | (?P<digits>[0\#?][0\#?.,]*|\.[0\#?]+) | (?P<other>.)""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_SECTION = re.compile(r'(?:"[^"]*"|\\.|[^;])*')
_PLAIN = re.compile(r"@|[#0?]\s*/\s*[#0?\d]|E[+-]", re.I)  # text, fractions, powers of ten
_LITERALS = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
_MONTH = re.compile(r"mmm|[dy][^a-z]*m|m[^a-z]*[dy]")  # a lone m beside hours is minutes


def shown(value: object, code: str) -> str:
    """`code` is the cell's number format, "General" or "[$£-809]#,##0.00"."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return _number(value, code)
    if isinstance(value, datetime | date | time):
        return _moment(value, _LITERALS.sub(" ", code).lower())
    if isinstance(value, timedelta):
        minutes = round(value.total_seconds() / 60)
        return f"{minutes // 60}:{minutes % 60:02}"
    return str(value)


@dataclass(frozen=True, slots=True)
class _Pattern:
    """`digits` is "" where the format shows a number as it is."""

    before: str
    digits: str
    after: str
    is_percent: bool

    @property
    def decimals(self) -> int:
        return sum(sign in "0#?" for sign in self.digits.partition(".")[2])

    @property
    def thousandths(self) -> int:
        """Commas at the end: each hides three places."""
        return len(self.digits) - len(self.digits.rstrip(","))


@lru_cache(maxsize=1000)
def _pattern(code: str) -> _Pattern:
    """Of the section for positive numbers; a negative one gets its sign in front."""
    section = _SECTION.match(code)
    text = section[0] if section else ""
    if _PLAIN.search(_LITERALS.sub(" ", text)):
        return _Pattern("", "", "", False)
    before, digits, after, seen = "", [], "", False
    for token in _TOKEN.finditer(text):
        if token["general"] or token["digits"]:
            seen = True
            digits.append(token["digits"] or "")
            continue
        literal = next((token[name] for name in _LITERAL_GROUPS if token[name]), "")
        before, after = (before, after + literal) if seen else (before + literal, after)
    if len(digits) != 1:  # 000-000: a code, not an amount
        return _Pattern("", "", "", False)
    return _Pattern(before.lstrip("(-"), digits[0], after.rstrip(")"), "%" in before + after)


_LITERAL_GROUPS = ("quoted", "escaped", "currency", "other")


def _number(value: float, code: str) -> str:
    pattern = _pattern(code)
    try:
        amount = Decimal(repr(value)) * (100 if pattern.is_percent else 1)
        figure = _figure(abs(amount), pattern) if pattern.digits else _general(abs(amount))
    except InvalidOperation:  # past the 28 places that Decimal holds, or not a number
        return str(value)
    sign = "-" if value < 0 and figure.strip("0.,") else ""
    return f"{sign}{pattern.before}{figure}{pattern.after}".strip()


def _figure(amount: Decimal, pattern: _Pattern) -> str:
    whole, _, fraction = pattern.digits.rstrip(",").partition(".")
    step = Decimal(1).scaleb(-pattern.decimals)
    rounded = amount.scaleb(-3 * pattern.thousandths).quantize(step, ROUND_HALF_UP)
    figure = f"{rounded:{',' if ',' in whole else ''}f}"
    if "0" not in fraction and "." in figure:
        figure = figure.rstrip("0").rstrip(".")
    width = len(figure) - len(figure.partition(".")[0]) + whole.count("0")
    return figure if "," in whole else figure.zfill(width)


def _general(amount: Decimal) -> str:
    """Spreadsheets show about ten figures and no zeros behind the point."""
    is_whole = amount >= 10**10 or amount == int(amount)
    return f"{amount:.0f}" if is_whole else f"{float(amount):.10g}"


def _moment(value: date | time, code: str) -> str:
    parts = []
    if isinstance(value, date):
        parts.append(_day(value, code))
    clock = value if isinstance(value, time) else getattr(value, "time", time)()
    if isinstance(value, time) or ("h" in code and clock != time()):
        parts.append(_clock(clock, code))
    return " ".join(filter(None, parts))


def _day(day: date, code: str) -> str:
    """Months by name: 04/12 is read differently by different people."""
    has_year, days = "y" in code, re.findall("d+", code)
    if "h" in code and not has_year and not days and "mmm" not in code:
        return ""  # shows the time of a date only
    parts = [
        f"{day:%A}" if any(len(run) > 2 for run in days) else "",
        str(day.day) if any(len(run) < 3 for run in days) or not code.strip() else "",
        f"{day:%B}" if _MONTH.search(code) or not code.strip() else "",
        str(day.year) if has_year or not code.strip() else "",
    ]
    return " ".join(filter(None, parts)) or f"{day.day} {day:%B} {day.year}"


def _clock(clock: time, code: str) -> str:
    seconds = f":{clock.second:02}" if clock.second and "s" in code else ""
    if "am/pm" in code or "a/p" in code:
        half = "pm" if clock.hour >= 12 else "am"
        return f"{clock.hour % 12 or 12}:{clock.minute:02}{seconds} {half}"
    hour = f"{clock.hour:02}" if "hh" in code else str(clock.hour)
    return f"{hour}:{clock.minute:02}{seconds}"
