"""The worker's slots: how many at once, what ends a job that hangs, and who waits for whom."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import select, text

from app.config import ROOT, Config
from app.core import heartbeat, jobs
from app.core.jobs import OutboxJob
from app.core.unit_of_work import unit_of_work
from app.extensions import db, redis
from tests.core.conftest import unique

TOGETHER = 20  # as tests/standins/odd_worker_jobs.py says; a worker has 64 slots
WAIT = 60  # seconds until a test gives up; nothing waits as long when all is well


@pytest.fixture(scope="module")
def worker(app: Flask, config: Config) -> Iterator[None]:
    """A worker process on this test's database and Redis."""
    environ = os.environ | {
        "FRONTDESK_ENV": "test",
        "DATABASE_URL": config.DATABASE_URL,
        "REDIS_URL": config.REDIS_URL,
        "FRONTDESK_DATA_DIR": str(config.DATA_DIR),
        "EMBEDDING_DIR": str(config.EMBEDDING_DIR),
        "LOG_LEVEL": "ERROR",
    }
    command = [sys.executable, "-m", "tests.standins.odd_worker"]
    process = subprocess.Popen(command, cwd=ROOT, env=environ)
    with app.app_context():
        redis.client.delete("frontdesk:alive:worker")
        until(lambda: heartbeat.problem("worker") is None)
    yield
    process.terminate()
    assert process.wait(WAIT) == 0
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(text("DELETE FROM outbox WHERE name LIKE 'test-%'"))


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + WAIT
    while not condition():
        assert time.monotonic() < deadline, "it never came to it"
        time.sleep(0.02)


def ask(name: str, *args: object, queue: str = "interactive", count: int = 1) -> list[int]:
    """Asks for so many; returns their ids."""
    before = set(db.session.scalars(select(OutboxJob.id).where(OutboxJob.name == name)))
    with unit_of_work():
        for _ in range(count):
            jobs.enqueue(name, *args, queue=queue)
    after = set(db.session.scalars(select(OutboxJob.id).where(OutboxJob.name == name)))
    return sorted(after - before)


def all_done(job_ids: list[int]) -> bool:
    db.session.rollback()
    rows = db.session.scalars(select(OutboxJob).where(OutboxJob.id.in_(job_ids)))
    return all(row.done_at for row in rows)


def test_slow_jobs_run_at_once(context, worker):
    """Each of the twenty waits for the nineteen others."""
    visits = ask("test-together", unique(), count=TOGETHER)
    until(lambda: all_done(visits))


def test_a_job_that_hangs_is_ended_and_comes_again_with_its_reason(context, worker):
    [job_id] = ask("test-hang")

    def failed_once() -> OutboxJob | None:
        db.session.rollback()
        row = db.session.get_one(OutboxJob, job_id, populate_existing=True)
        return row if row.error else None

    until(failed_once)
    row = failed_once()
    assert row.error == "JobTimeLimit: took longer than 1 seconds"
    assert (row.failed_at, row.done_at, row.lease_until) == (None, None, None)


def test_imports_never_keep_a_visitor_waiting(context, worker):
    """More bulk work than there are slots for it, and an answer still comes through."""
    key = unique()
    imports = ask("test-bulk", key, queue="bulk", count=5)
    until(lambda: int(redis.client.get(key) or 0) == 2)
    visits = ask("test-together", unique(), count=TOGETHER)
    until(lambda: all_done(visits))
    assert int(redis.client.get(key)) == 2
    redis.client.set(f"{key}-go", 1)
    until(lambda: all_done(imports))
