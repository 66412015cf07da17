"""Somebody waits for a person, a clock that the test sets, and the team's mailbox."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from app.accounts.models import User
from app.conversations import assigning, services
from app.extensions import db
from app.notifications import choosing
from app.notifications.events import EVENTS
from app.notifications.models import Notification, NotificationChoice
from tests.conftest import Cast, Person
from tests.conversations.conftest import Talk, talk  # noqa: F401
from tests.frontdesk.conftest import clock, mailbox  # noqa: F401


class Desk:
    """The shop's members, and what they were told."""

    def __init__(self, cast: Cast, inside: Any, run_jobs: Callable[[], int]) -> None:
        self.cast, self.inside, self.run = cast, inside, run_jobs

    def rows(self, person: Person) -> list[tuple[str, int, bool]]:
        """(event, count, is it read) of each, oldest first."""
        with self.inside():
            mine = select(Notification).where(Notification.user_id == person.id)
            found = db.session.scalars(mine.order_by(Notification.id))
            return [(each.event, each.count, each.read_at is not None) for each in found]

    def events(self, person: Person) -> list[str]:
        return [event for event, *_ in self.rows(person)]

    def chooses(self, person: Person, **ways: list[str]) -> None:
        with self.inside():
            member = choosing.of(person.id)
            assert member is not None
            assert set(ways) <= set(EVENTS)
            row = NotificationChoice.of(person.id) or NotificationChoice(
                user_id=person.id, ways={}, quiet_days=[], quiet_from=1320, quiet_to=420, time_zone="",
                shows_text=False,
            )  # fmt: skip
            row.ways = {**row.ways, **ways}
            db.session.add(row)

    def is_quiet(self, person: Person, days: list[int], begins: int, ends: int) -> None:
        self.chooses(person)
        with self.inside():
            row = NotificationChoice.of(person.id)
            assert row is not None
            row.quiet_days, row.quiet_from, row.quiet_to = days, begins, ends

    def gives(self, given: Talk, to: Person, by: Person | None = None) -> None:
        with given.work():
            by_user = db.session.get_one(User, by.id) if by else None
            assigning.assign(given.row(), by_user, db.session.get_one(User, to.id))


@pytest.fixture
def desk(cast: Cast, inside: Any, run_jobs: Callable[[], int]) -> Desk:
    return Desk(cast, inside, run_jobs)


@pytest.fixture
def waiting(desk: Desk, talk: Callable[..., Talk]) -> Talk:  # noqa: F811
    """A visitor whom the assistant has handed over; what was told of that is told."""
    found = talk("Can I bring a plant back?")
    found.do(services.hand_off)
    desk.run()
    return found
