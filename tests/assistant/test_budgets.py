"""The hard cap: both budgets or none, in the business's own months and days, however many ask at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from app.assistant import budgets
from app.assistant.budgets import CapReached, Claim, claim, settle
from app.assistant.models import Budget
from app.businesses.models import Business
from app.core.jobs import OutboxJob
from app.core.unit_of_work import unit_of_work
from app.extensions import db
from tests.conftest import Cast, Inside

CENT = budgets.MICROS_PER_CENT
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
Spent = Callable[[], dict[tuple[str, date, int], int]]


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budgets, "now", lambda: NOON)


@pytest.fixture
def spent(inside: Inside) -> Spent:
    def read() -> dict[tuple[str, date, int], int]:
        with inside():
            rows = db.session.scalars(select(Budget)).all()
            return {(row.kind, row.period, row.visitor_id): row.spent_micros for row in rows}

    return read


@pytest.fixture
def cap(inside: Inside) -> Callable[[int | None, int | None], None]:
    def change(month_cents: int | None, visitor_day_cents: int | None = None) -> None:
        with inside():
            budgets.change_caps(month_cents, visitor_day_cents)

    return change


def of(spent: Spent) -> list[int]:
    return [micros for _key, micros in sorted(spent().items())]


def test_what_is_claimed_counts_in_both_until_it_is_settled(inside: Inside, spent: Spent) -> None:
    with inside():
        claimed = claim(900, 7)
    month, day = ("month", date(2026, 11, 1), 0), ("visitor_day", date(2026, 11, 21), 7)
    assert spent() == {month: 900, day: 900}
    with inside():
        settle(claimed, 250)
    assert spent() == {month: 250, day: 250}


def test_a_call_of_no_visitor_falls_under_the_month_alone(inside: Inside, spent: Spent) -> None:
    with inside():
        settle(claim(900, 0), 1000)
    assert spent() == {("month", date(2026, 11, 1), 0): 1000}


def test_both_or_none(
    inside: Inside, spent: Spent, cap: Callable[[int | None, int | None], None]
) -> None:
    cap(100, 1)
    with inside():
        claim(CENT - 10, 7)
    with pytest.raises(CapReached) as reached, inside():
        claim(11, 7)
    assert reached.value.kind == "visitor_day"
    assert of(spent) == [CENT - 10, CENT - 10]
    cap(1, 100)
    with pytest.raises(CapReached) as reached, inside():
        claim(11, 8)
    assert reached.value.kind == "month"
    assert of(spent) == [CENT - 10, CENT - 10]
    with inside():
        claim(10, 8)
    assert of(spent) == [CENT, CENT - 10, 10]


def test_what_is_dearer_than_the_cap_is_never_begun(
    inside: Inside, spent: Spent, cap: Callable[[int | None, int | None], None]
) -> None:
    cap(1)
    with pytest.raises(CapReached), inside():
        claim(CENT + 1, 7)
    assert spent() == {}


@pytest.mark.parametrize(("month", "visitor_day"), [(0, 50), (2000, 0)])
def test_a_cap_of_0_allows_nothing_not_even_what_is_free(
    inside: Inside,
    spent: Spent,
    cap: Callable[[int | None, int | None], None],
    month: int,
    visitor_day: int,
) -> None:
    cap(month, visitor_day)
    for micros in (0, 10):
        with pytest.raises(CapReached) as reached, inside():
            claim(micros, 7)
    assert reached.value.words == "The assistant’s budget is 0"
    assert spent() == {}


def test_what_is_free_goes_on_after_the_cap(
    inside: Inside, cap: Callable[[int | None, int | None], None]
) -> None:
    with inside():
        claim(CENT, 7)
    cap(1, 1)
    with inside():
        assert claim(0, 7).micros == 0


def test_without_a_cap_of_its_own_a_business_has_the_deployment_s(
    app: Flask, inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "ASSISTANT_MONTH_CAP_CENTS", 3)
    monkeypatch.setitem(app.config, "ASSISTANT_VISITOR_DAY_CAP_CENTS", 2)
    with inside():
        assert budgets.caps() == budgets.Caps(3 * CENT, 2 * CENT)
        budgets.change_caps(None, 5)
        assert budgets.caps() == budgets.Caps(3 * CENT, 5 * CENT)


def test_a_cap_that_changes_meanwhile_holds_from_the_next_call_on(
    inside: Inside, spent: Spent, cap: Callable[[int | None, int | None], None]
) -> None:
    cap(10)
    with inside():
        claimed = claim(5 * CENT, 0)
    cap(1)
    with pytest.raises(CapReached), inside():
        claim(1, 0)
    with inside():
        settle(claimed, 2 * CENT)
    assert of(spent) == [2 * CENT]
    cap(3)
    with inside():
        claim(CENT, 0)
    assert of(spent) == [3 * CENT]


def test_what_is_given_back_never_goes_below_nothing(inside: Inside, spent: Spent) -> None:
    with inside():
        claimed = claim(900, 7)
    with inside():
        settle(claimed, 0)
        settle(claimed, 0)
    assert of(spent) == [0, 0]


def test_months_and_days_are_the_business_s_own(
    inside: Inside, cast: Cast, spent: Spent, monkeypatch: pytest.MonkeyPatch
) -> None:
    with inside():
        db.session.get_one(Business, cast.business_id).time_zone = "Pacific/Auckland"
    monkeypatch.setattr(budgets, "now", lambda: datetime(2026, 11, 30, 10, 59, tzinfo=UTC))
    with inside():
        claimed = claim(900, 7)
    monkeypatch.setattr(budgets, "now", lambda: datetime(2026, 11, 30, 11, 0, tzinfo=UTC))
    with inside():
        claim(40, 7)
        settle(claimed, 100)
    assert spent() == {
        ("month", date(2026, 11, 1), 0): 100,
        ("visitor_day", date(2026, 11, 30), 7): 100,
        ("month", date(2026, 12, 1), 0): 40,
        ("visitor_day", date(2026, 12, 1), 7): 40,
    }


def test_a_neighbour_spends_from_its_own(app: Flask, cast: Cast, inside: Inside) -> None:
    with inside():
        claim(900, 0)
    with app.app_context(), cast.neighbour_scope(), unit_of_work():
        assert db.session.scalars(select(Budget)).all() == []
        claim(5, 0)
        assert Budget.of_month(date(2026, 11, 1)).spent_micros == 5


def test_claims_at_the_same_moment_never_pass_the_cap(
    app: Flask, cast: Cast, spent: Spent, cap: Callable[[int | None, int | None], None]
) -> None:
    """Of visitors of their own, and all of one: each budget is the edge once."""

    def try_it(number: int) -> bool:
        try:
            with app.app_context(), cast.scope(), unit_of_work():
                claim(CENT // 10, visitors[number % len(visitors)])
            return True
        except CapReached:
            return False

    cap(2, 100)
    visitors = list(range(1, 11))
    with ThreadPoolExecutor(25) as threads:
        assert sum(threads.map(try_it, range(50))) == 20
    cap(100, 1)
    visitors = [99]
    with ThreadPoolExecutor(25) as threads:
        assert sum(threads.map(try_it, range(50))) == 10
    assert spent()["month", date(2026, 11, 1), 0] == 3 * CENT


def warnings(cast: Cast, app: Flask) -> list[str]:
    with app.app_context():
        return [
            job.args[0]
            for job in db.session.scalars(
                select(OutboxJob)
                .where(
                    OutboxJob.name == "assistant.warn_of_budget",
                    OutboxJob.business_id == cast.business_id,
                )
                .order_by(OutboxJob.id)
            )
        ]


def test_the_owner_is_told_once_a_month_at_four_fifths(
    app: Flask,
    cast: Cast,
    inside: Inside,
    cap: Callable[[int | None, int | None], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cap(1)
    with inside():
        settle(claim(100, 0), CENT * 8 // 10 - 1)
    assert warnings(cast, app) == []
    for _ in range(3):
        with inside():
            settle(claim(1, 0), 2)
    assert warnings(cast, app) == ["2026-11-01"]
    monkeypatch.setattr(budgets, "now", lambda: datetime(2026, 12, 1, tzinfo=UTC))
    with inside():
        settle(claim(CENT, 0), CENT)
    assert warnings(cast, app) == ["2026-11-01", "2026-12-01"]


def test_a_higher_cap_has_the_owner_told_anew(
    app: Flask, cast: Cast, inside: Inside, cap: Callable[[int | None, int | None], None]
) -> None:
    cap(1)
    with inside():
        settle(claim(CENT, 0), CENT)
    cap(2)
    with inside():
        settle(claim(100, 0), 100)
    assert len(warnings(cast, app)) == 1
    with inside():
        settle(claim(CENT // 2, 0), CENT * 7 // 10)
    assert len(warnings(cast, app)) == 2


def test_a_call_that_found_no_room_is_noted_until_the_cap_changes(
    inside: Inside, cap: Callable[[int | None, int | None], None]
) -> None:
    def refused_at(visitor_id: int = 0) -> datetime | None:
        with inside():
            return db.session.scalar(
                select(Budget.refused_at).where(Budget.visitor_id == visitor_id)
            )

    cap(1, 1)
    with inside():
        budgets.note_refusal(CapReached("month", CENT), 7)
        budgets.note_refusal(CapReached("visitor_day", 0), 7)
    assert (refused_at(), refused_at(7)) == (NOON, None)
    with inside():
        budgets.note_refusal(CapReached("visitor_day", CENT), 7)
    assert refused_at(7) == NOON
    cap(2, 1)
    assert refused_at() is None


def test_a_claim_knows_its_month() -> None:
    assert Claim(1, date(2026, 11, 21), 0).month == date(2026, 11, 1)
