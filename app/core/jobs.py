"""Work that must not be lost: a row in the transaction that asks for it, and RQ as the nudge.

`enqueue()` writes an outbox row; after the commit its id goes to RQ. A worker claims the row, does the
work and marks it done in the transaction of its effects. What is due and not done is pushed again by
the sweeper, so Redis may be emptied at any moment: nothing is lost, only late.
"""

import json
import logging
import random
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from rq import Queue
from sqlalchemy import update

from app.core import tenancy, unit_of_work
from app.core.db import now
from app.core.errors import OutsideError
from app.core.outbox import (
    ASK,
    ASK_AGAIN,
    CLAIM,
    DONE,
    DONE_AND_NOT_ASKED_AGAIN,
    HOLD,
    OutboxJob,
)
from app.extensions import db, redis

logger = logging.getLogger(__name__)

QUEUES = ("interactive", "bulk")
LEASE_SECONDS = 20  # renewed by the worker's heartbeat; a killed worker's jobs are free after this
MAX_BACKOFF_SECONDS = 3600
SOON_SECONDS = 10  # a job due within that is pushed to the moment, not at the sweeper's next look
RQ_SECONDS = 4000  # a backstop above every job's own limit
MAX_REASON_CHARACTERS = 2000
PERFORM = "app.core.jobs.perform"


@dataclass(frozen=True, slots=True)
class Job:
    name: str
    run: Callable[..., None]
    queue: str
    seconds: int  # then it is ended and tried again
    attempts: int
    on_failure: Callable[..., None] | None  # told (*args, reason) when it is given up
    max_backoff_seconds: int


class LeaseLost(RuntimeError):
    """Somebody else holds this job by now: our effects must not count."""


class WorkerDied(RuntimeError):
    """Every attempt of this job took its worker down, so none got as far as failing."""


registry: dict[str, Job] = {}

# Whose leases these are: each worker process has a name of its own.
this_worker = "inline"

# What this process is working on, with the attempt: the leases that its heartbeat keeps, and no others.
running: dict[int, int] = {}

# How a process ends a job that hangs; the worker puts gevent's timeout here.
time_limit: Callable[[int], AbstractContextManager[Any]] = nullcontext

# How a process calls something in so many seconds; the worker puts gevent's timer here. Elsewhere the
# sweeper alone pushes what becomes due.
later: Callable[[float, Callable[[], None]], Any] | None = None

# Whether what a job asks for at its end is done at once by who did that job, without a way through the queue. The
# worker says so until it stops.
goes_on: Callable[[], bool] = bool


def job(
    name: str,
    *,
    queue: str = "interactive",
    seconds: int = 60,
    attempts: int = 6,
    on_failure: Callable[..., None] | None = None,
    max_backoff_seconds: int = MAX_BACKOFF_SECONDS,
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    def register(function: Callable[..., None]) -> Callable[..., None]:
        registry[name] = Job(
            name, function, queue, seconds, attempts, on_failure, max_backoff_seconds
        )
        return function

    return register


def enqueue(
    name: str,
    *args: Any,
    queue: str = "interactive",
    at: datetime | None = None,
    key: str | None = None,
    again: bool = False,
) -> None:
    """Ask for a job by name, for the business in scope. It runs after this transaction commits.

    With a `key` an open job of the same key stays the only one. With `again` it also runs once more when
    it is running by now, so that what is new in this transaction is never overlooked, and one that waits for
    its time is brought forward.
    """
    available_at = at or now()
    values = {"key": key, "args": json.dumps(args)}
    asked = db.session.execute(
        ASK_AGAIN if again else ASK, values | values_of(name, queue, available_at)
    )
    made = asked.one_or_none()
    if made is not None and made.available_at == available_at:
        _push_when_due(made.id, queue, available_at)


def values_of(name: str, queue: str, available_at: datetime) -> dict[str, Any]:
    at = now()
    return {
        "business_id": tenancy.scope_or_none(), "name": name, "queue": queue, "now": at,
        "at": available_at, "pushed_at": at if available_at <= at else None,
    }  # fmt: skip


def _push_when_due(job_id: int, queue: str, available_at: datetime) -> None:
    seconds = (available_at - now()).total_seconds()
    if seconds <= 0:
        push_after_commit(job_id, queue)
    elif seconds <= SOON_SECONDS and later is not None:
        in_time = later
        unit_of_work.after_commit(lambda: in_time(seconds, lambda: push(job_id, queue)))


def enqueue_next(
    name: str,
    *args: Any,
    queue: str = "interactive",
    at: datetime | None = None,
    key: str | None = None,
    again: bool = False,
) -> None:
    """As enqueue(). Asked for within a job it is written down when that one is done, so that a job can ask
    for its own key's next."""
    asked = partial(enqueue, name, *args, queue=queue, at=at, key=key, again=again)
    current = _current.get()
    if current is None:
        asked()
    else:
        current.following.append(asked)


def commit_step() -> None:
    """For a job between its steps: what it did so far is kept, unless another worker has the job by now.
    Raises LeaseLost."""
    current = _current.get()
    if current is not None:
        held = {"id": current.id, "attempt": current.attempt}
        if db.session.scalar(HOLD, held) is None:
            raise LeaseLost
    unit_of_work.commit()


def push(job_id: int, queue: str) -> None:
    push_all([(job_id, queue)])


def push_all(due: Iterable[tuple[int, str]]) -> None:
    """In one way to Redis and back."""
    line = redis.client.pipeline(transaction=False)
    for job_id, queue in due:
        Queue(queue, connection=redis.client).enqueue(
            PERFORM, job_id, result_ttl=0, failure_ttl=3600, job_timeout=RQ_SECONDS,
            description=PERFORM, pipeline=line,
        )  # fmt: skip
    line.execute()


def push_after_commit(job_id: int, queue: str) -> None:
    unit_of_work.gathered(_Pushes).due.append((job_id, queue))


class _Pushes(unit_of_work.Gathered):
    def __init__(self) -> None:
        self.due: list[tuple[int, str]] = []

    def after(self) -> None:
        current = _current.get()
        if current is not None and current.is_ending and goes_on():
            current.onward = next((each for each in self.due if each[1] == current.queue), None)
            self.due = [each for each in self.due if each is not current.onward]
        if self.due:
            push_all(self.due)


def perform(job_id: int) -> bool:
    """Claim, run and finish one outbox row, and what follows from it. False when it was not ours to do. Never
    raises for the job's own failure: that is written on the row."""
    claimed = done = _perform(job_id)
    while done is not None and done.onward is not None:
        done = _perform(done.onward[0])
    return claimed is not None


def _perform(job_id: int) -> "Claimed | None":
    claimed = _claim(job_id, this_worker)
    if claimed is None:
        return None
    running[claimed.id] = claimed.attempt
    try:
        _run(claimed)
    except LeaseLost:
        logger.warning("job %s %s: lease lost, effects dropped", claimed.name, claimed.id)
    except Exception as error:
        _fail(claimed, error)
    finally:
        if running.get(claimed.id) == claimed.attempt:
            del running[claimed.id]
        db.session.remove()
    return claimed


@dataclass(slots=True)
class Claimed:
    id: int
    business_id: int | None
    name: str
    args: list[Any]
    attempt: int
    queue: str
    key: str | None
    asked: int
    following: list[Callable[[], None]] = field(default_factory=list)
    is_ending: bool = False  # what is committed now is the last of it
    onward: tuple[int, str] | None = None  # what this worker does next


_current: ContextVar[Claimed | None] = ContextVar("job", default=None)


def _claim(job_id: int, worker: str) -> Claimed | None:
    at = now()
    soon, until = at + timedelta(seconds=1), at + timedelta(seconds=LEASE_SECONDS)
    values = {"id": job_id, "worker": worker, "now": at, "soon": soon, "until": until}
    row = tenancy.at_once(CLAIM, values)
    return Claimed(**row._mapping) if row else None


def _run(claimed: Claimed) -> None:
    spec = registry[claimed.name]
    if claimed.attempt > spec.attempts:
        raise WorkerDied(f"its worker died {spec.attempts} times in the middle of it")
    limited = time_limit(spec.seconds)
    token = _current.set(claimed)
    try:
        with limited, _scope(claimed.business_id), unit_of_work.unit_of_work():
            spec.run(*claimed.args)
            if not _is_done_at_once(claimed):
                _mark_done(claimed)
                for ask in claimed.following:
                    ask()
                claimed.is_ending = True
    finally:
        _current.reset(token)


def _scope(business_id: int | None) -> AbstractContextManager[Any]:
    return nullcontext() if business_id is None else tenancy.business_scope(business_id)


def _is_done_at_once(claimed: Claimed) -> bool:
    """What it did is committed already, and nothing follows."""
    if claimed.following or unit_of_work.is_begun():
        return False
    values = {"id": claimed.id, "attempt": claimed.attempt, "now": now(), "asked": claimed.asked}
    return tenancy.at_once(DONE_AND_NOT_ASKED_AGAIN, values) is not None


def _mark_done(claimed: Claimed) -> None:
    """In the transaction of the effects; `attempts` is the fencing token. Asked for again meanwhile, it is
    a new job."""
    values = {"id": claimed.id, "attempt": claimed.attempt, "now": now()}
    done = db.session.scalar(DONE, values)
    if done is None:
        raise LeaseLost
    if done > claimed.asked:
        enqueue(claimed.name, *claimed.args, queue=claimed.queue, key=claimed.key, again=True)


def _fail(claimed: Claimed, error: Exception) -> None:
    spec = registry.get(claimed.name)
    permanent = isinstance(error, OutsideError) and error.permanent
    given_up = spec is None or permanent or claimed.attempt >= spec.attempts
    reason = f"{type(error).__name__}: {error}".replace("\x00", "")[:MAX_REASON_CHARACTERS]
    log = logger.error if given_up else logger.warning
    log("job %s %s failed (attempt %s): %s", claimed.name, claimed.id, claimed.attempt, reason,
        exc_info=error)  # fmt: skip
    if not given_up:
        with unit_of_work.unit_of_work():
            _mark_failed(claimed, reason, given_up=False)
        return
    try:
        _give_up(claimed, reason, spec.on_failure if spec else None)
    except Exception:
        logger.exception("job %s %s: on_failure failed", claimed.name, claimed.id)
        _give_up(claimed, reason, None)


def _give_up(claimed: Claimed, reason: str, on_failure: Callable[..., None] | None) -> None:
    """In one transaction: whoever reads of the failure finds what follows from it."""
    with _scope(claimed.business_id), unit_of_work.unit_of_work():
        if _mark_failed(claimed, reason, given_up=True) and on_failure:
            on_failure(*claimed.args, reason)


def _mark_failed(claimed: Claimed, reason: str, *, given_up: bool) -> bool:
    """False when the job is not ours by now: another worker did it, or has it."""
    failed = db.session.execute(
        update(OutboxJob)
        .where(
            OutboxJob.id == claimed.id,
            OutboxJob.attempts == claimed.attempt,
            OutboxJob.done_at.is_(None),
        )
        .values(
            error=reason,
            lease_until=None,
            pushed_at=None,
            failed_at=now() if given_up else None,
            available_at=now() + backoff(claimed.attempt, _max_backoff(claimed)),
        )
        .returning(OutboxJob.id)
    )
    return failed.one_or_none() is not None


def _max_backoff(claimed: Claimed) -> int:
    spec = registry.get(claimed.name)
    return spec.max_backoff_seconds if spec else MAX_BACKOFF_SECONDS


def backoff(attempt: int, most: int = MAX_BACKOFF_SECONDS) -> timedelta:
    """2, 8, 32 seconds … up to an hour, with a quarter of jitter so that a crowd spreads out."""
    seconds = min(2 * 4 ** min(attempt - 1, 10), most)
    return timedelta(seconds=seconds * random.uniform(0.75, 1.25))  # noqa: S311
