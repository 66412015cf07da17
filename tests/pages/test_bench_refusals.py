"""The test bench: what it refuses, whose a talk is, and what happens in trouble."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.assistant.models import Answer, Gap, ToolUse
from app.conversations.models import Callback, Conversation, HandOff, Message
from app.core import heartbeat
from app.core.jobs import OutboxJob
from app.extensions import db, redis
from app.frontdesk import bench, rehearsing
from app.knowledge.models import ChunkCitation
from tests.conftest import Cast, Inside, Person
from tests.pages.benching import ASKED, FACT, HTMX, UNKNOWN, Bench, says
from tests.standins import claude as stand_in

Login = Callable[[Person], FlaskClient]


def job_of(cast: Cast) -> OutboxJob:
    """The bench's only one. The outbox has no scope."""
    asked = {"name": "frontdesk.rehearse", "business_id": cast.business_id}
    return db.session.scalars(select(OutboxJob).filter_by(**asked)).one()


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


def test_a_talk_that_is_over_is_told(at_bench: Bench, app: Flask, two_answers: Cast) -> None:
    at_bench.ask("hello!")
    with app.app_context():
        redis.client.delete(
            f"frontdesk:bench:{two_answers.business_id}:{two_answers.owner.id}:{at_bench.talk}"
        )
    response = at_bench.post(ASKED)
    assert response.status_code == 409
    assert "This talk is over" in response.text
    assert at_bench.client.get(at_bench.waiting).status_code == 404
    assert at_bench.client.get(f"{at_bench.url}?talk={at_bench.talk}").status_code == 200


def test_a_talk_is_its_member_s_alone(at_bench: Bench, two_answers: Cast, login: Login) -> None:
    at_bench.ask(ASKED)
    for person, status in (
        (two_answers.agent, 403),
        (two_answers.viewer, 403),
        (two_answers.accountant, 403),
    ):
        assert login(person).get(at_bench.waiting).status_code == status
        assert login(person).get(at_bench.url).status_code == status
    path = at_bench.waiting.replace(two_answers.slug, two_answers.neighbour_slug)
    assert login(two_answers.neighbour).get(path).status_code == 404
    assert login(two_answers.neighbour).get(at_bench.waiting).status_code == 404


def test_a_neighbour_s_knowledge_is_not_asked(
    two_answers: Cast, login: Login, run_jobs: Callable[[], int]
) -> None:
    shown = Bench(login(two_answers.neighbour), two_answers.neighbour_slug, run_jobs).ask(ASKED)
    assert "4.95" not in shown


def test_nothing_is_left_in_the_tables(at_bench: Bench, two_answers: Cast, inside: Inside) -> None:
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
        names = redis.client.keys(f"frontdesk:bench:{two_answers.business_id}:*")
        assert names
        assert all(0 < redis.client.ttl(name) <= bench.KEEP_SECONDS for name in names)


# Trouble


def test_an_error_of_ours_ends_in_words(
    at_bench: Bench, inside: Inside, two_answers: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object, **_more: object) -> None:
        raise RuntimeError("out of luck")

    monkeypatch.setattr(rehearsing, "rehearse", broken)
    at_bench.begin(ASKED)
    with inside():
        job = job_of(two_answers)
        bench.fail(*job.args, "RuntimeError")
    assert bench.SORRY in at_bench.client.get(at_bench.waiting).text


def test_a_job_that_runs_again_asks_nobody_again(
    at_bench: Bench, inside: Inside, two_answers: Cast, with_claude: stand_in.Claude
) -> None:
    with_claude.script = [says("It is £4.95.", 0)]
    at_bench.ask(ASKED)
    with inside():
        job = job_of(two_answers)
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
