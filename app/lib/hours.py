"""When a business is open: ranges of a week, and days that are different. Pure; times are its own zone's."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = 24 * 60  # minutes
LOOK_AHEAD_DAYS = 400  # for the next opening: a closed season and its year


@dataclass(frozen=True, slots=True, order=True)
class Range:
    """Minutes since the day's midnight; `closes` is above 1,440 for what goes on past midnight."""

    opens: int
    closes: int

    @property
    def is_whole_day(self) -> bool:
        return (self.opens, self.closes) == (0, DAY)

    @property
    def is_past_midnight(self) -> bool:
        return self.closes > DAY


Ranges = tuple[Range, ...]


@dataclass(frozen=True, slots=True)
class Special:
    """Days that are not as their weekday: a holiday, a longer evening. Without ranges they are closed."""

    first_day: date
    last_day: date
    name: str = ""
    ranges: Ranges = ()


@dataclass(frozen=True, slots=True)
class Hours:
    """`week` has the ranges of each open weekday, Monday 0. A special day stands in for its weekday."""

    zone: str
    week: dict[int, Ranges] = field(default_factory=dict)
    specials: tuple[Special, ...] = ()

    @property
    def are_known(self) -> bool:
        return bool(self.week)

    def on(self, day: date) -> Ranges:
        """What begins on that day."""
        special = self.special_on(day)
        return special.ranges if special else self.week.get(day.weekday(), ())

    def special_on(self, day: date) -> Special | None:
        return next(
            (each for each in self.specials if each.first_day <= day <= each.last_day), None
        )

    def is_open(self, at: datetime) -> bool:
        return self.closes_at(at) is not None

    def closes_at(self, at: datetime) -> datetime | None:
        """The end of the opening that `at` lies in, or None: closed then."""
        return next((end for start, end in self._openings(at, 2) if start <= at < end), None)

    def next_opening(self, at: datetime) -> datetime | None:
        """When it opens next; None when it doesn't for more than a year. While it is open: after that."""
        return next(
            (start for start, _end in self._openings(at, LOOK_AHEAD_DAYS) if start > at), None
        )

    def _openings(self, at: datetime, days: int) -> Iterator[tuple[datetime, datetime]]:
        """From the day before `at` on, whose last range may go on past midnight. What goes on without
        a pause is one opening."""
        zone = ZoneInfo(self.zone)
        first = at.astimezone(zone).date() - timedelta(days=1)
        pending: tuple[datetime, datetime] | None = None
        for number in range(days + 1):
            day = first + timedelta(days=number)
            for each in self.on(day):
                start, end = _moment(day, each.opens, zone), _moment(day, each.closes, zone)
                if pending and start <= pending[1]:
                    pending = (pending[0], max(end, pending[1]))
                    continue
                if pending:
                    yield pending
                pending = (start, end)
        if pending:
            yield pending


def _moment(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """By the wall clock: nine o'clock is nine o'clock on the day that the clocks change."""
    wall = datetime.combine(day, time()) + timedelta(minutes=minutes)
    return wall.replace(tzinfo=zone).astimezone(UTC)
