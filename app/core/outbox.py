"""The table of jobs, and what is asked of it for every job, written out: the ORM would take as long as Postgres does.
app/core/jobs.py asks and works."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Text, TextClause, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, GlobalId
from app.core.preparing import PREPARED

IS_OPEN = "done_at IS NULL AND failed_at IS NULL"


class OutboxJob(GlobalId, Base):
    """One piece of work. Waiting, leased, done (`done_at`) or given up (`failed_at`, with `error`)."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index(
            "ix_outbox_open",
            "available_at",
            postgresql_where=text(IS_OPEN),
        ),
        Index("ix_outbox_failed", "business_id", "failed_at"),
        Index("uq_outbox_key", "key", unique=True, postgresql_where=text(IS_OPEN)),
    )

    business_id: Mapped[int | None]
    name: Mapped[str] = mapped_column(Text)
    args: Mapped[list[Any]] = mapped_column(JSONB)
    queue: Mapped[str] = mapped_column(Text)
    key: Mapped[str | None] = mapped_column(Text)  # asked for twice while open, done once
    asked: Mapped[int] = mapped_column(default=0, server_default="0")  # again, while it was open
    available_at: Mapped[datetime]
    pushed_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    worker: Mapped[str | None] = mapped_column(Text)
    lease_until: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(Text)


def prepared(statement: str) -> TextClause:
    return text(statement).execution_options(**PREPARED)


COLUMNS = """
INSERT INTO outbox (business_id, name, queue, available_at, pushed_at, attempts, created_at, asked, key, args)
SELECT :business_id, :name, :queue, :at, :pushed_at, 0, :now, 0, """
# An open job of the same key stays the only one.
KEPT = f" ON CONFLICT (key) WHERE {IS_OPEN} DO NOTHING RETURNING id, available_at"
# It also runs once more. The update waits for a job that is being marked done; then that row is closed and ours is
# a new one. One that never began comes at the earlier time; one that failed keeps its wait.
AGAIN = f""" ON CONFLICT (key) WHERE {IS_OPEN} DO UPDATE
   SET asked = outbox.asked + 1,
       available_at = CASE WHEN outbox.attempts = 0 THEN least(excluded.available_at, outbox.available_at)
                           ELSE outbox.available_at END,
       pushed_at = CASE WHEN outbox.attempts = 0 AND excluded.available_at < outbox.available_at
                        THEN excluded.pushed_at ELSE outbox.pushed_at END
RETURNING id, available_at"""  # noqa: S608

ASK = prepared(f"{COLUMNS} :key, CAST(:args AS jsonb) {KEPT}")
ASK_AGAIN = prepared(f"{COLUMNS} :key, CAST(:args AS jsonb) {AGAIN}")
# In the order of the keys, so that two who ask for the same can't wait for each other.
ASK_EACH = prepared(
    f"{COLUMNS} key, args FROM jsonb_to_recordset(CAST(:jobs AS jsonb)) AS r(key text, args jsonb)"
    f" ORDER BY key {AGAIN}"
)
CLAIM = prepared(f"""
UPDATE outbox SET attempts = attempts + 1, worker = :worker, lease_until = :until
 WHERE id = :id AND {IS_OPEN} AND available_at <= :soon AND (lease_until IS NULL OR lease_until < :now)
RETURNING id, business_id, name, args, attempts AS attempt, queue, key, asked""")  # noqa: S608
HOLD = prepared("""
SELECT id FROM outbox WHERE id = :id AND attempts = :attempt AND done_at IS NULL FOR SHARE""")
_DONE = """
UPDATE outbox SET done_at = :now, lease_until = NULL, error = NULL
 WHERE id = :id AND attempts = :attempt AND done_at IS NULL"""
DONE = prepared(f"{_DONE} RETURNING asked")
DONE_AND_NOT_ASKED_AGAIN = prepared(f"{_DONE} AND asked = :asked RETURNING asked")
