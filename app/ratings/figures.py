"""How people rate the business: counted from the rows, each time anew, by when they were asked."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from app.lib import dates
from app.ratings.models import MOST, Rating, Span

PERIODS = (30, 90, 365)  # days, with today


@dataclass(frozen=True, slots=True)
class Count:
    """Of all, of a member, or of a kind of channel. `by_stars` is by the number of stars, one first."""

    asked: int
    by_stars: tuple[int, ...]
    name: str = ""
    key: Any = None

    @property
    def answered(self) -> int:
        return sum(self.by_stars)

    @property
    def average(self) -> float | None:
        total = sum(stars * number for stars, number in enumerate(self.by_stars, 1))
        return total / self.answered if self.answered else None

    @property
    def share(self) -> int:
        """Percent who answered, rounded down, so that 100 % are all."""
        return self.answered * 100 // self.asked if self.asked else 0


@dataclass(frozen=True, slots=True)
class Figures:
    all: Count
    members: Sequence[Count]
    channels: Sequence[Count]


def figures(span: Span) -> Figures:
    rows = Rating.counts(span)
    return Figures(
        all=_count(rows),
        members=_grouped(rows, lambda row: (row.user_id, row.name or "")),
        channels=_grouped(rows, lambda row: (row.kind, row.kind)),
    )


def span_of(days: int, today: date, zone: str) -> Span:
    """From midnight to midnight where the business is."""
    tomorrow = today + timedelta(days=1)
    return dates.midnight(tomorrow - timedelta(days=days), zone), dates.midnight(tomorrow, zone)


def _count(rows: Iterable[Any], key: Any = None, name: str = "") -> Count:
    found = list(rows)
    by_stars = (
        sum(row.number for row in found if row.stars == stars) for stars in range(1, MOST + 1)
    )
    return Count(sum(row.number for row in found), tuple(by_stars), name, key)


def _grouped(rows: Sequence[Any], key_of: Callable[[Any], tuple[Any, str]]) -> list[Count]:
    """Who was rated most often first."""
    keys = dict.fromkeys(key_of(row) for row in rows)
    counts = [_count((row for row in rows if key_of(row) == key), *key) for key in keys]
    return sorted(counts, key=lambda each: (-each.asked, each.name))
