"""The hard cap in money. What a call may cost at most is claimed before it is made, and settled after it.

A business has a budget a month, and one a day for each of its visitors, in its own time zone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import current_app
from sqlalchemy import case, func, update
from sqlalchemy.dialects.postgresql import insert

from app.assistant.models import AssistantSettings, Budget
from app.businesses.models import Business
from app.core import tenancy
from app.core.db import now
from app.core.jobs import enqueue
from app.extensions import db
from app.lib import dates

MICROS_PER_CENT = 10_000
WARN_AT = 0.8  # of the month's cap

_KEY = ["business_id", "kind", "period", "visitor_id"]


@dataclass(frozen=True, slots=True)
class Caps:
    """In millionths of a dollar, by a budget's kind."""

    month: int
    visitor_day: int

    @property
    def allow_none(self) -> bool:
        return self.month == 0 or self.visitor_day == 0


class CapReached(Exception):
    """No call may be made. `kind` is the budget that lacks the room: month or visitor_day."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Claim:
    """What is set aside for one call, and where: a call that ends in another month stays in its own."""

    micros: int
    month: date
    day: date
    visitor_id: int | None

    @property
    def budgets(self) -> list[tuple[str, date, int]]:
        """The visitor's first: all claims lock in one order."""
        own = [("visitor_day", self.day, self.visitor_id)] if self.visitor_id else []
        return [*own, ("month", self.month, 0)]


def caps() -> Caps:
    """Of the business in scope: its own, or the deployment's."""
    settings, config = AssistantSettings.current(), current_app.config
    month, visitor_day = settings.month_cap_cents, settings.visitor_day_cap_cents
    if month is None:
        month = config["ASSISTANT_MONTH_CAP_CENTS"]
    if visitor_day is None:
        visitor_day = config["ASSISTANT_VISITOR_DAY_CAP_CENTS"]
    return Caps(month * MICROS_PER_CENT, visitor_day * MICROS_PER_CENT)


def claim(micros: int, visitor_id: int | None) -> Claim:
    """Set `micros` aside in every budget that the call falls under, or raise CapReached and let the caller
    roll back: then nothing is set aside in any. What costs nothing is held by a cap of 0 alone."""
    claimed = _claim_of(micros, visitor_id)
    limits = caps()
    for kind, _period, _visitor in claimed.budgets:
        cap = getattr(limits, kind)
        if cap == 0 or micros > cap:
            raise CapReached(kind)
    if micros:
        _take(claimed, limits)
    return claimed


def _claim_of(micros: int, visitor_id: int | None) -> Claim:
    today = local_today()
    return Claim(micros, today.replace(day=1), today, visitor_id)


def local_today(at: datetime | None = None) -> date:
    """Where the business is."""
    business = db.session.get_one(Business, tenancy.current_business_id())
    return dates.local_date(at or now(), business.time_zone)


def _take(claimed: Claim, limits: Caps) -> None:
    """One conditional UPDATE, which also makes the rows of a new period."""
    wanted = insert(Budget).values(_rows(claimed.budgets, claimed.micros))
    spent = Budget.spent_micros + wanted.excluded.spent_micros
    cap = case((Budget.kind == "month", limits.month), else_=limits.visitor_day)
    statement = wanted.on_conflict_do_update(
        index_elements=_KEY, set_={"spent_micros": spent}, where=spent <= cap
    ).returning(Budget.kind)
    taken = set(db.session.scalars(statement))
    for kind, _period, _visitor in claimed.budgets:
        if kind not in taken:
            raise CapReached(kind)


def settle(claimed: Claim, cost_micros: int) -> None:
    """Put what it really cost in place of what was set aside. Tells the owner, once a month, that four
    fifths are spent."""
    if claimed.micros == cost_micros == 0:
        return
    difference = cost_micros - claimed.micros
    settled = insert(Budget).values(_rows(claimed.budgets, max(difference, 0)))
    statement = settled.on_conflict_do_update(
        index_elements=_KEY,
        set_={"spent_micros": func.greatest(0, Budget.spent_micros + difference)},
    )
    db.session.execute(statement)
    _warn(claimed.month, caps().month)


def _warn(month: date, cap: int) -> None:
    told = (
        update(Budget)
        .where(
            Budget.kind == "month",
            Budget.period == month,
            Budget.warned.is_(False),
            Budget.spent_micros >= int(cap * WARN_AT),
        )
        .values(warned=True)
        .returning(Budget.id)
    )
    if cap and db.session.scalar(told):
        enqueue("assistant.budget_warning", month.isoformat())


def note_refusal(kind: str, visitor_id: int | None) -> None:
    """A call was not made for want of money: the pages say since when."""
    claimed = _claim_of(0, visitor_id)
    lacking = [each for each in claimed.budgets if each[0] == kind]
    noted = insert(Budget).values(_rows(lacking, 0))
    db.session.execute(
        noted.on_conflict_do_update(index_elements=_KEY, set_={"refused_at": now()})
    )


def _rows(budgets: Sequence[tuple[str, date, int]], micros: int) -> list[dict[str, Any]]:
    return [
        {"kind": kind, "period": period, "visitor_id": visitor_id, "spent_micros": micros}
        for kind, period, visitor_id in budgets
    ]
