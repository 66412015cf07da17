"""Reading and embedding, on the bulk queue, so that a long file delays no answer."""

from app.core.jobs import job
from app.knowledge import learning, notes


@job("knowledge.read", queue="bulk", seconds=3600, attempts=4, on_failure=learning.fail)
def read(source_id: int, revision: int) -> None:
    learning.read(source_id, revision)


@job("knowledge.expire", queue="bulk")
def expire(source_id: int) -> None:
    notes.expire(source_id)
