"""What keeps the outbox moving: due rows that nobody works on are pushed again, living workers keep their leases,
done rows are forgotten. app/core/jobs.py asks and works."""

from datetime import timedelta

from rq import Queue
from sqlalchemy import text, update

from app.core import jobs
from app.core.db import now
from app.core.jobs import LEASE_SECONDS, QUEUES, push_all
from app.core.outbox import OutboxJob
from app.core.unit_of_work import unit_of_work
from app.extensions import redis

KEEP_DONE_DAYS = 7
REPUSH_SECONDS = (
    60  # a pushed job not begun by then is pushed again; a dead worker's at its lease's end
)
REPUSH_IDLE_SECONDS = 2  # … or by then, if its queue is empty: Redis has forgotten it

DUE = text("""
    UPDATE outbox SET pushed_at = now(), lease_until = NULL WHERE id IN (
        SELECT id FROM outbox
        WHERE done_at IS NULL AND failed_at IS NULL AND available_at <= now() AND queue = :queue
          AND (lease_until IS NULL OR lease_until < now())
          AND (pushed_at IS NULL OR pushed_at < now() - make_interval(secs => :stale) OR lease_until < now())
        ORDER BY available_at LIMIT 500 FOR UPDATE SKIP LOCKED)
    RETURNING id""")


def sweep() -> int:
    """Push what is due and not done. Returns how many were pushed."""
    pushed = 0
    for queue in QUEUES:
        waiting = Queue(queue, connection=redis.client).count
        stale = REPUSH_SECONDS if waiting else REPUSH_IDLE_SECONDS
        with unit_of_work() as session:
            ids = session.execute(DUE, {"queue": queue, "stale": stale}).scalars().all()
        push_all((job_id, queue) for job_id in ids)
        pushed += len(ids)
    return pushed


def renew_leases(worker: str) -> None:
    """A worker's heartbeat: its jobs stay its own however long they take. One whose failure couldn't be
    written, as the database was away, isn't running any more: its lease ends."""
    with unit_of_work() as session:
        session.execute(
            update(OutboxJob)
            .where(OutboxJob.id.in_(list(jobs.running)), OutboxJob.worker == worker)
            .where(OutboxJob.lease_until.is_not(None))
            .values(lease_until=now() + timedelta(seconds=LEASE_SECONDS))
        )


def release_leases(worker: str) -> None:
    """The worker stops: what it has not finished is free at once."""
    with unit_of_work() as session:
        session.execute(
            update(OutboxJob)
            .where(OutboxJob.worker == worker, OutboxJob.done_at.is_(None))
            .values(lease_until=None, pushed_at=None, attempts=OutboxJob.attempts - 1)
            .where(OutboxJob.lease_until.is_not(None))
        )


def forget_done() -> None:
    with unit_of_work() as session:
        session.execute(
            text("DELETE FROM outbox WHERE done_at < now() - make_interval(days => :days)"),
            {"days": KEEP_DONE_DAYS},
        )
