"""The hard cap in money. What a call may cost at most is claimed before it is made, and settled after it.

A business has a budget a month, and one a day for each of its visitors, in its own time zone.
"""

from dataclasses import dataclass
from datetime import date
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
from app.lib.marking import kept

MICROS_PER_CENT = 10_000
WARN_AT = 0.8  # of the month's cap

_KEY = ["business_id", "kind", "period", "visitor_id"]
_WORDS = {
    "month": kept("The assistant’s budget for this month is used up"),
    "visitor_day": kept("This visitor’s share of the assistant’s budget is used up for today"),
}
_ZERO_WORDS = kept("The assistant’s budget is 0")


@dataclass(frozen=True, slots=True)
class Caps:
    """In millionths of a dollar, by a budget's kind."""

    month: int
    visitor_day: int

    @property
    def allow_none(self) -> bool:
        """No language model is called at all."""
        return self.month == 0 or self.visitor_day == 0


class CapReached(Exception):
    """No call may be made. `kind` is the budget that lacks the room: month or visitor_day."""

    def __init__(self, kind: str, cap: int) -> None:
        super().__init__(kind)
        self.kind = kind
        self.cap = cap

    @property
    def words(self) -> str:
        return _WORDS[self.kind] if self.cap else _ZERO_WORDS


@dataclass(frozen=True, slots=True)
class Claim:
    """What is set aside for one call, and where: a call that ends in another month stays in its own."""

    micros: int
    day: date
    visitor_id: int  # 0: the owner's own
    month_cap: int = 0  # as it was then

    @property
    def month(self) -> date:
        return self.day.replace(day=1)

    def rows(self, micros: int) -> list[dict[str, Any]]:
        """Of the budgets that it falls under, the visitor's first: all lock them in one order."""
        keys = [("visitor_day", self.day, self.visitor_id)] if self.visitor_id else []
        return [
            {"kind": kind, "period": period, "visitor_id": visitor_id, "spent_micros": micros}
            for kind, period, visitor_id in (*keys, ("month", self.month, 0))
        ]


def caps() -> Caps:
    """Of the business in scope."""
    return caps_of(AssistantSettings.current())


def caps_of(settings: AssistantSettings) -> Caps:
    """The business's own, or the deployment's."""
    ours = default_caps()
    month, visitor_day = settings.month_cap_cents, settings.visitor_day_cap_cents
    return Caps(
        ours.month if month is None else month * MICROS_PER_CENT,
        ours.visitor_day if visitor_day is None else visitor_day * MICROS_PER_CENT,
    )


def default_caps() -> Caps:
    config = current_app.config
    return Caps(
        config["ASSISTANT_MONTH_CAP_CENTS"] * MICROS_PER_CENT,
        config["ASSISTANT_VISITOR_DAY_CAP_CENTS"] * MICROS_PER_CENT,
    )


def claim(micros: int, visitor_id: int) -> Claim:
    """Set `micros` aside in every budget that the call falls under, or raise CapReached: the caller then
    rolls back, and nothing is set aside in any. What costs nothing is held by a cap of 0 alone."""
    limits = caps()
    claimed = Claim(micros, _today(), visitor_id, limits.month)
    for row in claimed.rows(micros):
        cap = getattr(limits, row["kind"])
        if cap == 0 or micros > cap:
            raise CapReached(row["kind"], cap)
    if micros:
        _take(claimed, limits)
    return claimed


def _take(claimed: Claim, limits: Caps) -> None:
    """One conditional UPDATE, which also makes the rows of a new period."""
    rows = claimed.rows(claimed.micros)
    wanted = insert(Budget).values(rows)
    spent = Budget.spent_micros + wanted.excluded.spent_micros
    cap = case((Budget.kind == "month", limits.month), else_=limits.visitor_day)
    statement = wanted.on_conflict_do_update(
        index_elements=_KEY, set_={"spent_micros": spent}, where=spent <= cap
    ).returning(Budget.kind)
    taken = set(db.session.scalars(statement))
    for row in rows:
        if row["kind"] not in taken:
            raise CapReached(row["kind"], getattr(limits, row["kind"]))


def settle(claimed: Claim, cost_micros: int) -> None:
    """Put what it really cost in place of what was set aside. Has the owner told, once a month, that four
    fifths are spent."""
    if claimed.micros == cost_micros == 0:
        return
    difference = cost_micros - claimed.micros
    settled = insert(Budget).values(claimed.rows(max(difference, 0)))
    statement = settled.on_conflict_do_update(
        index_elements=_KEY,
        set_={"spent_micros": func.greatest(0, Budget.spent_micros + difference)},
    ).returning(Budget.kind, Budget.spent_micros, Budget.warned)
    for kind, spent, is_warned in db.session.execute(statement).all():
        if kind == "month" and spent >= int(claimed.month_cap * WARN_AT) and not is_warned:
            _warn(claimed.month)


def _warn(month: date) -> None:
    """The row is locked by this transaction: nobody else warns."""
    this = (Budget.kind == "month") & (Budget.period == month)
    db.session.execute(update(Budget).where(this).values(warned=True))
    enqueue("assistant.warn_of_budget", month.isoformat())


def note_refusal(reached: CapReached, visitor_id: int) -> None:
    """A call was not made for want of room: the pages say since when. A cap of 0 is the owner's wish."""
    if not reached.cap:
        return
    rows = Claim(0, _today(), visitor_id).rows(0)
    values = [row | {"refused_at": now()} for row in rows if row["kind"] == reached.kind]
    noted = insert(Budget).values(values)
    since = func.coalesce(Budget.refused_at, noted.excluded.refused_at)
    db.session.execute(noted.on_conflict_do_update(index_elements=_KEY, set_={"refused_at": since}))


def change_caps(month_cents: int | None, visitor_day_cents: int | None) -> None:
    """None: the deployment's. The owner is told anew when the new cap comes near."""
    AssistantSettings.change(month_cap_cents=month_cents, visitor_day_cap_cents=visitor_day_cents)
    is_near = (Budget.kind == "month") & (Budget.spent_micros >= int(caps().month * WARN_AT))
    this_month = Budget.period >= _today().replace(day=1)
    db.session.execute(update(Budget).where(this_month).values(refused_at=None, warned=is_near))


def _today() -> date:
    """Where the business is."""
    business = db.session.get_one(Business, tenancy.current_business_id())
    return dates.local_date(now(), business.time_zone)
