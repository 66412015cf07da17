"""Migrations protect the site: one at a time by an advisory lock, none waits long for a table."""

import logging

from alembic import context
from flask import current_app
from sqlalchemy import text

import app.models  # noqa: F401  every table
from app.knowledge import tuning

config = context.config
logger = logging.getLogger("alembic.env")

LOCK = 7_213_001  # any fixed number: two releases at once take turns


def run() -> None:
    database = current_app.extensions["migrate"].db
    with database.engine.connect() as connection:
        connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text("SET lock_timeout = '4s'"))
        connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": LOCK})
        connection.execute(text("SET statement_timeout = '60s'"))
        connection.commit()
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            compare_type=True,
            include_name=_is_ours,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
        connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": LOCK})
        connection.commit()


def _is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """The index of a large business comes and goes by a job (app/knowledge/tuning.py)."""
    return not (kind == "index" and (name or "").startswith(tuning.PREFIX))


run()
