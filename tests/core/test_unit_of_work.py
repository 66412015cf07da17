"""One commit at the edge; what was asked for goes out after it, or not at all."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient
from redis import Redis
from rq import Queue
from sqlalchemy import event, func, select, text

from app.core import jobs, realtime, unit_of_work
from app.core.errors import Invalid
from app.core.jobs import OutboxJob
from app.extensions import db
from tests.core.conftest import unique

View = Callable[[], Any]
pytestmark = pytest.mark.usefixtures("nothing_left")


@pytest.fixture
def signals(app: Flask) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """Called, it gives what has reached Redis for the streams since the last call."""
    client = Redis.from_url(app.config["REDIS_URL"])
    with client.pubsub() as pubsub:
        pubsub.subscribe(realtime._channel(client))
        assert pubsub.get_message(timeout=5)  # the subscription stands

        def read() -> list[dict[str, Any]]:
            """Up to a mark of our own: nothing older can come after it."""
            client.publish(realtime._channel(client), '"mark"')
            seen = []
            while (signal := json.loads(pubsub.get_message(timeout=5)["data"])) != "mark":
                seen.append(signal)
            return seen

        yield read


@pytest.fixture
def commits(app: Flask) -> Iterator[list[object]]:
    """One entry per COMMIT sent to the database."""
    seen: list[object] = []
    with app.app_context():
        engine = db.engine

    def note(connection: object) -> None:
        seen.append(connection)

    event.listen(engine, "commit", note)
    yield seen
    event.remove(engine, "commit", note)


@pytest.fixture
def serve(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> Callable[[View, str], int]:
    """Let this view answer one request; returns the status."""
    endpoints = {
        "POST": ("accounts.create_session", "/login"),
        "GET": ("pages.healthz", "/healthz"),
    }

    def call(view: View, method: str = "POST") -> int:
        endpoint, path = endpoints[method]
        view.is_public = True  # type: ignore[attr-defined]
        monkeypatch.setitem(app.view_functions, endpoint, view)
        return client.open(path, method=method).status_code

    return call


def asks_for_work(name: str, then: View = lambda: "done") -> View:
    """A view that asks for a job and a signal of this name, then answers."""

    def view() -> Any:
        jobs.enqueue(name)
        realtime.publish(name, number=1)
        return then()

    return view


def rows(name: str) -> int:
    query = select(func.count()).select_from(OutboxJob).where(OutboxJob.name == name)
    return db.session.scalar(query) or 0


def pushed(app: Flask, name: str) -> int:
    """How often RQ was told of this job."""
    with app.app_context():
        job_id = db.session.scalar(select(OutboxJob.id).where(OutboxJob.name == name))
        queue = Queue("interactive", connection=app.extensions["redis"])
        return sum(job.args == (job_id,) for job in queue.jobs)


def nothing_was_kept(app: Flask, name: str) -> bool:
    with app.app_context():
        return rows(name) == 0


def test_success_commits_once_then_sends_the_job_and_the_signal(app, serve, signals, commits):
    name = unique()
    assert serve(asks_for_work(name)) == 200
    assert len(commits) == 1
    assert pushed(app, name) == 1
    [signal] = signals()
    assert (signal["topic"], signal["event"], signal["data"]["number"]) == (name, "signal", 1)


def test_the_row_stands_before_the_job_is_sent(app, serve, monkeypatch):
    name, seen = unique(), []

    def push(_due: object) -> None:
        with db.engine.connect() as another:
            found = another.execute(text("SELECT 1 FROM outbox WHERE name = :n"), {"n": name})
            seen.append(found.scalar())

    monkeypatch.setattr(jobs, "push_all", push)
    serve(asks_for_work(name))
    assert seen == [1]


@pytest.mark.parametrize(
    ("then", "status"),
    [
        (lambda: ("no", 422), 422),
        (lambda: ("no", 500), 500),
        (lambda: abort(404), 404),
        (lambda: 1 / 0, 500),
    ],
)
def test_a_failure_rolls_back_and_sends_nothing(app, serve, signals, then, status):
    name = unique()
    assert serve(asks_for_work(name, then)) == status
    assert nothing_was_kept(app, name)
    assert signals() == []


def test_a_refusal_in_plain_words_rolls_back(app, serve, signals):
    def refuse() -> None:
        raise Invalid("That is not a date.")

    name = unique()
    assert serve(asks_for_work(name, refuse)) == 422
    assert nothing_was_kept(app, name)
    assert signals() == []


def test_a_redirect_commits(app, serve):
    name = unique()
    assert serve(asks_for_work(name, lambda: ("", 303, {"Location": "/"}))) == 303
    with app.app_context():
        assert rows(name) == 1


def test_get_never_commits(app, serve, signals, commits):
    name = unique()
    assert serve(asks_for_work(name), "GET") == 200
    assert not commits
    assert nothing_was_kept(app, name)
    assert signals() == []


def test_what_one_request_asked_for_does_not_go_out_with_the_next(app, serve, signals):
    refused, next_one = unique(), unique()
    serve(asks_for_work(refused, lambda: ("no", 422)))
    serve(asks_for_work(next_one))
    assert [signal["topic"] for signal in signals()] == [next_one]


def test_a_commit_that_fails_sends_nothing(app, serve, signals, monkeypatch):
    """A constraint that is checked at the commit refuses it."""

    def view() -> str:
        db.session.execute(
            text("CREATE TEMP TABLE pair (n int UNIQUE DEFERRABLE INITIALLY DEFERRED)")
        )
        db.session.execute(text("INSERT INTO pair VALUES (1), (1)"))
        return "done"

    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    name = unique()
    assert serve(asks_for_work(name, view)) == 500
    assert nothing_was_kept(app, name)
    assert signals() == []


def test_an_action_that_fails_after_the_commit_fails_neither_the_request_nor_the_next_action(
    app, serve, signals
):
    def view() -> str:
        unit_of_work.after_commit(lambda: 1 / 0)
        realtime.publish(name)
        jobs.enqueue(name)
        return "done"

    name = unique()
    assert serve(view) == 200
    assert [signal["topic"] for signal in signals()] == [name]
    with app.app_context():
        assert rows(name) == 1


def test_redis_away_fails_no_request(app, serve, monkeypatch):
    nobody = Redis.from_url("redis://127.0.0.1:1/0")
    monkeypatch.setitem(app.extensions, "redis", nobody)
    name = unique()
    assert serve(asks_for_work(name)) == 200
    with app.app_context():
        assert rows(name) == 1


def test_a_block_commits_at_its_end_and_rolls_back_on_an_error(context):
    kept, dropped = unique(), unique()
    with unit_of_work.unit_of_work():
        jobs.enqueue(kept)
    with suppress(ZeroDivisionError), unit_of_work.unit_of_work():
        jobs.enqueue(dropped)
        1 / 0  # noqa: B018
    assert (rows(kept), rows(dropped)) == (1, 0)
