"""A whole installation to measure: servers and data of its own, and web, worker and clock as in production."""

import os
import re
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from flask import Flask

from bench.question_sets import ROOT, scratch
from workers.supervisor import Supervisor

READY_SECONDS = 120
OWNER_EMAIL = "owner@example.com"
OWNER_PASSWORD = "a password for measuring"
SLUG = "measured"


@dataclass
class Installation:
    """`url` without a slash at the end. No dyno runs until start()."""

    app: Flask
    port: int
    environ: dict[str, str]
    supervisor: Supervisor

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def flask(self, *arguments: str) -> str:
        """A command of the app in a process of its own. Returns what it printed."""
        command = [sys.executable, "-m", "flask", *arguments]
        done = subprocess.run(
            command, env=self.environ, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
        )
        return done.stdout

    def open_business(self) -> None:
        """With an owner who can log in."""
        self.flask("business", "create", "--name", "Measured Services", "--slug", SLUG)
        person = ("--name", "Olivia Owner", "--email", OWNER_EMAIL, "--password", OWNER_PASSWORD)
        self.flask("member", "create", "--business", SLUG, "--role", "owner", *person)

    def key(self) -> str:
        """The public key of the business's website chat."""
        from app.businesses.models import Business
        from app.channels.models import Channel
        from app.core.tenancy import business_scope
        from app.core.unit_of_work import unit_of_work

        with unit_of_work():  # a transaction left open would be ended by Postgres in the middle
            business = Business.by_slug(SLUG)
            assert business is not None
            with business_scope(business.id):
                return Channel.of_kind("website").public_key

    def start(self) -> None:
        self.supervisor.start()
        self.wait_until_ready()

    def wait_until_ready(self, path: str = "/readyz") -> None:
        """With /healthz: the web process alone."""
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            with suppress(OSError):
                urllib.request.urlopen(f"{self.url}{path}", timeout=2).close()
                return
            time.sleep(0.1)
        raise RuntimeError(f"not ready after {READY_SECONDS} s")

    def wait_for_jobs(self) -> None:
        """Until the worker has done all that is due; what is asked for later may wait."""
        from sqlalchemy import func, select

        from app.core.jobs import OutboxJob
        from app.extensions import db

        is_due = OutboxJob.done_at.is_(None), OutboxJob.available_at <= func.clock_timestamp()
        open_jobs = select(func.count()).select_from(OutboxJob).where(*is_due)
        while db.session.scalar(open_jobs):
            db.session.rollback()
            time.sleep(0.2)
        db.session.rollback()  # a transaction left open would be ended by Postgres in the middle


@contextmanager
def installation() -> Iterator[Installation]:
    """Migrated and empty, gone afterwards."""
    os.environ["SECRET_KEY"] = secrets.token_urlsafe(48)
    with scratch() as app:
        port = _free_port()
        environ = _environ(app, port)
        made = Installation(app, port, environ, Supervisor(environ))
        try:
            yield made
        finally:
            made.supervisor.stop()


def descendants(root: int) -> list[int]:
    """The process and all that it started, directly or not."""
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
            parents.setdefault(parent, []).append(int(stat.parent.name))
    found = [root]
    for process in found:
        found += parents.get(process, [])
    return found


def pss_mb(process: int) -> float:
    """Proportional set size: a page that n processes share counts one n-th to each. 0 once it has ended."""
    with suppress(OSError):
        rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
        found = re.search(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)
        return int(found[1]) / 1024 if found else 0.0
    return 0.0


def _environ(app: Flask, port: int) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return (
        kept
        | {
            "FRONTDESK_ENV": "development",  # production wants https, for which there is no certificate here
            "LOG_FORMAT": "json",
            "FRONTDESK_DATA_DIR": str(app.config["DATA_DIR"]),
            "EMBEDDING_DIR": str(app.config["EMBEDDING_DIR"]),
            "DATABASE_URL": app.config["DATABASE_URL"],
            "REDIS_URL": app.config["REDIS_URL"],
            "SECRET_KEY": os.environ["SECRET_KEY"],
            "PUBLIC_URL": f"http://127.0.0.1:{port}",
            "TRUSTED_PROXIES": "1",
            "PORT": str(port),
            "BIND_HOST": "127.0.0.1",
            "LOG_LEVEL": "WARNING",
            "PYTHONPATH": str(ROOT),
        }
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
