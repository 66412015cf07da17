"""Reading and embedding, on the bulk queue, so that a long file delays no answer."""

from app.core.jobs import job
from app.knowledge import learning, reembedding


@job("knowledge.read", queue="bulk", seconds=3600, attempts=4, on_failure=learning.fail)
def read(source_id: int, revision: int) -> None:
    learning.read(source_id, revision)


@job("knowledge.reembed", queue="bulk", seconds=3600, attempts=4)
def reembed() -> None:
    reembedding.reembed()
