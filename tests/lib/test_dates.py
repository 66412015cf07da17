from datetime import UTC, date, datetime

import pytest

from app.lib import dates

LATE = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)  # already Saturday in Berlin


def test_clock_is_the_zones():
    assert dates.clock(LATE, "Europe/Berlin") == "00:30"
    assert dates.local_date(LATE, "Europe/Berlin") == date(2026, 11, 21)
    assert dates.exact(datetime(2026, 11, 3, 9, 5, tzinfo=UTC), "UTC") == "3 Nov 2026, 09:05"


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 11, 21), "Today"),
        (date(2026, 11, 20), "Yesterday"),
        (date(2026, 11, 17), "Tuesday"),
        (date(2026, 11, 14), "14 Nov"),
        (date(2025, 11, 14), "14 Nov 2025"),
        (date(2026, 11, 22), "22 Nov"),
    ],
)
def test_a_day_in_words(day, words):
    assert dates.day_in_words(day, today=date(2026, 11, 21)) == words


def test_since_names_the_day_only_when_it_is_another():
    now = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
    assert dates.since(datetime(2026, 11, 21, 10, 42, tzinfo=UTC), now, "UTC") == "10:42"
    assert dates.since(datetime(2026, 11, 20, 10, 42, tzinfo=UTC), now, "UTC") == "Yesterday, 10:42"
