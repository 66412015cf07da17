"""A visitor who waits for a person, a clock that the test sets, and the team's mailbox."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import delete

from app.conversations.models import Callback, HandOff
from app.core.jobs import OutboxJob
from app.core.unit_of_work import unit_of_work
from app.extensions import db
from app.frontdesk import handing_off
from tests.conftest import Cast
from tests.conversations.conftest import Talk
from tests.standins import mail as stand_in
from tests.standins.mail import Mailbox

MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


class Clock:
    """Stands still until it is moved; then the jobs that are due run."""

    def __init__(self, travel: time_machine.Traveller, run_jobs: Callable[[], int]) -> None:
        self.travel, self.run_jobs = travel, run_jobs
        self.start = datetime.now(UTC)

    def at(self, minutes: float) -> None:
        """So many minutes after the start."""
        self.travel.move_to(self.start + timedelta(minutes=minutes))
        self.run_jobs()

    def set(self, start: datetime) -> None:
        self.start = start
        self.travel.move_to(start)


class Waiting(Talk):
    """A conversation whose visitor has asked a question and may ask for a person."""

    def ask_for_person(self, reason: str = "asked", wanted: str = "") -> None:
        with self.work():
            handing_off.call_person(self.row(), reason, wanted)

    def hand_off(self) -> HandOff:
        with self.work():
            found = HandOff.latest_of(self.id)
            assert found is not None
            db.session.expunge(found)
            return found

    def callbacks(self) -> list[Callback]:
        with self.work():
            found = Callback.all_of(self.id)
            for each in found:
                db.session.expunge(each)
            return found

    def last_words(self) -> str:
        return [body for kind, body in self.lines() if kind == "outgoing"][-1]

    def state(self) -> str:
        return str(self.look(lambda row: row.state))


@pytest.fixture
def clock(app: Flask, cast: Cast, run_jobs: Callable[[], int]) -> Iterator[Clock]:
    with time_machine.travel(MONDAY, tick=False) as travel:
        yield Clock(travel, run_jobs)
    # An alarm that is left would ring in the next test, whose clock begins at the same hour.
    with app.app_context(), unit_of_work() as session:
        session.execute(delete(OutboxJob).where(OutboxJob.business_id == cast.business_id))


@pytest.fixture
def mailbox(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    with stand_in.running() as mailbox:
        monkeypatch.setitem(app.config, "SMTP_URL", mailbox.url)
        monkeypatch.setitem(app.config, "MAIL_FROM", "Frontdesk <desk@example.com>")
        yield mailbox


@pytest.fixture
def waiting(app: Flask, cast: Cast, clock: Clock) -> Waiting:
    talk = Waiting(app, cast, "Can I bring a plant back?")
    talk.ask_for_person()
    return talk
