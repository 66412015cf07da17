"""Where the money for language models goes: this month's figures, in the business's own days."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Date, cast, func, select

from app.assistant.call_log import PURPOSES
from app.assistant.models import Budget, ModelCall
from app.conversations.models import Conversation
from app.core.db import now
from app.extensions import db
from app.lib import dates

PACE_DAYS = 7  # full days that a projection needs, and rests on
DEAREST = 5
COST = func.coalesce(ModelCall.cost_micros, ModelCall.reserved_micros)


@dataclass(frozen=True, slots=True)
class Group:
    """Calls of one day, for one purpose, to one model."""

    day: date
    purpose: str
    provider: str
    model: str
    calls: int
    failed: int
    micros: int
    uncertain: int  # calls that count at their dearest, as what they cost isn't known
    unpriced: int  # calls that count as nothing, as their model's price isn't known
    read: int
    cached: int
    stored: int
    written: int


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table: what, and the sums of its groups."""

    name: str
    calls: int
    micros: int
    read: int
    cached: int
    written: int


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    micros: int
    calls: int
    share: float  # of the dearest day, 0..1


@dataclass(frozen=True, slots=True)
class Dear:
    conversation: Conversation
    micros: int
    calls: int


@dataclass(frozen=True, slots=True)
class Month:
    """`spent` is what counts against the cap: also what is set aside for calls under way."""

    first: date
    today: date
    zone: str
    at: datetime
    spent: int
    spent_before: int | None  # in the month before; None when there was nothing
    visitors_refused: int  # today, for want of room in a visitor's share
    answers: int
    answers_micros: int
    groups: list[Group]
    pace: int | None  # micros a day, from the last full days; None when there are too few

    @property
    def last(self) -> date:
        return _next_month(self.first) - timedelta(days=1)

    @property
    def calls(self) -> int:
        return sum(group.calls for group in self.groups)

    @property
    def failed(self) -> int:
        return sum(group.failed for group in self.groups)

    @property
    def uncertain(self) -> int:
        return sum(group.uncertain for group in self.groups)

    @property
    def unpriced(self) -> list[str]:
        """Models whose prices aren't known."""
        return sorted({group.model for group in self.groups if group.unpriced})

    @property
    def per_answer(self) -> float | None:
        return self.answers_micros / self.answers if self.answers else None

    @property
    def cache_share(self) -> float | None:
        """Of the tokens that were read, 0..1."""
        cached = sum(group.cached for group in self.groups)
        read = sum(group.read + group.stored for group in self.groups) + cached
        return cached / read if read else None

    @property
    def projected(self) -> int | None:
        """By the end of the month, at the pace of the last full days."""
        days_left = (self.last - self.today).days
        return None if self.pace is None else self.spent + self.pace * days_left

    @property
    def days(self) -> list[Day]:
        """Every day of the month, also those without a call."""
        days = [self.first + timedelta(days=number) for number in range(self.last.day)]
        spent = {day: _sums(day.isoformat(), self._where("day", day)) for day in days}
        most = max(line.micros for line in spent.values()) or 1
        return [
            Day(day, line.micros, line.calls, line.micros / most) for day, line in spent.items()
        ]

    @property
    def by_purpose(self) -> list[Line]:
        return self._lines(lambda group: PURPOSES[group.purpose])

    @property
    def by_model(self) -> list[Line]:
        return self._lines(lambda group: group.model)

    def _lines(self, name_of: Callable[[Group], str]) -> list[Line]:
        names = dict.fromkeys(name_of(group) for group in self.groups)
        lines = [
            _sums(name, [group for group in self.groups if name_of(group) == name])
            for name in names
        ]
        return sorted(lines, key=lambda line: (-line.micros, line.name))

    def _where(self, field: str, value: Any) -> list[Group]:
        return [group for group in self.groups if getattr(group, field) == value]


def _sums(name: str, groups: Iterable[Group]) -> Line:
    groups = list(groups)
    return Line(
        name=name,
        calls=sum(group.calls for group in groups),
        micros=sum(group.micros for group in groups),
        read=sum(group.read + group.cached + group.stored for group in groups),
        cached=sum(group.cached for group in groups),
        written=sum(group.written for group in groups),
    )


def this_month(zone: str) -> Month:
    at = now()
    today = dates.local_date(at, zone)
    first = today.replace(day=1)
    budget, before = Budget.of_month(first), Budget.of_month(_month_before(first))
    answers, answers_micros = _answers(first, zone)
    return Month(
        first=first,
        today=today,
        zone=zone,
        at=at,
        spent=budget.spent_micros if budget else 0,
        spent_before=before.spent_micros if before else None,
        visitors_refused=Budget.visitors_refused(today),
        answers=answers,
        answers_micros=answers_micros,
        groups=_groups(first, zone),
        pace=_pace(today, zone),
    )


def dearest(first: date, zone: str) -> list[Dear]:
    """This month's conversations that cost the most, without those of the owner's preview."""
    cost = func.sum(COST)
    query = (
        select(Conversation, cost, func.count())
        .join(ModelCall, ModelCall.conversation_id == Conversation.id)
        .where(
            ModelCall.created_at >= dates.midnight(first, zone), Conversation.is_preview.is_(False)
        )
        .group_by(Conversation.business_id, Conversation.id)
        .having(cost > 0)
        .order_by(cost.desc(), Conversation.id.desc())
        .limit(DEAREST)
    )
    return [Dear(talk, int(micros), calls) for talk, micros, calls in db.session.execute(query)]


def _groups(first: date, zone: str) -> list[Group]:
    day = _local_day(zone)
    keys = (day, ModelCall.purpose, ModelCall.provider, ModelCall.model)
    query = (
        select(
            *keys,
            func.count(),
            func.count(ModelCall.error),
            func.sum(COST),
            func.count().filter(ModelCall.cost_micros.is_(None), ModelCall.reserved_micros > 0),
            func.count().filter(ModelCall.cost_micros.is_(None), ModelCall.reserved_micros == 0),
            *(
                func.coalesce(func.sum(tokens), 0)
                for tokens in (
                    ModelCall.input_tokens,
                    ModelCall.cached_tokens,
                    ModelCall.stored_tokens,
                    ModelCall.output_tokens,
                )
            ),
        )
        .where(ModelCall.created_at >= dates.midnight(first, zone))
        .group_by(*keys)
        .order_by(day)
    )
    return [
        Group(*names, *(int(number) for number in numbers))
        for *names, numbers in ((*row[:4], row[4:]) for row in db.session.execute(query))
    ]


def _answers(first: date, zone: str) -> tuple[int, int]:
    """How many visitors' questions a model answered this month, and what that cost, failures included."""
    query = select(
        func.count(ModelCall.question_id.distinct()).filter(ModelCall.error.is_(None)),
        func.coalesce(func.sum(COST), 0),
    ).where(ModelCall.purpose == "answer", ModelCall.created_at >= dates.midnight(first, zone))
    count, micros = db.session.execute(query).one()
    return int(count), int(micros)


def _pace(today: date, zone: str) -> int | None:
    """None while the business has used a model for fewer full days than a projection needs."""
    since = dates.midnight(today - timedelta(days=PACE_DAYS), zone)
    earlier = select(ModelCall.id).where(ModelCall.created_at < since).limit(1)
    if db.session.scalar(earlier) is None:
        return None
    spent = select(func.coalesce(func.sum(COST), 0)).where(
        ModelCall.created_at >= since, ModelCall.created_at < dates.midnight(today, zone)
    )
    return int(db.session.scalars(spent).one()) // PACE_DAYS


def _local_day(zone: str) -> Any:
    return cast(func.timezone(zone, ModelCall.created_at), Date)


def _next_month(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def _month_before(first: date) -> date:
    return (first - timedelta(days=1)).replace(day=1)
