"""The processes as production starts them: what blocks, what is killed, what is forgotten, what ends."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from flask import Flask
from redis import Redis
from sqlalchemy import select, text

from app.config import ROOT
from app.conversations.models import Conversation, Message
from app.core.jobs import OutboxJob
from app.extensions import db
from tests.conftest import Cast
from tests.system.conftest import Live, free_port

WAIT = 60  # seconds until a test gives up; nothing waits as long when all is well


def until(condition: Callable[[], Any], what: str) -> Any:
    deadline = time.monotonic() + WAIT
    while time.monotonic() < deadline:
        with suppress(OSError):
            if found := condition():
                return found
        time.sleep(0.05)
    raise AssertionError(f"never: {what}")


class Visitor:
    """A visitor's chat, over HTTP alone."""

    def __init__(self, url: str, key: str) -> None:
        self.base = f"{url}/w/{key}"
        self.token = ""
        self.token = json.loads(self._send("/session", b"{}"))["token"]

    def say(self, text: str) -> None:
        body = {"text": text, "client_key": "k1"}
        self._send("/messages", json.dumps(body).encode())

    def open_stream(self) -> Any:
        return urllib.request.urlopen(self._request("/stream"), timeout=WAIT)

    def _send(self, path: str, body: bytes) -> bytes:
        with urllib.request.urlopen(self._request(path, body), timeout=WAIT) as answer:
            return answer.read()

    def _request(self, path: str, body: bytes | None = None) -> urllib.request.Request:
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        return urllib.request.Request(self.base + path, body, headers)


@contextmanager
def web(live: Live, app: str = "wsgi:app") -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A web process of the test's own, by the supervisor's command. Its address and itself."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "gunicorn", app]
    environ = live.environ | {"PORT": str(port), "PUBLIC_URL": url}
    process = subprocess.Popen(command, cwd=ROOT, env=environ)
    try:
        until(lambda: urllib.request.urlopen(f"{url}/healthz", timeout=5).close() or True, "web")
        yield url, process
    finally:
        process.kill()
        process.wait()


def get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=WAIT) as answer:
        return answer.read()


def test_a_query_that_waits_holds_up_no_other_request(live: Live) -> None:
    """psycopg imported before gevent's patch would do them one by one; the same twenty in a row are the
    measure, on the same machine at the same time."""
    with web(live, "tests.standins.sleeping:app") as (url, _), ThreadPoolExecutor(20) as pool:
        get(f"{url}/sleep")
        began = time.perf_counter()
        assert [get(f"{url}/sleep") for _ in range(20)] == [b"slept"] * 20
        one_by_one = time.perf_counter() - began
        began = time.perf_counter()
        assert list(pool.map(get, [f"{url}/sleep"] * 20)) == [b"slept"] * 20
        at_once = time.perf_counter() - began
    assert at_once < one_by_one / 2


def test_the_web_process_never_loads_the_model(live: Live) -> None:
    pid = live.process("web").pid
    workers = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    assert workers
    for worker in workers:
        maps = Path(f"/proc/{worker}/maps").read_text()
        assert "psycopg" in maps  # it is the process that we mean
        assert "onnxruntime" not in maps
        assert "torch" not in maps


@contextmanager
def held_up(app: Flask, cast: Cast) -> Iterator[None]:
    """Whoever would answer in this business waits meanwhile, in the middle of its job."""
    with app.app_context(), cast.scope():
        db.session.scalars(select(Conversation).with_for_update()).all()
        try:
            yield
        finally:
            db.session.rollback()


def job_of(app: Flask, cast: Cast) -> dict[str, Any]:
    with app.app_context():
        query = select(OutboxJob).where(
            OutboxJob.business_id == cast.business_id, OutboxJob.name == "frontdesk.respond"
        )
        job = db.session.scalars(query).one()
        return {
            "id": job.id,
            "worker": job.worker,
            "done_at": job.done_at,
            "attempts": job.attempts,
        }


def answers(app: Flask, cast: Cast) -> list[str]:
    with app.app_context(), cast.scope():
        return list(db.session.scalars(select(Message.body).where(Message.kind == "outgoing")))


def test_a_worker_killed_in_the_middle_of_a_job_loses_nothing_and_doubles_nothing(
    live: Live, app: Flask, cast: Cast
) -> None:
    worker = live.process("worker")
    visitor = Visitor(live.url, cast.website_key)
    paused = live.process("worker").pid
    os.kill(paused, signal.SIGSTOP)  # so that the message is stored before we hold its answer up
    visitor.say("Do you deliver to Ashcombe?")
    with held_up(app, cast):
        os.kill(paused, signal.SIGCONT)
        job = until(lambda: job_of(app, cast)["worker"] and job_of(app, cast), "a worker has it")
        until(lambda: waiting_for_a_lock(app), "it is in the middle of its work")
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    assert answers(app, cast) == []
    with app.app_context(), db.engine.begin() as connection:  # twenty seconds go by
        connection.execute(text("UPDATE outbox SET lease_until = now() WHERE id = :id"), job)
    until(lambda: job_of(app, cast)["done_at"], "another worker does it")
    assert job_of(app, cast)["attempts"] == 2
    assert len(answers(app, cast)) == 1
    live.wait_until_ready()


def waiting_for_a_lock(app: Flask) -> bool:
    query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    with app.app_context(), db.engine.connect() as connection:
        return bool(connection.execute(text(query)).scalar())


def test_a_redis_that_forgets_everything_loses_nothing_and_doubles_nothing(
    live: Live, app: Flask, cast: Cast
) -> None:
    """The job is in the queue, or already in a worker's hands, when the queue is gone."""
    visitor = Visitor(live.url, cast.website_key)
    worker = live.process("worker").pid
    os.kill(worker, signal.SIGSTOP)
    visitor.say("Do you deliver to Ashcombe?")
    Redis.from_url(app.config["REDIS_URL"]).flushdb()
    os.kill(worker, signal.SIGCONT)
    until(lambda: job_of(app, cast)["done_at"], "the sweeper brings it back")
    assert len(answers(app, cast)) == 1
    assert job_of(app, cast)["attempts"] == 1
    live.wait_until_ready()


def test_work_goes_on_after_redis_has_forgotten_everything(
    live: Live, app: Flask, cast: Cast
) -> None:
    """Its slots too have lost what RQ knew of them."""
    Redis.from_url(app.config["REDIS_URL"]).flushdb()
    visitor = Visitor(live.url, cast.website_key)
    visitor.say("Are dogs allowed?")
    until(lambda: job_of(app, cast)["done_at"], "the answer")
    assert len(answers(app, cast)) == 1


def test_web_told_to_stop_says_bye_to_its_streams_and_ends(live: Live, cast: Cast) -> None:
    with web(live) as (url, process):
        visitor = Visitor(url, cast.website_key)
        with visitor.open_stream() as stream:
            assert stream.readline().startswith(b"retry:")
            process.terminate()
            assert b"event: bye\n" in list(stream)
        assert process.wait(WAIT) == 0


def test_a_worker_told_to_stop_hands_back_what_it_has_not_finished(
    live: Live, app: Flask, cast: Cast
) -> None:
    """Its lease isn't waited for: the next worker has it at once, and no attempt is counted."""
    visitor = Visitor(live.url, cast.website_key)
    worker = live.process("worker")
    os.kill(worker.pid, signal.SIGSTOP)
    visitor.say("Do you deliver to Ashcombe?")
    with held_up(app, cast):
        os.kill(worker.pid, signal.SIGCONT)
        until(lambda: waiting_for_a_lock(app), "it is in the middle of its work")
        worker.terminate()
        assert worker.wait(WAIT) == 0
    until(lambda: job_of(app, cast)["done_at"], "another worker does it")
    assert job_of(app, cast)["attempts"] == 1
    assert len(answers(app, cast)) == 1
    live.wait_until_ready()
