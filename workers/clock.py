"""The clock: runs the schedule. However many are started, an advisory lock in Postgres lets one work. Under the
supervisor it is a greenlet of the worker."""

import logging
import signal
import time
from typing import Protocol

from flask import Flask
from sqlalchemy import Connection, text

from app import create_core
from app.extensions import db
from workers.schedule import SCHEDULE
from workers.stopping import Stopping

logger = logging.getLogger("frontdesk.clock")

LOCK = 7_213_002  # any fixed number
WAIT_SECONDS = 2  # before trying again for the lock, or after the database went away


class Asked(Protocol):
    """Stopping, or an event of the worker's."""

    def is_set(self) -> bool: ...

    def wait(self, timeout: float, /) -> object: ...


def run(app: Flask, stopping: Asked) -> None:
    while not stopping.is_set():
        try:
            with app.app_context(), db.engine.connect() as connection:
                if _take_lock(connection):
                    logger.info("ready")
                    _tick(connection, stopping)
        except Exception as error:
            logger.warning("clock interrupted: %s", error)
        stopping.wait(WAIT_SECONDS)


def _take_lock(connection: Connection) -> bool:
    taken = connection.execute(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": LOCK}).scalar()
    connection.commit()
    return bool(taken)


def _tick(connection: Connection, stopping: Asked) -> None:
    """Until told to stop, or until the connection that holds the lock is gone."""
    due = dict.fromkeys((name for name, _, _ in SCHEDULE), 0.0)
    while not stopping.is_set():
        connection.execute(text("SELECT 1"))
        connection.commit()
        for name, call, seconds in SCHEDULE:
            if time.monotonic() >= due[name]:
                due[name] = time.monotonic() + seconds
                _run(name, call)
        stopping.wait(0.5)


def _run(name: str, call: object) -> None:
    try:
        call()  # type: ignore[operator]
    except Exception as error:
        logger.warning("%s: %s", name, error)
    finally:
        db.session.remove()


def main() -> None:
    run(create_core(), Stopping(signal.SIGTERM, signal.SIGINT))


if __name__ == "__main__":
    main()
