"""What the floor's tests share: names that no other test uses, and jobs to perform."""

import itertools
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from flask import Flask
from rq import Queue
from sqlalchemy import select, text

from app.core import jobs
from app.core.jobs import OutboxJob
from app.core.unit_of_work import unit_of_work
from app.extensions import db, redis
from tests.core.site import Site

PAST = "now() - interval '1 hour'"
_numbers = itertools.count(1)


def unique(kind: str = "job") -> str:
    return f"test-{kind}-{os.getpid()}-{next(_numbers)}"


@pytest.fixture
def nothing_left(app: Flask) -> Iterator[None]:
    """Jobs that no worker knows, or that are leased for ever, are no matter of the next test."""
    yield
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(text("DELETE FROM outbox WHERE name LIKE 'test-%'"))


@pytest.fixture
def define(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """`define(function, attempts=2)` registers a job for this test. Returns its name."""

    def register(function: Callable[..., None], **options: object) -> str:
        name = unique()
        monkeypatch.setattr(jobs, "registry", dict(jobs.registry))
        jobs.job(name, **options)(function)  # type: ignore[arg-type]
        return name

    return register


@dataclass
class Outbox:
    """The outbox as a test reads it, and time passing for its rows."""

    app: Flask

    def ask(self, name: str, *args: object, **options: object) -> int:
        """Ask for a job in a transaction of its own. Returns its id."""
        with unit_of_work():
            jobs.enqueue(name, *args, **options)  # type: ignore[arg-type]
        return self.row(name).id

    def row(self, name: str) -> OutboxJob:
        return self.rows(name)[-1]

    def rows(self, name: str) -> list[OutboxJob]:
        db.session.expire_all()
        query = select(OutboxJob).where(OutboxJob.name == name).order_by(OutboxJob.id)
        return list(db.session.scalars(query))

    def set(self, job_id: int, **values: str) -> None:
        """`set(7, lease_until="now() - interval '1 second'")`: in SQL, so that times are the database's."""
        changes = ", ".join(f"{column} = {value}" for column, value in values.items())
        with db.engine.begin() as connection:
            connection.execute(text(f"UPDATE outbox SET {changes} WHERE id = {job_id}"))

    def elsewhere(self, action: Callable[[], object]) -> None:
        """In another worker: a thread with a session and a scope of its own."""
        with ThreadPoolExecutor(1) as pool:
            pool.submit(self._in_context, action).result()

    def _in_context(self, action: Callable[[], object]) -> None:
        with self.app.app_context():
            action()


@pytest.fixture
def outbox(app: Flask, context: None, nothing_left: None) -> Outbox:
    return Outbox(app)


@pytest.fixture
def queue(context: None) -> Queue:
    """The `interactive` queue, empty."""
    redis.client.flushdb()
    return Queue("interactive", connection=redis.client)


def pushed(queue: Queue) -> list[int]:
    """The outbox ids that RQ knows of."""
    return [job.args[0] for job in queue.jobs]


def fail_with(error: Exception) -> Callable[..., None]:
    """A job that does nothing else."""

    def fails(*_args: object) -> None:
        raise error

    return fails


@pytest.fixture
def site() -> Iterator[Site]:
    """Running, with no pages yet."""
    site = Site()
    thread = threading.Thread(target=site.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield site
    site.server.shutdown()
    thread.join()
    site.server.server_close()
