"""Asking for a look at the knowledge. One that waits already stays the only one."""

from datetime import timedelta

from app.core import tenancy
from app.core.db import now
from app.core.jobs import enqueue

SOON = timedelta(minutes=10)  # after something new is there: more may follow
EVERY = timedelta(days=1)


def ask_within(time: timedelta) -> None:
    key = f"upkeep {tenancy.current_business_id()}"
    enqueue("knowledge.upkeep", queue="bulk", at=now() + time, key=key)


def ask_now() -> None:
    enqueue("knowledge.upkeep", queue="bulk", key=f"upkeep now {tenancy.current_business_id()}")
