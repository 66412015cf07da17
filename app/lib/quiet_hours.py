"""Hours in which somebody wants to be left alone."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = 1440  # minutes


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From–to in minutes since midnight, on the days on which they begin (Monday is 0). `ends` up to `begins` is on
    the next day, so that two equal times are a whole day."""

    days: Collection[int]
    begins: int
    ends: int
    zone: str

    def until(self, at: datetime) -> datetime | None:
        """When they end, if it is quiet at that moment."""
        zone = ZoneInfo(self.zone)
        local = at.astimezone(zone)
        for day in (local.date(), local.date() - timedelta(days=1)):
            if day.weekday() not in self.days:
                continue
            last = day if self.ends > self.begins else day + timedelta(days=1)
            begin = datetime.combine(day, _clock(self.begins), zone)
            end = datetime.combine(last, _clock(self.ends), zone)
            if begin <= local < end:
                return end
        return None


def _clock(minutes: int) -> time:
    return time(*divmod(minutes % DAY, 60))
