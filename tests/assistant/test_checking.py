"""Checks through the language model: its own words, but the right source and the right figures."""

import secrets
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

from app.accounts.models import User
from app.assistant import checking
from app.assistant.prompting import VERSION as PROMPT_VERSION
from app.core.unit_of_work import unit_of_work
from app.extensions import db
from app.knowledge import services
from tests.conftest import Cast
from tests.standins import claude as stand_in

ASKED = "How much is delivery to Ashcombe?"
RIGHT = "Delivery to Ashcombe is £4.95 on Tuesdays."
Check = Callable[..., Result]


@pytest.mark.parametrize(
    ("text", "must_contain", "is_cited", "says"),
    [
        ("It is £4.95, on Tuesdays.", RIGHT, True, True),
        ("It is £5.95, on Tuesdays.", RIGHT, True, False),
        ("it is FREE of charge", "Free of charge", False, True),
        ("We charge nothing.", "Free of charge", False, False),
        ("We charge nothing.", "Free of charge", True, True),
        ("Anything at all.", "", True, True),
        ("Open from 9:30 to 17:00", "9:30", False, True),
        ("Open from 9 to 17", "9:30", True, False),
    ],
)
def test_what_counts_as_said(text: str, must_contain: str, is_cited: bool, says: bool) -> None:
    assert checking.says(text, must_contain, is_cited=is_cited) is says


@pytest.fixture
def check(app: Flask) -> Check:
    return lambda *words: app.test_cli_runner().invoke(args=["knowledge", "check", *words])


@pytest.fixture
def corrected(app: Flask, cast: Cast, run_jobs: Callable[[], int]) -> None:
    with app.app_context(), cast.scope(), unit_of_work():
        services.correct(ASKED, RIGHT, db.session.get_one(User, cast.owner.id))
    run_jobs()


@pytest.mark.usefixtures("corrected")
def test_all_businesses_are_asked_under_their_names(check: Check, cast: Cast) -> None:
    result = check("--all")
    first, *lines = result.output.splitlines()
    assert first == f"Prompt {PROMPT_VERSION}, no language model asked"
    assert f"{cast.slug}\ngreen  {ASKED}" in result.output
    assert cast.neighbour_slug not in lines  # nothing is asked there


@pytest.mark.usefixtures("corrected")
def test_one_red_check_of_any_business_fails_the_command(
    check: Check, app: Flask, cast: Cast
) -> None:
    broken = f"Does {secrets.token_hex(4)} fly?"
    with app.app_context(), cast.neighbour_scope(), unit_of_work():
        case = services.correct("Do pigs?", "Yes.", db.session.get_one(User, cast.neighbour.id))
        case.question = broken
    result = check("--all")
    assert result.exit_code == 1
    assert f"{cast.neighbour_slug}\nred    {broken}" in result.output


def test_it_wants_one_business_or_all(check: Check, cast: Cast) -> None:
    assert check().exit_code == 2
    assert check("--all", "--business", cast.slug).exit_code == 2


def test_claude_without_a_key_is_told_so(check: Check, cast: Cast) -> None:
    result = check("--business", cast.slug, "--with-model")
    assert result.exit_code == 1
    assert "ANTHROPIC_API_KEY" in result.output


@pytest.mark.usefixtures("corrected")
@pytest.mark.parametrize(
    ("blocks", "line"),
    [
        ([stand_in.says("It’s £4.95.", cites=(0,))], "green"),
        ([stand_in.says("It’s £9.95.", cites=(0,))], "red  "),
        ([stand_in.says("It’s £4.95.")], "red  "),  # cites nothing
        ([stand_in.says("NO_ANSWER")], "red  "),
    ],
)
def test_claude_is_asked_too(
    check: Check, cast: Cast, with_claude: stand_in.Claude, blocks: list[Any], line: str
) -> None:
    with_claude.script = [{"blocks": blocks}] * 2  # a stronger model is asked when it doesn't know
    result = check("--business", cast.slug, "--with-model")
    assert with_claude.requests
    by = "" if line == "green" else " (by Claude)"
    assert result.output == f"{line}  {ASKED}{by}\n"
    assert result.exit_code == (0 if line == "green" else 1)


@pytest.mark.usefixtures("corrected")
def test_a_claude_that_can_not_be_reached_ends_the_command(
    check: Check, cast: Cast, with_claude: stand_in.Claude
) -> None:
    with_claude.script = [{"status": 529, "etype": "overloaded_error"}] * 3
    result = check("--business", cast.slug, "--with-model")
    assert result.exit_code == 1
    assert "Claude" in result.output
