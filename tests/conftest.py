"""Real Postgres, real Redis, and a fixed cast. Each test makes businesses of its own: the tenants keep
tests apart as they keep customers apart, so nothing is rolled back or emptied."""

import fcntl
import gc
import hashlib
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import event, select

os.environ["FRONTDESK_ENV"] = "test"
os.environ.setdefault("HF_HUB_OFFLINE", "1")
for name in ("DATABASE_URL", "REDIS_URL", "ANTHROPIC_API_KEY", "PORT", "PUBLIC_URL"):
    os.environ.pop(name, None)
# Compiled code is kept, whatever the surroundings say: rewriting the assertions of all tests takes ten seconds of each
# process of a run, and each process that a test starts would compile all that it imports.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

from app import create_app
from app.channels import updates
from app.config import OUR_MODEL, ROOT, Config
from app.config import read as read_config
from app.core import catalogues, jobs
from app.core.embedded import REDIS_DATABASES, Embedded
from app.core.jobs import OutboxJob
from app.core.unit_of_work import unit_of_work
from app.extensions import db, redis
from app.knowledge import embeddings
from tests import casting
from tests.casting import Cast, Person
from tests.remembering import Remembering
from tests.spreading import Spreading
from tests.standins import claude as stand_in
from workers.registry import load_jobs

DATA = ROOT / ".test-data"


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Spreading:
    return Spreading(config, log)


def pytest_collection_finish(session: pytest.Session) -> None:
    """All that is loaded by now stays: looking through it for garbage again and again took a seventh of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(scope="session")
def servers() -> Iterator[Embedded]:
    servers = Embedded(DATA, durable=False)
    servers.attach()
    yield servers
    servers.detach()


@pytest.fixture(scope="session")
def make_config(servers: Embedded) -> Iterator[Callable[[str, int], Config]]:
    """A configuration with a database and a Redis database of this test process alone, so that two
    runs beside each other don't meet. `number` tells this process's configurations apart."""
    made = []

    def make(name: str, number: int) -> Config:
        made.append(f"{name}_{os.getpid()}")
        database_url = servers.create_database(made[-1], _template(servers))
        redis_url = servers.redis_url(1 + (os.getpid() * 3 + number) % (REDIS_DATABASES - 1))
        _empty(redis_url)
        return replace(
            read_config(),
            DATABASE_URL=database_url,
            REDIS_URL=redis_url,
            DATA_DIR=DATA,
            EMBEDDING_DIR=DATA / "embedding",
            LOG_LEVEL="ERROR",
        )

    yield make
    for name in made:
        servers.drop_database(name)


@pytest.fixture(scope="session")
def config(make_config: Callable[[str, int], Config]) -> Config:
    return make_config("test", 0)


@pytest.fixture(scope="session")
def app(config: Config) -> Flask:
    return make_app(config)


def make_app(config: Config) -> Flask:
    load_jobs()
    with locked("embedding"):
        embeddings.build(config.EMBEDDING_DIR)
        catalogues.compile_changed()
    app = create_app(config)
    app.jinja_env.bytecode_cache = _compiled_templates(app)
    app.extensions["embedders"] = {OUR_MODEL: Remembering(config.EMBEDDING_DIR, DATA / "vectors")}
    app.config["RATELIMIT_ENABLED"] = False
    app.config["WTF_CSRF_ENABLED"] = False
    from app.extensions import limiter

    limiter.enabled = False
    updates.MAY_WAIT = timedelta()  # a test does what is due, and waits for nothing
    return app


@pytest.fixture
def context(app: Flask) -> Iterator[None]:
    """An app context, for tests of services."""
    with app.app_context():
        yield
        db.session.remove()


@pytest.fixture
def cast(app: Flask) -> Iterator[Cast]:
    made = casting.make(app)
    yield made
    casting.leave(app, made)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Nobody: a browser without a session."""
    return app.test_client()


@pytest.fixture
def login(app: Flask) -> Callable[[Person], FlaskClient]:
    """`login(cast.owner)` is that person's browser."""

    def log_in(person: Person) -> FlaskClient:
        client = app.test_client()
        with client.session_transaction() as session:
            session["_user_id"] = str(person.id)
            session["_fresh"] = True
        return client

    return log_in


Inside = Callable[[], AbstractContextManager[None]]


@pytest.fixture
def inside(app: Flask, cast: Cast) -> Inside:
    """`with inside():` is the business's scope in a context of its own, which no request sees."""

    @contextmanager
    def opened() -> Iterator[None]:
        with app.app_context(), cast.scope(), unit_of_work():
            yield

    return opened


@pytest.fixture
def run_jobs(app: Flask) -> Callable[[], int]:
    """Do what is due in the outbox, as a worker would, until nothing is. Returns how many were done."""

    def run() -> int:
        done = 0
        while job_ids := _due(app):
            for job_id in job_ids:
                with app.app_context():
                    done += jobs.perform(job_id)
        return done

    return run


@pytest.fixture
def count_queries(app: Flask) -> Callable[[], AbstractContextManager[list[str]]]:
    """`with count_queries() as statements:` collects the SQL sent meanwhile."""

    @contextmanager
    def counting() -> Iterator[list[str]]:
        statements: list[str] = []

        def note(_c: Any, _cur: Any, statement: str, *_rest: Any) -> None:
            if not statement.startswith("BEGIN"):
                statements.append(statement)

        with app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            yield statements
        finally:
            event.remove(engine, "before_cursor_execute", note)

    return counting


@pytest.fixture
def rate_limits(app: Flask) -> Iterator[None]:
    """On for this test, counting from zero."""
    from app.extensions import limiter

    limiter.enabled = True
    limiter.reset()
    yield
    limiter.enabled = False


@contextmanager
def locked(name: str) -> Iterator[None]:
    """One test process at a time."""
    DATA.mkdir(exist_ok=True)
    with (DATA / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _compiled_templates(app: Flask) -> FileSystemBytecodeCache:
    """From run to run; compiling all of them takes two seconds of each process. By what else decides how they read."""
    settings = (
        app.jinja_env.policies,
        sorted(app.jinja_env.extensions),
        sorted(app.jinja_env.filters),
    )
    kept = DATA / "templates" / hashlib.sha256(repr(settings).encode()).hexdigest()[:12]
    kept.mkdir(parents=True, exist_ok=True)
    return FileSystemBytecodeCache(str(kept))


def _template(servers: Embedded) -> str:
    """A migrated database, made once per state of the migrations, that all others are copied from."""
    digest = hashlib.sha256()
    for file in sorted((ROOT / "migrations").rglob("*.py")):
        digest.update(file.read_bytes())
    name = f"template_{digest.hexdigest()[:12]}"
    with locked("template"):
        marker = DATA / name
        if not marker.exists():
            _migrate(servers.create_database(name))
            marker.touch()
    return name


def _migrate(database_url: str) -> None:
    from flask_migrate import upgrade

    config = replace(
        read_config(),
        DATABASE_URL=database_url,
        REDIS_URL="redis://127.0.0.1:1/0",
        LOG_LEVEL="ERROR",
    )
    app = create_app(config)
    with app.app_context():
        upgrade(directory=str(ROOT / "migrations"))
        db.engine.dispose()


def _empty(redis_url: str) -> None:
    from redis import Redis

    Redis.from_url(redis_url).flushdb()


def _due(app: Flask) -> list[int]:
    with app.app_context():
        query = select(OutboxJob.id).where(
            OutboxJob.done_at.is_(None),
            OutboxJob.failed_at.is_(None),
            OutboxJob.available_at <= jobs.now(),
            OutboxJob.lease_until.is_(None) | (OutboxJob.lease_until < jobs.now()),
        )
        return list(db.session.scalars(query.order_by(OutboxJob.id)))


@pytest.fixture
def with_claude(app: Flask) -> Iterator[stand_in.Claude]:
    """A stand-in that every business's assistant writes with."""
    kept = {name: value for name, value in app.config.items() if name.startswith("ANTHROPIC_")}
    try:
        with stand_in.running() as claude:
            forget_failures(app)
            app.config.update(ANTHROPIC_API_KEY=stand_in.KEY, ANTHROPIC_BASE_URL=claude.url)
            yield claude
    finally:
        app.config.update(kept)


def forget_failures(app: Flask) -> None:
    """Another stand-in may have failed at the same port: its circuit breaker would spare this one."""
    with app.app_context():
        for key in redis.client.scan_iter("frontdesk:breaker:*"):
            redis.client.delete(key)
