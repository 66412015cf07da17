"""Checks of the assistant as it is set up: its own words, but the right source and the right figures."""

import secrets
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select

from app import cli
from app.accounts.models import User
from app.assistant.models import AssistantSettings, ModelCall, ToolUse
from app.assistant.prompting import VERSION
from app.core.unit_of_work import unit_of_work
from app.extensions import db
from app.frontdesk import checking
from app.knowledge import services
from app.knowledge.models import RegressionCase
from tests.conftest import Cast, Inside
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
def test_what_counts_as_said_by_a_model(
    text: str, must_contain: str, is_cited: bool, says: bool
) -> None:
    assert checking.says(text, must_contain, is_quoted=False, is_cited=is_cited) is says


def test_what_is_quoted_must_be_there_word_for_word() -> None:
    assert checking.says(f"It says: {RIGHT}", RIGHT, is_quoted=True, is_cited=True)
    assert not checking.says("It is £4.95.", RIGHT, is_quoted=True, is_cited=True)


@pytest.fixture
def check(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Check:
    """`check("--all")`: in this process, and of these two businesses; other tests have left thousands."""
    found, ours = cli._businesses, (cast.slug, cast.neighbour_slug)
    monkeypatch.setattr(
        cli, "_businesses", lambda *words: [each for each in found(*words) if each.slug in ours]
    )
    return lambda *words: app.test_cli_runner().invoke(args=["assistant", "check", *words])


@pytest.fixture
def corrected(cast: Cast, inside: Inside, run_jobs: Callable[[], int]) -> None:
    with inside():
        services.correct(ASKED, RIGHT, db.session.get_one(User, cast.owner.id))
    run_jobs()


@pytest.fixture
def lines(check: Check, cast: Cast) -> Callable[[], list[str]]:
    """Of this business, without the prompt's version and the heading."""
    return lambda: check("--business", cast.slug).output.splitlines()[2:]


@pytest.mark.usefixtures("corrected")
def test_all_businesses_are_asked_under_their_names(check: Check, cast: Cast) -> None:
    result = check("--all")
    first, *rest = result.output.splitlines()
    assert first == f"Prompt {VERSION}"
    assert f"{cast.slug}  no language model\ngreen  {ASKED}" in result.output
    assert not [line for line in rest if cast.neighbour_slug in line]  # nothing is asked there


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
    assert f"{cast.neighbour_slug}  no language model\nred    {broken} (" in result.output


def test_it_wants_one_business_or_all(check: Check, cast: Cast) -> None:
    assert check().exit_code == 2
    assert check("--all", "--business", cast.slug).exit_code == 2
    assert "There is no business at “nowhere”." in check("--business", "nowhere").output


def test_without_checks_there_is_nothing_to_say(check: Check, cast: Cast) -> None:
    result = check("--business", cast.slug)
    assert (result.exit_code, result.output) == (0, f"Prompt {VERSION}\n")


@pytest.mark.usefixtures("corrected")
def test_without_a_model_the_words_themselves_must_be_there(
    check: Check, cast: Cast, inside: Inside
) -> None:
    assert check("--business", cast.slug).exit_code == 0
    with inside():
        db.session.scalars(select(RegressionCase)).one().must_contain = "It is £4.95."
    result = check("--business", cast.slug)
    assert result.exit_code == 1
    assert "(doesn’t say “It is £4.95.”)" in result.output


@pytest.mark.usefixtures("corrected")
@pytest.mark.parametrize(
    ("blocks", "problem"),
    [
        ([stand_in.says("It’s £4.95.", cites=(0,))], ""),
        ([stand_in.says("It’s £9.95.", cites=(0,))], f"doesn’t say “{RIGHT}”"),
        ([stand_in.says("It’s £4.95.")], f"doesn’t quote “{ASKED}”"),
        ([stand_in.says("NO_ANSWER")], "isn’t sure enough to answer"),
        (
            [stand_in.calls("hand_off", reason="cannot_help", summary="Wants a price")],
            "calls a person: The assistant thought that a person should answer",
        ),
    ],
)
def test_a_model_is_asked_where_the_business_has_one(
    check: Check, cast: Cast, with_claude: stand_in.Claude, blocks: list[Any], problem: str
) -> None:
    with_claude.script = [{"blocks": blocks}] * 2  # a stronger model is asked when it doesn't know
    result = check("--business", cast.slug)
    _, heading, line = result.output.splitlines()
    assert heading == f"{cast.slug}  claude-haiku-5-5"
    assert line == (f"red    {ASKED} ({problem})" if problem else f"green  {ASKED}")
    assert result.exit_code == bool(problem)


@pytest.mark.usefixtures("corrected")
def test_a_business_that_wants_no_model_is_asked_without(
    lines: Callable[[], list[str]], inside: Inside, with_claude: stand_in.Claude
) -> None:
    with inside():
        settings = AssistantSettings.current()
        settings.provider = "none"
        db.session.add(settings)
    assert lines() == [f"green  {ASKED}"]
    assert not with_claude.requests


@pytest.mark.usefixtures("corrected")
def test_a_question_for_a_person_is_red(
    lines: Callable[[], list[str]], inside: Inside, with_claude: stand_in.Claude
) -> None:
    with inside():
        settings = AssistantSettings.current()
        settings.hand_off_topics = ["delivery"]
        db.session.add(settings)
    [line] = lines()
    assert "calls a person: A topic that you want to answer yourself" in line
    assert not with_claude.requests


@pytest.mark.usefixtures("corrected")
def test_it_writes_down_what_it_cost_and_nothing_else(
    lines: Callable[[], list[str]], inside: Inside, with_claude: stand_in.Claude
) -> None:
    with_claude.script = [
        {"blocks": [stand_in.calls("search_knowledge", query="delivery")]},
        {"blocks": [stand_in.says("It’s £4.95.", cites=(0,))]},
    ]
    assert lines() == [f"green  {ASKED}"]
    with inside():
        assert {call.purpose for call in db.session.scalars(select(ModelCall))} == {"check"}
        assert db.session.scalar(select(func.count()).select_from(ToolUse)) == 0


@pytest.mark.usefixtures("corrected")
def test_a_model_that_can_not_be_reached_is_told_and_fails_the_command(
    check: Check, cast: Cast, with_claude: stand_in.Claude
) -> None:
    with_claude.script = [{"status": 401, "etype": "authentication_error"}] * 3
    result = check("--business", cast.slug)
    assert result.exit_code == 1
    assert f"{cast.slug}  not asked on: " in result.output


def test_the_passages_alone_are_asked_by_another_command(
    app: Flask, cast: Cast, corrected: None, with_claude: stand_in.Claude
) -> None:
    result = app.test_cli_runner().invoke(args=["knowledge", "check", "--business", cast.slug])
    assert (result.exit_code, result.output) == (0, f"green  {ASKED}\n")
    assert not with_claude.requests
