"""When it is open, and when next: past midnight, on special days, and when the clocks change."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from app.lib.hours import DAY, Hours, Range, Special

LONDON = ZoneInfo("Europe/London")
DAYTIME = (Range(9 * 60, 17 * 60 + 30),)
SPLIT = (Range(9 * 60, 12 * 60), Range(14 * 60, 18 * 60))
EVENING = (Range(20 * 60, DAY + 2 * 60),)
CHRISTMAS = Special(date(2026, 12, 24), date(2026, 12, 26), "Christmas")

WEEK = {0: DAYTIME, 1: SPLIT, 4: DAYTIME, 5: EVENING}  # Monday, Tuesday, Friday, Saturday


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


def hours(*specials: Special, week: dict[int, tuple[Range, ...]] | None = None) -> Hours:
    return Hours("Europe/London", WEEK if week is None else week, specials)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-23 08:59", False),
        ("2026-11-23 09:00", True),
        ("2026-11-23 17:29", True),
        ("2026-11-23 17:30", False),
        ("2026-11-24 13:00", False),  # between two openings
        ("2026-11-24 14:00", True),
        ("2026-11-25 12:00", False),  # Wednesday
        ("2026-11-28 23:59", True),
        ("2026-11-29 01:59", True),  # Saturday's evening goes on
        ("2026-11-29 02:00", False),
    ],
)
def test_it_is_open_within_its_ranges(moment: str, is_open: bool) -> None:
    assert hours().is_open(at(moment)) is is_open


def test_the_moment_may_come_from_any_zone() -> None:
    summer = datetime(2026, 7, 6, 8, 0, tzinfo=UTC)  # nine in London
    assert hours().is_open(summer)
    assert not hours().is_open(summer.replace(hour=7, minute=59))


def test_the_next_opening_is_after_the_present_one() -> None:
    known = hours()
    assert known.next_opening(at("2026-11-24 10:00")) == at("2026-11-24 14:00")
    assert known.next_opening(at("2026-11-24 20:00")) == at("2026-11-27 09:00")
    assert known.next_opening(at("2026-11-29 01:00")) == at("2026-11-30 09:00")


def test_it_says_until_when_it_is_open() -> None:
    assert hours().closes_at(at("2026-11-28 21:00")) == at("2026-11-29 02:00")
    assert hours().closes_at(at("2026-11-25 12:00")) is None


def test_a_special_day_stands_in_for_its_weekday() -> None:
    longer = Special(date(2026, 12, 14), date(2026, 12, 14), "Late evening", (Range(540, 20 * 60),))
    known = hours(CHRISTMAS, longer)
    assert known.is_open(at("2026-12-14 19:00"))
    assert not known.is_open(at("2026-12-25 10:00"))  # a Friday
    assert known.next_opening(at("2026-12-23 10:00")) == at("2026-12-28 09:00")


def test_an_evening_goes_on_into_a_closed_day() -> None:
    closed = Special(date(2026, 11, 29), date(2026, 11, 29), "Stocktaking")
    assert hours(closed).is_open(at("2026-11-29 01:00"))


def test_nine_is_nine_on_the_day_that_the_clocks_change() -> None:
    sunday = hours(week={6: DAYTIME})
    assert sunday.next_opening(at("2026-03-29 00:30")) == datetime(2026, 3, 29, 8, tzinfo=UTC)
    assert sunday.next_opening(at("2026-10-25 00:30")) == datetime(2026, 10, 25, 9, tzinfo=UTC)


def test_what_is_always_open_never_opens_next() -> None:
    always = hours(week=dict.fromkeys(range(7), (Range(0, DAY),)))
    assert always.is_open(at("2026-11-25 00:00"))
    assert always.next_opening(at("2026-11-25 12:00")) is None


def test_what_is_never_open_has_no_next_opening() -> None:
    assert hours(week={}).next_opening(at("2026-11-25 12:00")) is None
    assert not hours(week={}).is_open(at("2026-11-25 12:00"))
