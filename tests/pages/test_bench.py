"""The test bench: asked as a visitor, answered by the worker, and nothing is left but what it cost."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.assistant import persona as personas
from app.assistant.models import Answer, AssistantSettings, Budget, Gap, ModelCall, ToolUse
from app.conversations.models import Callback, Conversation, HandOff, Message
from app.core import heartbeat
from app.core.jobs import OutboxJob
from app.extensions import db, redis
from app.frontdesk import bench, rehearsing
from app.knowledge import services as knowledge
from app.knowledge.models import ChunkCitation, RegressionCase
from tests.conftest import Cast, Inside, Person
from tests.standins import claude as stand_in

HTMX = {"HX-Request": "true"}
FACT = "We deliver to Ashcombe on Tuesdays and Fridays for £4.95."
ASKED = "How much is delivery to Ashcombe?"
UNKNOWN = "Which football club won the cup in 1974?"
Login = Callable[[Person], FlaskClient]


@pytest.fixture
def taught(cast: Cast, inside: Inside, run_jobs: Callable[[], int]) -> Cast:
    with inside():
        knowledge.add_question("Do you deliver, and what does it cost?", FACT, None)
        knowledge.add_question("Are dogs allowed?", "Dogs on a lead are welcome.", None)
    run_jobs()
    return cast


class Bench:
    """A member at the test bench. `ask` gives what the page shows in the end."""

    def __init__(self, client: FlaskClient, slug: str, run_jobs: Callable[[], int]) -> None:
        self.client, self.run_jobs = client, run_jobs
        self.url = f"/b/{slug}/assistant/bench/"
        self.talk = ""
        self.waiting = ""

    def post(self, question: str, *, htmx: bool = True, **typed: str) -> TestResponse:
        form = {"channel": "website", "voice": "saved", "talk": self.talk, "question": question}
        return self.client.post(self.url, data=form | typed, headers=HTMX if htmx else {})

    def begin(self, question: str, **typed: str) -> str:
        response = self.post(question, **typed)
        assert response.status_code == 200, response.text
        self.waiting = found(r'hx-get="([^"]+/\d+)"', response.text)
        self.talk = found(r'name="talk" value="([^"]+)"', response.text)
        return response.text

    def ask(self, question: str, **typed: str) -> str:
        self.begin(question, **typed)
        assert self.client.get(self.waiting, headers=HTMX).status_code == 204
        self.run_jobs()
        shown = self.client.get(self.waiting, headers=HTMX)
        assert shown.status_code == 200
        return shown.text


def found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    assert match, text
    return match[1]


@pytest.fixture
def at_bench(taught: Cast, login: Login, run_jobs: Callable[[], int]) -> Bench:
    return Bench(login(taught.owner), taught.slug, run_jobs)


def says(text: str, *cites: int) -> dict[str, Any]:
    return {"blocks": [stand_in.says(text, cites=cites)]}


def uses(name: str, **asked: object) -> dict[str, Any]:
    return {"blocks": [{"type": "tool_use", "id": "toolu_1", "name": name, "input": asked}]}


def job_of(cast: Cast) -> OutboxJob:
    """The bench's only one. The outbox has no scope."""
    asked = {"name": "frontdesk.rehearse", "business_id": cast.business_id}
    return db.session.scalars(select(OutboxJob).filter_by(**asked)).one()


# What is shown


def test_without_a_model_the_passages_are_quoted(at_bench: Bench) -> None:
    shown = at_bench.ask(ASKED)
    assert FACT in shown
    assert "Your own sentences, quoted" in shown
    assert 'class="mark"' in shown
    assert "cited" in shown
    assert re.search(r"Cost</dt><dd>\$0<", shown)


def test_with_a_model_the_receipt_says_what_it_was(
    at_bench: Bench, with_claude: stand_in.Claude, inside: Inside
) -> None:
    with_claude.script = [says("It is £4.95.", 0)]
    shown = at_bench.ask(ASKED)
    assert "It is £4.95." in shown
    assert "claude-haiku-5-5" in shown
    assert "tokens read" in shown
    assert re.search(r"Cost</dt><dd>\$0\.0", shown)
    with inside():
        [call] = db.session.scalars(select(ModelCall))
        assert (call.purpose, call.conversation_id, call.question_id) == ("bench", None, None)
        assert call.prompt_version in shown


def test_what_was_said_before_is_known_in_the_next_question(
    at_bench: Bench, with_claude: stand_in.Claude
) -> None:
    with_claude.script = [says("It is £4.95.", 0), says("On Tuesdays.", 0)]
    at_bench.ask(ASKED)
    shown = at_bench.ask("And when?")
    assert "On Tuesdays." in shown
    sent = str(with_claude.requests[-1]["messages"])
    assert ASKED in sent
    assert "It is £4.95." in sent


def test_a_tool_runs_dry_and_shows_what_it_was_given(
    at_bench: Bench, with_claude: stand_in.Claude, inside: Inside
) -> None:
    with_claude.script = [uses("search_knowledge", query="dogs"), says("Dogs are welcome.", 0)]
    shown = at_bench.ask(ASKED)
    assert "Search your knowledge" in shown
    assert "&#34;query&#34;: &#34;dogs&#34;" in shown
    assert "passages were found" in shown
    with inside():
        assert db.session.scalar(select(func.count()).select_from(ToolUse)) == 0


def test_a_person_that_the_model_calls_is_told_and_not_called(
    at_bench: Bench, with_claude: stand_in.Claude, inside: Inside
) -> None:
    with_claude.script = [uses("hand_off", reason="upset", summary="Wants the money back")]
    shown = at_bench.ask("Can I give back what I bought?")
    assert "Would call a person" in shown
    assert "The visitor is upset" in shown
    assert "Wants the money back" in shown
    with inside():
        assert db.session.scalar(select(func.count()).select_from(HandOff)) == 0


def test_who_asks_for_a_person_is_told_before_anything_is_spent(
    at_bench: Bench, with_claude: stand_in.Claude
) -> None:
    shown = at_bench.ask("I want to talk to a person")
    assert "The visitor asked for a person" in shown
    assert not with_claude.requests


def test_unsure_twice_would_call_a_person(at_bench: Bench) -> None:
    assert "Would call a person" not in at_bench.ask(UNKNOWN)
    assert "The assistant was unsure twice in a row" in at_bench.ask(UNKNOWN)


def test_small_talk_needs_nothing(at_bench: Bench) -> None:
    assert "A fixed reply, without looking anything up" in at_bench.ask("hello!")


def test_a_provider_in_trouble_is_told_and_the_passages_answer(
    at_bench: Bench, with_claude: stand_in.Claude
) -> None:
    with_claude.script = [{"status": 401, "etype": "authentication_error"}] * 3
    shown = at_bench.ask(ASKED)
    assert "No language model wrote this" in shown
    assert FACT in shown


def test_it_is_paid_from_the_month_s_budget(
    at_bench: Bench, with_claude: stand_in.Claude, inside: Inside
) -> None:
    with_claude.script = [says("It is £4.95.", 0)]
    at_bench.ask(ASKED)
    with inside():
        month = db.session.scalars(select(Budget)).one()
        assert (month.kind, month.spent_micros > 0) == ("month", True)
        month.spent_micros = 10**12
    shown = at_bench.ask(ASKED)
    assert "budget for this month is used up" in shown
    assert FACT in shown
    assert len(with_claude.requests) == 1


def test_an_sms_is_counted(at_bench: Bench) -> None:
    shown = at_bench.ask(ASKED, channel="sms")
    assert "1 SMS" in shown
    assert 'class="mark"' not in shown


def test_the_channel_is_told_to_the_model(at_bench: Bench, with_claude: stand_in.Claude) -> None:
    with_claude.script = [says("It is £4.95.", 0), says("£4.95", 0)]
    at_bench.ask(ASKED, channel="whatsapp")
    assert "The customer writes on whatsapp" in str(with_claude.requests[0])
    assert "at most 300 characters" not in str(with_claude.requests[0])
    at_bench.ask(ASKED, channel="sms")
    assert "at most 300 characters" in str(with_claude.requests[1])


def test_markup_is_words(at_bench: Bench, with_claude: stand_in.Claude) -> None:
    with_claude.script = [says("<script>alert(1)</script>", 0)]
    shown = at_bench.begin("<img src=x>")
    at_bench.run_jobs()
    shown += at_bench.client.get(at_bench.waiting).text
    assert "<script>alert" not in shown
    assert "<img src=x>" not in shown


# Personas


DRAFT = {
    "voice": "draft", "assistant_name": "Fern", "tone": "formal",
    "style_notes": "Mention the café.", "never_say": "£4.95",
}  # fmt: skip


def test_a_draft_is_tried_and_not_saved(
    at_bench: Bench, with_claude: stand_in.Claude, inside: Inside
) -> None:
    with_claude.script = [says("Delivery is on Tuesdays.", 0)]
    shown = at_bench.ask(ASKED, **DRAFT)
    assert "Draft: formal" in shown
    system = str(with_claude.requests[0]["system"])
    assert "Fern" in system
    assert "Mention the café." in system
    with inside():
        assert AssistantSettings.current().tone == "warm"


def test_what_is_never_said_is_held_back(at_bench: Bench, with_claude: stand_in.Claude) -> None:
    """Here the passages hold it too, so a person is offered."""
    with_claude.script = [says("It is £4.95.", 0)]
    shown = at_bench.ask(ASKED, **DRAFT)
    assert "because “£4.95” stands under “Never say”" in shown
    assert "It is £4.95." not in shown
    assert "Would you like to talk to a person?" in shown


def test_the_passages_answer_in_place_of_what_is_never_said(
    at_bench: Bench, with_claude: stand_in.Claude
) -> None:
    with_claude.script = [says("It is cheap.", 0)]
    shown = at_bench.ask(ASKED, **DRAFT | {"never_say": "cheap"})
    assert "It is cheap." not in shown
    assert FACT in shown


def test_a_draft_becomes_the_persona(at_bench: Bench, inside: Inside) -> None:
    response = at_bench.client.post(f"{at_bench.url}persona", data=DRAFT)
    assert response.status_code == 303
    with inside():
        settings = AssistantSettings.current()
        assert (settings.assistant_name, settings.never_say) == ("Fern", "£4.95")


def test_a_draft_that_can_not_be_is_refused_and_stays_typed(at_bench: Bench) -> None:
    typed = DRAFT | {"assistant_name": "x" * 41}
    asked = at_bench.post(ASKED, htmx=False, **typed)
    assert asked.status_code == 422
    assert "A name may have 40 characters." in asked.text
    assert "Mention the café." in asked.text
    assert ASKED in asked.text
    saved = at_bench.client.post(f"{at_bench.url}persona", data=typed | {"question": ASKED})
    assert saved.status_code == 422
    assert "Mention the café." in saved.text
    assert ASKED in saved.text


# Refusals


@pytest.mark.parametrize(
    ("question", "typed", "told"),
    [
        ("  ", {}, "Write a question first."),
        ("x" * 1001, {}, "A question may have 1,000 characters."),
        (ASKED, {"channel": "fax"}, "Choose one of the channels."),
        (ASKED, {"voice": "draft", "tone": "rude"}, "Choose one of the tones."),
    ],
)
def test_what_can_not_be_asked_is_told(
    at_bench: Bench, question: str, typed: dict[str, str], told: str
) -> None:
    for htmx in (True, False):
        response = at_bench.post(question, htmx=htmx, **typed)
        assert response.status_code == 422
        assert told in response.text


def test_one_question_at_a_time(at_bench: Bench) -> None:
    at_bench.begin(ASKED)
    again = at_bench.post("And on Mondays?")
    assert again.status_code == 409
    assert "still answering" in again.text
    at_bench.run_jobs()
    assert FACT in at_bench.client.get(at_bench.waiting).text


def test_a_talk_has_an_end(at_bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "MAX_EXCHANGES", 1)
    at_bench.ask("hello!")
    assert "After 1 questions, start over." in at_bench.post(ASKED).text


def test_a_talk_that_is_over_is_told(at_bench: Bench, app: Flask, taught: Cast) -> None:
    at_bench.ask("hello!")
    with app.app_context():
        redis.client.delete(
            f"frontdesk:bench:{taught.business_id}:{taught.owner.id}:{at_bench.talk}"
        )
    response = at_bench.post(ASKED)
    assert response.status_code == 409
    assert "This talk is over" in response.text
    assert at_bench.client.get(at_bench.waiting).status_code == 404
    assert at_bench.client.get(f"{at_bench.url}?talk={at_bench.talk}").status_code == 200


def test_a_talk_is_its_member_s_alone(at_bench: Bench, taught: Cast, login: Login) -> None:
    at_bench.ask(ASKED)
    for person, status in ((taught.agent, 403), (taught.viewer, 403), (taught.accountant, 403)):
        assert login(person).get(at_bench.waiting).status_code == status
        assert login(person).get(at_bench.url).status_code == status
    path = at_bench.waiting.replace(taught.slug, taught.neighbour_slug)
    assert login(taught.neighbour).get(path).status_code == 404
    assert login(taught.neighbour).get(at_bench.waiting).status_code == 404


def test_a_neighbour_s_knowledge_is_not_asked(
    taught: Cast, login: Login, run_jobs: Callable[[], int]
) -> None:
    shown = Bench(login(taught.neighbour), taught.neighbour_slug, run_jobs).ask(ASKED)
    assert "4.95" not in shown


def test_nothing_is_left_in_the_tables(at_bench: Bench, taught: Cast, inside: Inside) -> None:
    for question in (ASKED, UNKNOWN, UNKNOWN, "I want to talk to a person"):
        at_bench.ask(question)
    with inside():
        for table in (
            Message,
            Conversation,
            Answer,
            Gap,
            HandOff,
            Callback,
            ChunkCitation,
            ToolUse,
        ):
            assert db.session.scalar(select(func.count()).select_from(table)) == 0
        told = db.session.scalars(
            select(OutboxJob.args).where(OutboxJob.name == "frontdesk.rehearse")
        ).all()
        assert ASKED not in str(told)
        names = redis.client.keys(f"frontdesk:bench:{taught.business_id}:*")
        assert names
        assert all(0 < redis.client.ttl(name) <= bench.KEEP_SECONDS for name in names)


# Trouble


def test_an_error_of_ours_ends_in_words(
    at_bench: Bench, inside: Inside, taught: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object, **_more: object) -> None:
        raise RuntimeError("out of luck")

    monkeypatch.setattr(rehearsing, "rehearse", broken)
    at_bench.begin(ASKED)
    with inside():
        job = job_of(taught)
        bench.fail(*job.args, "RuntimeError")
    assert bench.SORRY in at_bench.client.get(at_bench.waiting).text


def test_a_job_that_runs_again_asks_nobody_again(
    at_bench: Bench, inside: Inside, taught: Cast, with_claude: stand_in.Claude
) -> None:
    with_claude.script = [says("It is £4.95.", 0)]
    at_bench.ask(ASKED)
    with inside():
        job = job_of(taught)
        bench.run(*job.args)
    assert len(with_claude.requests) == 1


def test_a_worker_that_is_away_is_told_plainly(
    app: Flask, at_bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_bench.begin(ASKED)
    monkeypatch.setattr(bench, "LATE_SECONDS", -1)
    with app.app_context():
        redis.client.delete("frontdesk:alive:worker")
    shown = at_bench.client.get(at_bench.waiting, headers=HTMX).text
    assert "Your assistant isn’t running just now" in shown
    assert "load, bench-" not in shown, "or it would ask again at once, for ever"
    with app.app_context():
        heartbeat.beat("worker")
        shown = at_bench.client.get(at_bench.waiting, headers=HTMX).text
        redis.client.delete("frontdesk:alive:worker")
    assert "takes longer than usual" in shown


def test_redis_away_is_told_plainly(at_bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    from redis import RedisError

    def away(*_args: object) -> None:
        raise RedisError("away")

    monkeypatch.setattr(bench, "_keep", away)
    response = at_bench.post(ASKED)
    assert response.status_code == 503
    assert "The test bench can’t be reached" in response.text


def test_without_scripts_the_page_shows_the_talk(at_bench: Bench) -> None:
    response = at_bench.post(ASKED, htmx=False, channel="sms")
    assert response.status_code == 303
    assert "Show the answer" in at_bench.client.get(response.location).text
    at_bench.run_jobs()
    shown = at_bench.client.get(response.location).text
    assert FACT in shown
    assert 'value="sms" checked' in shown


# Kept as a check


def test_a_good_exchange_is_kept_as_a_check(
    at_bench: Bench, inside: Inside, run_jobs: Callable[[], int]
) -> None:
    form = at_bench.client.get(found(r'hx-get="([^"]+/check)"', at_bench.ask(ASKED)), headers=HTMX)
    assert f'value="{ASKED}"' in form.text
    assert f">{FACT}</textarea>" in form.text.replace("\r\n", "")
    assert 'value="Do you deliver, and what does it cost?"' in form.text
    typed = {"question": ASKED, "must_contain": "£4.95", "source_name": ""}
    kept = at_bench.client.post(f"{at_bench.waiting}/check", data=typed, headers=HTMX)
    assert "Kept as a check" in kept.text
    run_jobs()
    with inside():
        [case] = db.session.scalars(select(RegressionCase))
        assert (case.question, case.must_contain, case.is_green) == (ASKED, "£4.95", True)


def test_keeping_it_twice_keeps_one(at_bench: Bench, inside: Inside) -> None:
    at_bench.ask(ASKED)
    typed = {"question": ASKED, "must_contain": "£4.95", "source_name": ""}
    for _ in range(2):
        response = at_bench.client.post(f"{at_bench.waiting}/check", data=typed)
        assert response.status_code == 303
    with inside():
        assert db.session.scalar(select(func.count()).select_from(RegressionCase)) == 1


def test_a_check_that_expects_nothing_is_refused_and_stays_typed(at_bench: Bench) -> None:
    at_bench.ask(ASKED)
    typed = {"question": "Typed anew", "must_contain": " ", "source_name": ""}
    for headers in (HTMX, {}):
        response = at_bench.client.post(f"{at_bench.waiting}/check", data=typed, headers=headers)
        assert response.status_code == 422
        assert "Say what the answer must contain" in response.text
        assert "Typed anew" in response.text


def test_where_nothing_was_answered_there_is_nothing_to_keep(at_bench: Bench) -> None:
    for question in ("I want to talk to a person", UNKNOWN, "hello!"):
        assert "/check" not in at_bench.ask(question)
        assert at_bench.client.get(f"{at_bench.waiting}/check").status_code == 404


def test_the_tones_are_those_that_the_prompt_knows() -> None:
    from app.assistant import prompting

    assert {tone.name for tone in personas.TONES} == set(prompting.TONES)
