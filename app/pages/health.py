"""Is everything there that an answer needs? Each check says "ok" or what is wrong."""

import re
from collections.abc import Callable
from functools import cache

from flask import current_app
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from app.config import ROOT
from app.core import heartbeat, mail
from app.extensions import db, redis


def checks() -> dict[str, str]:
    return {
        "database": _check(_database),
        "row_security": _check(_role_is_bound),
        "migrations": _check(_migrations),
        "redis": _check(_redis),
        "worker": _check(lambda: heartbeat.problem("worker")),
        "clock": _check(lambda: heartbeat.problem("clock")),
    }


def notes() -> dict[str, str]:
    """What works less well than it could; the app is ready all the same."""
    return {"mail": mail.problem() or "ok"}


def _check(check: Callable[[], str | None]) -> str:
    try:
        return check() or "ok"
    except Exception as error:
        current_app.logger.warning("readiness: %s", error)
        db.session.rollback()
        return f"failed: {type(error).__name__}"


def _database() -> None:
    db.session.execute(text("SELECT 1"))


def _role_is_bound() -> str | None:
    """A superuser passes row security: then businesses would see each other."""
    row = db.session.execute(
        text("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
    )
    return (
        "the database role passes row security: use one that is no superuser"
        if row.scalar()
        else None
    )


def _migrations() -> str | None:
    current = db.session.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
    return None if list(current) == [newest_migration()] else "run `flask db upgrade`"


def is_migrated() -> bool:
    """Also asked of a database that has no tables yet."""
    try:
        return _migrations() is None
    except ProgrammingError:
        db.session.rollback()
        return False


@cache
def newest_migration() -> str:
    """The one that no other follows, read from the files: Alembic would take 10 MB of the web process."""
    files = [file.read_text("utf-8") for file in (ROOT / "migrations" / "versions").glob("*.py")]
    every, followed = (
        set(re.findall(rf'^{name}\b.*= "(\w+)"', "\n".join(files), re.MULTILINE))
        for name in ("revision", "down_revision")
    )
    return next(iter(every - followed), "")


def _redis() -> None:
    redis.client.ping()
