"""First come, first served, before requests that use the database: as many at once as there are
connections. Without it sixteen requests over ten connections have a p99 ten times as long (runtime: the
pool hands a freed connection to whoever asks at that moment, not to whoever waits).

What providers tell has a gate of its own, with a share of the connections that pages never take: they are
never kept waiting by pages, and are inside only while something is read or stored."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask, current_app, g, request
from flask_babel import gettext as _

from app.core.errors import FrontdeskError

WAIT_SECONDS = 5  # then 503, as the pool itself would
HOOKS_SHARE = 5  # one connection in five
NO_DATABASE = {"static", "assets", "pages.healthz", "widget.asset"}
LATE = {
    "widget.send_file"
}  # they enter() when all of their body has come, however slow the line is
HOOKS = "hooks."  # they enter by themselves: see hooks_place()


class Busy(FrontdeskError):
    status = 503
    code = "busy"


def init_app(app: Flask) -> None:
    places = app.config["POOL_SIZE"]
    kept = places // HOOKS_SHARE
    app.extensions["gate"] = threading.BoundedSemaphore(places - kept)
    app.extensions["hooks_gate"] = (
        threading.BoundedSemaphore(kept) if kept else app.extensions["gate"]
    )
    app.before_request(_enter)
    app.teardown_request(_leave)


@contextmanager
def hooks_place() -> Iterator[None]:
    """A connection's worth of room for what a provider tells. The transaction must end inside."""
    gate = current_app.extensions["hooks_gate"]
    _acquire(gate)
    try:
        yield
    finally:
        gate.release()


def _enter() -> None:
    endpoint = request.endpoint or ""
    if endpoint in NO_DATABASE or endpoint in LATE or endpoint.startswith(HOOKS):
        return
    enter()


def enter() -> None:
    _acquire(current_app.extensions["gate"])
    g.is_inside = True


def _acquire(gate: threading.Semaphore) -> None:
    if not gate.acquire(timeout=WAIT_SECONDS):
        raise Busy(_("We are very busy just now. Try again in a moment."))


def _leave(_error: BaseException | None) -> None:
    if g.pop("is_inside", False):
        current_app.extensions["gate"].release()
