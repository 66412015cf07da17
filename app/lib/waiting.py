"""How long people really waited, as one may say it to the next. Pure."""

from collections.abc import Sequence
from math import ceil

from flask_babel import ngettext

LEAST_ANSWERED = 5  # fewer say nothing
SHARE = 0.75  # three of four
MINUTE, HOUR = 60, 3600


def expected(answered: Sequence[float], unanswered: int, share: float = SHARE) -> int | None:
    """The seconds within which that share (three of four) got an answer, rounded up to what one says. None when too
    few were answered, or when more than the rest never was: then there is no such figure."""
    rank = ceil(share * (len(answered) + unanswered))
    if len(answered) < LEAST_ANSWERED or rank > len(answered):
        return None
    return rounded_up(sorted(answered)[rank - 1])


def rounded_up(seconds: float) -> int:
    """To minutes, from ten on to five minutes, from an hour on to hours."""
    for limit, step in ((10 * MINUTE, MINUTE), (HOUR, 5 * MINUTE)):
        if seconds <= limit:
            return max(ceil(seconds / step) * step, MINUTE)
    return ceil(seconds / HOUR) * HOUR


def in_words(seconds: float) -> str:
    """`a minute`, `4 minutes`, `an hour`, `3 hours`"""
    rounded = rounded_up(seconds)
    if rounded < HOUR:
        return ngettext("a minute", "%(num)s minutes", rounded // MINUTE)
    return ngettext("an hour", "%(num)s hours", rounded // HOUR)
