"""Replies that wait, for tests: whose seconds are over, and what became of them."""

from datetime import timedelta

from sqlalchemy import update

from app.businesses.models import Membership
from app.conversations.models import ScheduledMessage
from app.core.db import now
from app.core.jobs import OutboxJob
from app.extensions import db
from tests.conversations.conftest import Talk

JOB = "conversations.send_scheduled"


def wait_seconds(talk: Talk, seconds: int) -> None:
    """All members of the business can take back for so long."""
    with talk.work():
        here = Membership.business.has(id=talk.cast.business_id)
        db.session.execute(update(Membership).where(here).values(undo_seconds=seconds))


def rows(talk: Talk) -> list[ScheduledMessage]:
    with talk.work():
        found = ScheduledMessage.open_of(talk.id)
        db.session.expunge_all()
        return found


def time_passes(talk: Talk, **passed: float) -> None:
    """For what waits in this conversation."""
    with talk.work():
        ago = timedelta(**passed)
        waiting = ScheduledMessage.conversation_id == talk.id
        moved = update(ScheduledMessage).where(waiting)
        db.session.execute(moved.values(due_at=ScheduledMessage.due_at - ago))
        jobs = update(OutboxJob).where(OutboxJob.name == JOB, OutboxJob.done_at.is_(None))
        asked = jobs.where(OutboxJob.args[0].as_integer() == talk.id)
        db.session.execute(asked.values(available_at=OutboxJob.available_at - ago, pushed_at=now()))
