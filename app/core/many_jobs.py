"""Many jobs asked for at once."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from app.core import jobs
from app.core.db import now
from app.core.outbox import ASK_EACH
from app.extensions import db


def enqueue_each(
    name: str, args_by_key: Mapping[str, Sequence[Any]], at: datetime | None = None
) -> None:
    """A job a key, as `enqueue(…, again=True)` asks for one, in one statement."""
    if not args_by_key:
        return
    moment = at or now()
    asked = [{"key": key, "args": args} for key, args in args_by_key.items()]
    values = jobs.values_of(name, "interactive", moment) | {"jobs": json.dumps(asked)}
    for job_id, available_at in db.session.execute(ASK_EACH, values).all():
        if at is None and available_at == moment:
            jobs.push_after_commit(job_id, "interactive")
