"""The clock: one works however many are started, and nothing stops it for good."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import text, update

from app.core import heartbeat, sweeper
from app.core.db import now
from app.core.jobs import OutboxJob
from app.core.unit_of_work import unit_of_work
from app.extensions import db, redis
from workers import clock
from workers.schedule import SCHEDULE

WAIT = 20  # seconds until a test gives up; nothing waits as long when all is well


class Ticks:
    """Which clock has run how often."""

    def __init__(self) -> None:
        self.by: list[str] = []

    def tick(self) -> None:
        self.by.append(threading.current_thread().name)

    def until(self, count: int) -> None:
        """Wait for so many more."""
        wanted = len(self.by) + count
        deadline = time.monotonic() + WAIT
        while len(self.by) < wanted:
            assert time.monotonic() < deadline, "the clock stands still"
            time.sleep(0.02)


@pytest.fixture
def ticks(monkeypatch: pytest.MonkeyPatch) -> Ticks:
    """The schedule is one call that fails and one that counts, as often as the clock looks."""
    ticks = Ticks()
    schedule = (("fail", lambda: 1 / 0, 0), ("tick", ticks.tick, 0))
    monkeypatch.setattr(clock, "SCHEDULE", schedule)
    monkeypatch.setattr(clock, "WAIT_SECONDS", 0.05)
    return ticks


@pytest.fixture
def start(app: Flask) -> Iterator[Callable[[], threading.Event]]:
    """Start a clock; returns what stops it."""
    running: list[tuple[threading.Thread, threading.Event]] = []

    def begin() -> threading.Event:
        stopping = threading.Event()
        thread = threading.Thread(target=clock.run, args=(app, stopping), daemon=True)
        thread.start()
        running.append((thread, stopping))
        return stopping

    yield begin
    for thread, stopping in running:
        stopping.set()
        thread.join(WAIT)


def test_a_call_that_fails_stops_no_other(start, ticks):
    start()
    ticks.until(2)


def test_of_two_clocks_one_works_and_the_other_takes_over(start, ticks):
    first = start()
    ticks.until(1)
    start()
    ticks.until(2)
    assert len(set(ticks.by)) == 1
    first.set()
    ticks.until(2)
    assert len(set(ticks.by)) == 2


def test_a_lost_database_connection_is_got_over(start, ticks, app):
    start()
    ticks.until(1)
    with app.app_context(), db.engine.begin() as connection:
        killed = connection.execute(
            text(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_locks "
                "WHERE locktype = 'advisory' AND objid = :lock AND database = "
                "(SELECT oid FROM pg_database WHERE datname = current_database())"
            ),
            {"lock": clock.LOCK},
        )
        assert killed.scalar() == 1
    ticks.until(2)


def test_the_schedule_pushes_what_is_due_and_says_that_the_clock_lives(context):
    calls = {call: seconds for _, call, seconds in SCHEDULE}
    assert calls[sweeper.sweep] == 1
    redis.client.delete("frontdesk:alive:clock")
    for _, call, _ in SCHEDULE:
        call()
    with unit_of_work() as session:  # not for the next test to do: a job for each business there is
        session.execute(update(OutboxJob).where(OutboxJob.done_at.is_(None)).values(done_at=now()))
    assert heartbeat.problem("clock") is None
    assert all(
        seconds < heartbeat.SILENT_SECONDS for name, _, seconds in SCHEDULE if "lives" in name
    )
