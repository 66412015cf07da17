"""The wait that a visitor is told of: what three of four met, and nothing where that isn't known."""

import pytest

from app.lib.waiting import expected, in_words, rounded_up


def test_three_of_four_met_it():
    assert expected([60, 60, 61, 600, 30, 45, 90, 1200], 0) == 120  # the sixth of eight is 90 s


def test_it_is_rounded_up():
    assert expected([61] * 5, 0) == 120
    assert [rounded_up(seconds) for seconds in (0, 1, 60, 61, 600, 601, 3600, 3601, 7201)] == [
        60, 60, 60, 120, 600, 900, 3600, 7200, 10_800,
    ]  # fmt: skip


def test_fewer_than_five_say_nothing():
    assert expected([60] * 4, 0) is None
    assert expected([60] * 5, 0) == 60


def test_who_was_never_answered_counts_as_having_waited_longest():
    assert expected([60] * 6, 2) == 60
    assert expected([60] * 6, 3) is None


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(20, "a minute"), (200, "4 minutes"), (1000, "20 minutes"), (3600, "an hour"), (9000, "3 hours")],
)  # fmt: skip
def test_in_words(seconds, words):
    assert in_words(seconds) == words
