"""Moments for later, where the business is."""

from datetime import UTC, datetime

import pytest

from app.lib import later

MADRID = "Europe/Madrid"


def offered(text: str) -> list[str]:
    at = datetime.fromisoformat(text).replace(tzinfo=UTC)
    return [f"{each.label}: {each.at:%a %d %H:%M}" for each in later.choices(at, MADRID)]


@pytest.mark.parametrize(
    ("utc", "expected"),
    [
        ("2026-11-21T10:02:30", ["Later today: Sat 21 14:15", "This evening: Sat 21 18:00", "Tomorrow: Sun 22 09:00", "Next week: Mon 23 09:00"]),
        ("2026-11-21T14:00:00", ["This evening: Sat 21 18:00", "Tomorrow: Sun 22 09:00", "Next week: Mon 23 09:00"]),
        ("2026-11-21T16:30:00", ["Later today: Sat 21 20:30", "Tomorrow: Sun 22 09:00", "Next week: Mon 23 09:00"]),
        ("2026-11-21T18:00:00", ["Tomorrow: Sun 22 09:00", "Next week: Mon 23 09:00"]),
        ("2026-11-22T23:30:00", ["Later today: Mon 23 03:30", "This evening: Mon 23 18:00", "Tomorrow: Tue 24 09:00", "Next week: Mon 30 09:00"]),
        ("2026-11-22T20:00:00", ["Tomorrow: Mon 23 09:00"]),
    ],
)  # fmt: skip
def test_what_is_offered(utc, expected):
    assert offered(utc) == expected


def test_the_clock_s_change_keeps_the_morning_at_nine():
    at = datetime(2026, 10, 24, 12, tzinfo=UTC)
    tomorrow = next(each.at for each in later.choices(at, MADRID) if each.name == "tomorrow")
    assert tomorrow.astimezone(UTC) == datetime(2026, 10, 25, 8, tzinfo=UTC)


def test_what_is_typed_is_meant_where_the_business_is():
    typed = later.typed("2026-11-24T09:00", MADRID)
    assert typed == datetime(2026, 11, 24, 8, tzinfo=UTC)
    assert later.typed("2026-11-24T09:00+00:00", MADRID) == datetime(2026, 11, 24, 9, tzinfo=UTC)
    for no_moment in ("next Tuesday", "9999-12-31T23:59-12:00", "0001-01-01T00:00"):
        assert later.typed(no_moment, MADRID) is None
    assert later.for_field(typed, MADRID) == "2026-11-24T09:00"


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ("2026-11-21T20:05", "today, 20:05"),
        ("2026-11-22T09:00", "tomorrow, 9:00"),
        ("2026-11-24T09:00", "Tue 24 Nov, 9:00"),
        ("2027-01-02T09:00", "Sat 2 Jan 2027, 9:00"),
    ],
)
def test_in_words(at, words):
    now = datetime(2026, 11, 21, 12, tzinfo=UTC)
    moment = later.typed(at, MADRID)
    assert moment
    assert later.in_words(moment, now, MADRID) == words
