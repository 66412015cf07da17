"""What runs by the clock: name, call, seconds between two runs."""

from collections.abc import Callable

from app.channels import checks
from app.channels.email import fetching
from app.channels.message_templates import syncing as templates
from app.core import heartbeat, sweeper
from app.knowledge import reembedding

SCHEDULE: tuple[tuple[str, Callable[[], object], float], ...] = (
    ("push due jobs", sweeper.sweep, 1),
    ("say that the clock lives", lambda: heartbeat.beat("clock"), heartbeat.BEAT_SECONDS),
    ("notice another embedding model", reembedding.notice_change, 10),
    ("ask how channels are", checks.enqueue_due, 30),
    ("fetch mail", fetching.enqueue_due, fetching.EVERY_SECONDS),
    ("look at message templates", templates.ask_daily, 3600),
    ("forget done jobs", sweeper.forget_done, 3600),
)
