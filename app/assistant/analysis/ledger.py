"""How many conversations the assistant resolved by itself: counted from the rows, each time anew."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l

from app.assistant.analysis.intents import LABELS
from app.assistant.models import ConversationOutcome, Span
from app.lib.mood import MOODS

MOOD_LABELS = {
    "happy": _l("Happy"),
    "neutral": _l("Neutral"),
    "unhappy": _l("Unhappy"),
    "angry": _l("Angry"),
}
PERIODS = {
    "month": _l("This month"),
    "last": _l("Last month"),
    "7": _l("7 days"),
    "30": _l("30 days"),
}


@dataclass(frozen=True, slots=True)
class Count:
    """Of one intent or mood: how many conversations ended, and how many of them count as resolved."""

    name: str
    label: str
    ended: int
    resolved: int


@dataclass(frozen=True, slots=True)
class Figures:
    ended: int
    resolved: int
    rejected: int
    intents: Sequence[Count]  # the most frequent first
    moods: Sequence[Count]

    @property
    def percent(self) -> int | None:
        """Rounded down, so that 100 % are all. None without a conversation."""
        return self.resolved * 100 // self.ended if self.ended else None


def figures(span: Span) -> Figures:
    rows = ConversationOutcome.counts(span)
    ended: Counter[tuple[str, str]] = Counter()
    resolved: Counter[tuple[str, str]] = Counter()
    for row in rows:
        for key in (("intent", row.intent), ("mood", row.mood)):
            ended[key] += row.ended
            resolved[key] += row.resolved

    def counts(kind: str) -> list[Count]:
        names = sorted((name for of, name in ended if of == kind), key=lambda n: -ended[kind, n])
        return [
            Count(name, _label(name), ended[kind, name], resolved[kind, name]) for name in names
        ]

    return Figures(
        ended=sum(row.ended for row in rows),
        resolved=sum(row.resolved for row in rows),
        rejected=sum(row.rejected for row in rows),
        intents=counts("intent"),
        moods=sorted(counts("mood"), key=lambda each: MOODS.index(each.name)),
    )


def span_of(period: str, today: date, zone: str) -> Span:
    """From midnight to midnight where the business is; today counts."""
    first, after = _days(period, today)
    return _midnight(first, zone), _midnight(after, zone)


def span_before(period: str, today: date, zone: str) -> Span:
    """As long, right before it."""
    first, after = _days(period, today)
    if period in ("month", "last"):
        return _midnight(_month_before(first), zone), _midnight(first, zone)
    return _midnight(first - (after - first), zone), _midnight(first, zone)


def _days(period: str, today: date) -> tuple[date, date]:
    tomorrow = today + timedelta(days=1)
    if period == "month":
        return today.replace(day=1), tomorrow
    if period == "last":
        return _month_before(today.replace(day=1)), today.replace(day=1)
    return tomorrow - timedelta(days=int(period)), tomorrow


def _month_before(first: date) -> date:
    return (first - timedelta(days=1)).replace(day=1)


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone))


def _label(name: str) -> str:
    return str(LABELS.get(name) or MOOD_LABELS.get(name, name))
