"""The worker: one process, many RQ slots as greenlets, each on one queue. The embedding model lives here.

RQ has no threads; a language model's answer takes seconds, so one job at a time is not enough. Each slot
is RQ's SimpleWorker in a greenlet; 20 of them start a job within a millisecond in 31 MB.
With `--clock` the clock runs here too: a process of its own would hold the same libraries once more (65 MB).
"""

from gevent import monkey

monkey.patch_all()

import ctypes
import logging
import math
import os
import secrets
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import gevent
from flask import Flask
from gevent.event import Event
from redis import Redis
from rq import Queue, SimpleWorker
from rq.job import Job
from rq.worker.base import StopRequested

from app import create_core
from app.core import heartbeat, jobs, sweeper, unit_of_work
from app.extensions import db
from workers import clock
from workers.registry import load_jobs

logger = logging.getLogger("frontdesk.worker")

GRACE_SECONDS = 8  # a platform kills ten seconds after it asked
POOL_SECONDS = 40  # more slots than connections: a job waits for one rather than fail
SLOT_BEAT_SECONDS = 60
KILL_SECONDS = 1  # for a killed job to roll back; with the grace still below those ten


class Slot(SimpleWorker):
    """One greenlet's worth of worker. Its process handles signals and RQ's command channel is not used."""

    is_busy = False
    beaten_at = -math.inf
    app: Flask
    stopping: Event

    def _install_signal_handlers(self) -> None:
        pass

    def subscribe(self) -> None:
        pass

    def unsubscribe(self) -> None:
        pass

    def check_for_suspension(self, burst: bool) -> None:
        pass

    def set_state(self, state: Any, _pipeline: Any = None) -> None:
        self._state = state

    def heartbeat(self, timeout: int | None = None, pipeline: Any = None) -> None:
        """For RQ's own lists of workers, now and then: whether this process lives, core/heartbeat.py says."""
        if time.monotonic() - self.beaten_at > SLOT_BEAT_SECONDS:
            self.beaten_at = time.monotonic()
            super().heartbeat(timeout, pipeline)

    def execute_job(self, job: Job, queue: Queue) -> None:
        """The outbox knows how far a job is, whose it is and what became of it. RQ's own books of that would
        take a dozen ways to Redis a job, so its entry is gone when the job begins."""
        self.is_busy = True
        try:
            line = self.connection.pipeline(transaction=False)
            line.delete(job.key)
            line.lrem(queue.intermediate_queue_key, 1, job.id)
            line.execute()
            with self.app.app_context(), _logged(f"job {job.args}"):
                jobs.perform(*job.args)
        finally:
            self.is_busy = False
        if self.stopping.is_set():  # RQ takes even a kill for the job's failure, and would go on
            raise StopRequested


class Worker:
    """All slots of this process, the heartbeat that keeps their leases, and their end."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"
        self.redis = Redis.from_url(app.config["REDIS_URL"])
        self.stopping = Event()
        self.slots: dict[int, Slot] = {}
        self.greenlets: list[gevent.Greenlet] = []

    def run(self) -> None:
        jobs.this_worker = self.name
        jobs.time_limit = _limit
        jobs.later = self._later
        jobs.goes_on = lambda: not self.stopping.is_set()
        gevent.signal_handler(signal.SIGTERM, self.stopping.set)
        gevent.signal_handler(signal.SIGINT, self.stopping.set)
        self._load_model()
        counts = {
            "interactive": self.app.config["INTERACTIVE_SLOTS"],
            "bulk": self.app.config["BULK_SLOTS"],
        }
        for queue, count in counts.items():
            self.greenlets += [gevent.spawn(self._keep_slot, queue) for _ in range(count)]
        beating = gevent.spawn(self._beat)
        logger.info("ready: %s", ", ".join(f"{count} {queue}" for queue, count in counts.items()))
        self.stopping.wait()
        beating.kill()
        self._stop()

    def _later(self, seconds: float, call: Callable[[], None]) -> None:
        def run() -> None:
            with self.app.app_context(), _logged("a push in time"):
                call()

        gevent.spawn_later(seconds, run)

    def _load_model(self) -> None:
        from app.knowledge.embeddings.current import encode

        with self.app.app_context():
            encode(["The first run is slow, so it is not a customer's."])

    def _keep_slot(self, queue: str) -> None:
        """A slot that ends (Redis went away) is begun again."""
        while not self.stopping.is_set():
            slot = Slot(
                [Queue(queue, connection=self.redis)],
                connection=self.redis,
                name=f"{self.name}-{secrets.token_hex(4)}",
                maintenance_interval=60,
                log_job_description=False,
            )
            slot.app, slot.stopping = self.app, self.stopping
            self.slots[id(gevent.getcurrent())] = slot
            with suppress(Exception, StopRequested):
                slot.work(logging_level="WARNING")
            if not self.stopping.is_set():
                gevent.sleep(1)

    def _beat(self) -> None:
        from app.knowledge.embeddings.current import release_unused

        while True:
            with self.app.app_context(), _logged("heartbeat"):
                heartbeat.beat("worker")
                sweeper.renew_leases(self.name)
                release_unused()
                db.session.remove()
            _give_back_memory()
            gevent.sleep(heartbeat.BEAT_SECONDS)

    def _stop(self) -> None:
        """Idle slots sit in a blocking pop and are interrupted; busy ones get their grace."""
        logger.info("stopping")
        for greenlet in self.greenlets:
            slot = self.slots.get(id(greenlet))
            if slot is None or not slot.is_busy:
                greenlet.kill(StopRequested, block=False)
        gevent.joinall(self._busy(), timeout=GRACE_SECONDS)
        gevent.killall(self.greenlets, block=False)
        gevent.joinall(self.greenlets, timeout=KILL_SECONDS)
        with self.app.app_context(), _logged("release of leases"):
            unit_of_work.rollback()
            sweeper.release_leases(self.name)

    def _busy(self) -> list[gevent.Greenlet]:
        return [
            greenlet
            for greenlet in self.greenlets
            if (slot := self.slots.get(id(greenlet))) and slot.is_busy and not greenlet.dead
        ]


def _give_back_memory() -> None:
    """malloc keeps what an import's batches took, some 40 MB of a small dyno. Telling it to allocate otherwise
    would cost the embedding 40 % of its speed; this takes a millisecond or two now and then."""
    with suppress(AttributeError, OSError):  # a C library that has no such call
        ctypes.CDLL(None).malloc_trim(0)


class JobTimeLimit(Exception):
    """The job took longer than it may."""


def _limit(seconds: int) -> Any:
    return gevent.Timeout(seconds, JobTimeLimit(f"took longer than {seconds} seconds"))


class _logged:  # noqa: N801
    """Whatever goes wrong inside is logged, and the loop goes on."""

    def __init__(self, what: str) -> None:
        self.what = what

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: BaseException | None, _traceback: Any) -> bool:
        if isinstance(error, Exception):
            logger.warning("%s failed: %s", self.what, error)
            return True
        return False


def main() -> None:
    load_jobs()
    worker = Worker(create_core(pool_seconds=POOL_SECONDS, prepares=True))
    if "--clock" in sys.argv[1:]:  # with connections of its own: the jobs may hold all of theirs
        gevent.spawn(clock.run, create_core(), worker.stopping)
    worker.run()


if __name__ == "__main__":
    main()
