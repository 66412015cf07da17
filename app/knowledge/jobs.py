"""Reading and embedding, on the bulk queue, so that a long file delays no answer."""

from app.core.jobs import job
from app.knowledge import learning, reembedding, syncing, trials, websites


@job("knowledge.read", queue="bulk", seconds=3600, attempts=4, on_failure=learning.fail)
def read(source_id: int, revision: int) -> None:
    learning.read(source_id, revision)


@job("knowledge.sync", queue="bulk", seconds=600, attempts=8, on_failure=syncing.fail)
def sync(source_id: int, revision: int) -> None:
    syncing.sync(source_id, revision)


@job("knowledge.sync_due", queue="bulk", seconds=60)
def sync_due(source_id: int, due: str) -> None:
    websites.sync_due(source_id, due)


@job("knowledge.reembed", queue="bulk", seconds=3600, attempts=4)
def reembed() -> None:
    reembedding.reembed()


@job("knowledge.try_threshold", seconds=120, attempts=2)
def try_threshold(percent: int) -> None:
    trials.run(percent)
