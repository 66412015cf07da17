"""What runs by the clock: name, call, seconds between two runs. What needs a domain's code is a job for the worker:
the clock would need memory for all that it imports."""

from collections.abc import Callable
from functools import partial

from app.core import heartbeat, sweeper
from app.core.jobs import enqueue
from app.core.unit_of_work import unit_of_work
from app.knowledge import reembedding
from app.search import waiting


def ask(job: str) -> None:
    """Once while it is open."""
    with unit_of_work():
        enqueue(job, queue="bulk", key=job)


SCHEDULE: tuple[tuple[str, Callable[[], object], float], ...] = (
    ("push due jobs", sweeper.sweep, 1),
    ("say that the clock lives", lambda: heartbeat.beat("clock"), heartbeat.BEAT_SECONDS),
    ("notice another embedding model", reembedding.notice_change, 10),
    ("ask how channels are", partial(ask, "channels.check_due"), 30),
    ("read what changed into the search", waiting.enqueue_due, 10),
    ("fetch mail", partial(ask, "channels.fetch_all_mail"), 30),
    ("look at message templates", partial(ask, "message_templates.sync_due"), 3600),
    ("forget done jobs", sweeper.forget_done, 3600),
)
