"""Figures of a sentence by their unit, and the days that it is about."""

from datetime import date
from typing import Any

import pytest

from app.knowledge.upkeep.ageing import past_date
from app.knowledge.upkeep.figures import count, weekdays

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("It costs £42.", {"£": {42.0}}),
        ("It costs 1,250.50 euros.", {"€": {1250.5}}),
        ("45p per kWh", {"£": {0.45}}),
        ("$5 or 10 % off", {"$": {5.0}, "%": {10.0}}),
        ("ten per cent, 12 percent", {"%": {12.0}}),
        ("Open 9am to 5.30pm", {"time": {540, 1050}}),
        ("Open 9:00–17:30", {"time": {540, 1050}}),
        ("12am and 12 p.m.", {"time": {0, 720}}),
        ("Within 30 days or six weeks.", {"days": {30.0}, "weeks": {6.0}}),
        ("a 6 ft tree, 20 km away, 3.2 kg", {"ft": {6.0}, "km": {20.0}, "kg": {3.2}}),
        ("On 24 December and 1st of January", {"date": {(12, 24), (1, 1)}}),
        ("December 24, 2026", {"date": {(12, 24)}}),
        ("on 31 February", {}),
        ("Call 01632 960147, order 4410.", {}),
        ("at 25:00", {}),
        ("Nothing to count.", {}),
    ],
)
def test_figures_are_told_apart_by_unit(text: str, figures: dict[str, set[Any]]) -> None:
    assert count(text).figures == figures


def test_a_figure_is_kept_as_it_stands() -> None:
    assert count("Free above £50.00 for members").spoken == {("£", 50.0): "£50.00"}


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("Monday to Friday", {0, 1, 2, 3, 4}),
        ("Fri–Mon", {4, 5, 6, 0}),
        ("on Sundays and Tuesdays", {6, 1}),
        ("at weekends", {5, 6}),
        ("every day", set(range(7))),
        ("Satsuma, sunny, Monica", set()),
    ],
)
def test_weekdays_are_read(text: str, days: set[int]) -> None:
    assert weekdays(text) == days


@pytest.mark.parametrize(
    ("text", "is_over"),
    [
        ("The offer is valid until 31 March 2024.", True),
        ("The sale ends on 5 May 2025, so hurry.", True),
        ("Order by 1 November 2026.", True),
        ("The offer is valid until 31 March 2027.", False),
        ("We opened on 31 March 1974.", False),
        ("Prices hold until further notice. Founded 1 May 1999.", False),
        ("Valid until 31 March.", False),
    ],
)
def test_a_day_after_which_a_sentence_is_wrong(text: str, is_over: bool) -> None:
    assert (past_date(text, TODAY) is not None) is is_over
