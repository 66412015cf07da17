"""Many jobs asked for at once."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from app.core import tenancy, unit_of_work
from app.core.db import now
from app.core.jobs import IS_OPEN, OutboxJob, asked_again, push
from app.extensions import db


def enqueue_each(name: str, args_by_key: Mapping[str, Sequence[Any]]) -> None:
    """A job a key, as `enqueue(…, again=True)` asks for one, in one statement. In the order of the keys, so
    that two who ask for the same can't wait for each other."""
    if not args_by_key:
        return
    moment = now()
    rows = [
        {
            "business_id": tenancy.scope_or_none(),
            "name": name,
            "args": list(args_by_key[key]),
            "queue": "interactive",
            "key": key,
            "available_at": moment,
            "pushed_at": moment,
        }
        for key in sorted(args_by_key)
    ]
    asked = insert(OutboxJob).values(rows)
    asked = asked.on_conflict_do_update(
        index_elements=["key"], index_where=text(IS_OPEN), set_=asked_again(asked)
    )
    found = db.session.execute(asked.returning(OutboxJob.id, OutboxJob.available_at))
    for job_id, available_at in found:
        if available_at == moment:
            unit_of_work.after_commit(partial(push, job_id, "interactive"))
