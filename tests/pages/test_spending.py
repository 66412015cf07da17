"""What the assistant costs, on its page: sums, caps that can be changed, and what the owner should know."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.assistant import budgets, call_log, notices, spending, troubles
from app.assistant.budgets import CapReached
from app.assistant.models import AssistantSettings, ModelCall
from app.businesses.models import Business
from app.channels.models import Channel
from app.conversations import services as conversations
from app.core.unit_of_work import unit_of_work
from app.extensions import db
from tests.conftest import Cast, Inside, Person

Login = Callable[[Person], FlaskClient]
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
CENT = budgets.MICROS_PER_CENT


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (budgets, spending, notices, call_log):
        monkeypatch.setattr(module, "now", lambda: NOON)


def add_call(at: datetime = NOON, **fields: Any) -> ModelCall:
    call = ModelCall(
        **{
            "purpose": "answer",
            "provider": "claude",
            "model": "claude-haiku-5-5",
            "prompt_version": "1",
            "reserved_micros": 9000,
            "cost_micros": 3000,
            "input_tokens": 600,
            "cached_tokens": 300,
            "stored_tokens": 100,
            "output_tokens": 50,
            "latency_ms": 1200,
            "stop_reason": "done",
            "created_at": at,
            **fields,
        }
    )
    db.session.add(call)
    db.session.flush()
    return call


def ask(kind: str = "website") -> dict[str, int]:
    """A visitor's question, and where it stands."""
    message, _ = conversations.receive(Channel.of_kind(kind), uuid4(), "Do you deliver?", "one")
    return {"question_id": message.id, "conversation_id": message.conversation_id}


def page(login: Login, cast: Cast, query: str = "", who: Person | None = None) -> str:
    response = login(who or cast.owner).get(f"/b/{cast.slug}/assistant/spending/{query}")
    assert response.status_code == 200
    return response.text


def test_nothing_is_spent_before_the_first_call(cast: Cast, login: Login) -> None:
    text = page(login, cast)
    assert "<strong>$0</strong> of $20.00" in text
    assert "No language model has been called yet" in text
    assert "Day by day" not in text


def test_the_month_s_figures(inside: Inside, cast: Cast, login: Login) -> None:
    with inside():
        about = ask()
        add_call(**about)
        add_call(**about, cost_micros=9000, cached_tokens=None, stored_tokens=None)
        add_call(purpose="analysis", cost_micros=5000, at=NOON - timedelta(days=3))
        add_call(at=NOON - timedelta(days=40), cost_micros=7_000_000)
        budgets.settle(budgets.claim(17_000, 0), 17_000)
        month = spending.this_month("UTC")
    assert (month.calls, month.answers, month.per_answer) == (3, 1, 12_000)
    assert month.cache_share == 600 / 2600
    assert [(day.micros, day.share) for day in month.days[17:21]] == [
        (5000, 5 / 12), (0, 0), (0, 0), (12_000, 1),
    ]  # fmt: skip
    assert [(line.name, line.calls, line.micros) for line in month.by_purpose] == [
        ("Answers", 2, 12_000),
        ("Looking back at conversations", 1, 5000),
    ]
    text = page(login, cast)
    assert "<strong>$0.0170</strong> of $20.00" in text
    assert f"/inbox/{about['conversation_id']}" in text


def test_days_are_the_business_s_own(inside: Inside, cast: Cast) -> None:
    with inside():
        add_call(datetime(2026, 11, 20, 10, 59, tzinfo=UTC))
        add_call(datetime(2026, 11, 20, 11, 0, tzinfo=UTC))
        add_call(datetime(2026, 10, 31, 10, 59, tzinfo=UTC))
        month = spending.this_month("Pacific/Auckland")
    assert [(each.day.day, each.calls) for each in month.days if each.calls] == [(20, 1), (21, 1)]


def test_a_projection_waits_for_seven_full_days(inside: Inside) -> None:
    with inside():
        for days in range(7):
            add_call(NOON - timedelta(days=days), cost_micros=70_000)
        assert spending.this_month("UTC").projected is None
        add_call(NOON - timedelta(days=7, hours=13), cost_micros=70_000)
        budgets.settle(budgets.claim(500_000, 0), 500_000)
        month = spending.this_month("UTC")
    assert month.projected == 500_000 + 9 * (6 * 70_000 // 7)


def test_what_isn_t_known_counts_at_its_dearest_and_is_said(
    inside: Inside, cast: Cast, login: Login
) -> None:
    with inside():
        add_call(cost_micros=None, error="Claude’s answer broke off.", stop_reason=None)
        add_call(cost_micros=None, stop_reason=None, at=NOON - timedelta(hours=1))
        add_call(cost_micros=None, reserved_micros=0, model="llama-next", provider="own")
        month = spending.this_month("UTC")
    assert (month.uncertain, month.failed, month.unpriced) == (2, 1, ["llama-next"])
    assert sum(line.micros for line in month.by_model) == 18_000
    text = page(login, cast)
    assert "at most $0.0090" in text
    assert "The prices of llama-next aren’t known" in text
    assert "Cut off" in text


def test_visitors_who_have_reached_the_cap_are_counted_until_it_changes(
    inside: Inside, cast: Cast, login: Login
) -> None:
    for visitor_id, words in ((7, "One visitor has reached"), (8, "2 visitors have reached")):
        for _ in range(2):
            with inside():
                budgets.note_refusal(CapReached("visitor_day", CENT), visitor_id)
        assert words in page(login, cast)
    with inside():
        budgets.change_caps(None, 100)
    assert "reached today" not in page(login, cast)


def test_the_list_shows_a_day_the_failed_ones_and_goes_back(
    inside: Inside, cast: Cast, login: Login
) -> None:
    with inside():
        failed = add_call(NOON - timedelta(days=1), error="Claude is overloaded.").id
        ids = [add_call().id for _ in range(11)]
    assert f'id="model_call_{failed}"' not in page(login, cast)
    text = page(login, cast, "?failed=1")
    assert (f'id="model_call_{failed}"' in text, f'id="model_call_{ids[0]}"' in text) == (
        True,
        False,
    )
    assert f'id="model_call_{failed}"' in page(login, cast, "?day=2026-11-20")
    older = page(login, cast, f"?before={ids[1]}")
    assert f'id="model_call_{ids[0]}"' in older
    assert "None." in page(login, cast, "?day=2026-11-02")


@pytest.mark.parametrize("query", ["?day=yesterday", "?day=0001-01-01", "?day=9999-12-31"])
def test_a_day_that_is_none_is_not_found(cast: Cast, login: Login, query: str) -> None:
    url = f"/b/{cast.slug}/assistant/spending/{query}"
    assert login(cast.owner).get(url).status_code == 404


@pytest.mark.parametrize("query", ["?before=-1", "?before=x", f"?before={2**70}"])
def test_a_place_that_is_none_is_the_beginning(cast: Cast, login: Login, query: str) -> None:
    assert "Last calls" in page(login, cast, query)


def test_the_owner_s_preview_is_no_conversation_to_open(
    inside: Inside, cast: Cast, login: Login
) -> None:
    with inside():
        preview, talk = (ask(kind)["conversation_id"] for kind in ("preview", "website"))
        for conversation_id in (preview, talk):
            add_call(conversation_id=conversation_id)
        assert [
            each.conversation.id for each in spending.dearest(NOON.date().replace(day=1), "UTC")
        ] == [talk]
    text = page(login, cast)
    assert (f"/inbox/{talk}" in text, f"/inbox/{preview}" in text) == (True, False)


def test_an_accountant_sees_sums_and_no_way_into_the_inbox(
    inside: Inside, cast: Cast, login: Login
) -> None:
    with inside():
        about = ask()
        add_call(**about)
    text = page(login, cast, who=cast.accountant)
    assert "Answers" in text
    assert f"/inbox/{about['conversation_id']}" not in text
    assert "Your role may look at this and not change it." in text


def caps(inside: Inside) -> tuple[int | None, int | None]:
    with inside():
        settings = AssistantSettings.current()
        return settings.month_cap_cents, settings.visitor_day_cap_cents


def change(client: FlaskClient, cast: Cast, month: str, visitor_day: str) -> Any:
    data = {"month": month, "visitor_day": visitor_day}
    return client.post(f"/b/{cast.slug}/assistant/spending/", data=data)


def test_the_owner_changes_both_caps(inside: Inside, cast: Cast, login: Login) -> None:
    client = login(cast.owner)
    for _ in range(2):
        assert change(client, cast, "$12.50", "0,2").status_code == 303
    assert caps(inside) == (1250, 20)
    text = page(login, cast)
    assert 'value="12.50"' in text
    assert "of $12.50" in text
    assert change(client, cast, "", "").status_code == 303
    assert caps(inside) == (None, None)


def test_a_cap_of_0_says_what_it_does(inside: Inside, cast: Cast, login: Login) -> None:
    change(login(cast.owner), cast, "0", "0.50")
    assert caps(inside) == (0, 50)
    assert "No language model is called. Visitors get passages" in page(login, cast)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (("much", "1"), "Type an amount like 20 or 0.50."),
        (("1", "-3"), "Type an amount like 20 or 0.50."),
        (("10001", "1"), "At most $10,000.00 fits."),
        (("1", "1000.01"), "At most $1,000.00 fits."),
    ],
)
def test_what_can_t_be_a_cap_stays_as_it_was_typed(
    inside: Inside, cast: Cast, login: Login, typed: tuple[str, str], words: str
) -> None:
    response = change(login(cast.owner), cast, *typed)
    assert response.status_code == 422
    assert words in response.text
    assert all(f'value="{each}"' in response.text for each in typed)
    assert caps(inside) == (None, None)


@pytest.mark.parametrize("who", ["agent", "accountant", "viewer"])
def test_who_may_not_change_the_settings_changes_no_cap(
    inside: Inside, cast: Cast, login: Login, who: str
) -> None:
    assert change(login(getattr(cast, who)), cast, "1", "1").status_code == 403
    assert caps(inside) == (None, None)


def test_a_neighbour_s_calls_are_not_here(
    app: Flask, inside: Inside, cast: Cast, login: Login
) -> None:
    with app.app_context(), cast.neighbour_scope(), unit_of_work():
        add_call(model="somebody-elses")
        troubles.note("claude", "overloaded", "Claude is overloaded.")
        budgets.note_refusal(CapReached("month", CENT), 0)
    text = page(login, cast)
    assert "somebody-elses" not in text
    assert "Claude is overloaded." not in text
    assert "used up" not in text


def start(login: Login, cast: Cast) -> str:
    return login(cast.owner).get(f"/b/{cast.slug}/").text


def test_trouble_is_told_until_the_model_answers_again(
    inside: Inside, cast: Cast, login: Login
) -> None:
    with inside():
        troubles.note("claude", "overloaded", "Claude is overloaded.")
        troubles.note("claude", "overloaded", "Claude is overloaded.")
        troubles.note("own", "key", "Your model refused the key.")
    for text in (page(login, cast), start(login, cast)):
        assert "Claude is overloaded." in text
        assert "2 answers had to do without it" in text
        assert "Your model refused the key." not in text
    with inside():
        troubles.end("claude")
    for text in (page(login, cast), start(login, cast)):
        assert "Claude is overloaded." not in text
    with inside():
        troubles.note("claude", "overloaded", "Claude is overloaded.")
    assert "One answer had to do without it" in page(login, cast)


def test_the_start_page_says_what_is_left_of_the_budget(
    inside: Inside, cast: Cast, login: Login
) -> None:
    with inside():
        budgets.change_caps(100, 100)
        budgets.settle(budgets.claim(79 * CENT, 0), 79 * CENT)
    assert "of your assistant’s budget" not in start(login, cast)
    with inside():
        budgets.settle(budgets.claim(5 * CENT, 0), 5 * CENT)
    for text in (page(login, cast), start(login, cast)):
        assert "84\u00a0% of your assistant’s budget is used" in text
    with inside():
        budgets.note_refusal(CapReached("month", 100 * CENT), 0)
    for text in (page(login, cast), start(login, cast)):
        assert "Your assistant’s budget is used up" in text
        assert "Since 12:00 it quotes passages" in text
    with inside():
        budgets.change_caps(200, 100)
    assert "of your assistant’s budget" not in start(login, cast)


def mails(caplog: pytest.LogCaptureFixture, cast: Cast) -> list[str]:
    """Those to the owner."""
    said = [record.getMessage() for record in caplog.records]
    return [words for words in said if f"mail to {cast.owner.email}" in words]


def test_each_owner_gets_one_mail_at_four_fifths(
    inside: Inside,
    cast: Cast,
    run_jobs: Callable[[], int],
    caplog: pytest.LogCaptureFixture,
) -> None:
    with inside():
        budgets.change_caps(100, 100)
        for _ in range(2):
            budgets.settle(budgets.claim(43 * CENT, 0), 43 * CENT)
        business = db.session.get_one(Business, cast.business_id)
        address = f"/b/{business.slug}/assistant/spending/"
    with caplog.at_level("INFO", logger="app.core.mail"):
        run_jobs()
    (mail,) = mails(caplog, cast)
    assert "86 %" in mail
    assert "$0.86 of $1.00" in mail
    assert address in mail


def test_a_cap_that_was_raised_meanwhile_needs_no_mail(
    inside: Inside,
    cast: Cast,
    run_jobs: Callable[[], int],
    caplog: pytest.LogCaptureFixture,
) -> None:
    with inside():
        budgets.change_caps(100, 100)
        budgets.settle(budgets.claim(86 * CENT, 0), 86 * CENT)
    with inside():
        budgets.change_caps(1000, 100)
    with caplog.at_level("INFO", logger="app.core.mail"):
        run_jobs()
    assert mails(caplog, cast) == []
