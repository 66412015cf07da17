"""Reading and embedding, on the bulk queue, so that a long file delays no answer."""

from app.core.jobs import job
from app.knowledge import learning, notes, syncing, websites
from app.knowledge.upkeep import running as upkeep


@job("knowledge.read", queue="bulk", seconds=3600, attempts=4, on_failure=learning.fail)
def read(source_id: int, revision: int) -> None:
    learning.read(source_id, revision)


@job("knowledge.expire", queue="bulk")
def expire(source_id: int) -> None:
    notes.expire(source_id)


@job("knowledge.sync", queue="bulk", seconds=600, attempts=8, on_failure=syncing.fail)
def sync(source_id: int, revision: int) -> None:
    syncing.sync(source_id, revision)


@job("knowledge.sync_due", queue="bulk", seconds=60)
def sync_due(source_id: int, due: str) -> None:
    websites.sync_due(source_id, due)


@job("knowledge.upkeep", queue="bulk", seconds=600, attempts=3)
def look_after() -> None:
    upkeep.run()
