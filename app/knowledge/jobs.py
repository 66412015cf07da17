"""Reading and embedding, on the bulk queue, so that a long file delays no answer; checks, which somebody
watches, on the interactive one."""

from app.core.jobs import job
from app.knowledge import (
    checking,
    learning,
    notes,
    reembedding,
    syncing,
    trials,
    trying,
    tuning,
    websites,
)
from app.knowledge.upkeep import running as upkeep


@job("knowledge.read", queue="bulk", seconds=3600, attempts=4, on_failure=learning.fail)
def read(source_id: int, revision: int) -> None:
    learning.read(source_id, revision)


@job("knowledge.tune", queue="bulk", seconds=3600, attempts=4)
def tune() -> None:
    tuning.tune()


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


@job("knowledge.try", seconds=20, attempts=2)
def try_question(user_id: int, token: str) -> None:
    trying.run(user_id, token)


@job("knowledge.check", seconds=1800, attempts=3, on_failure=checking.fail)
def check(run_id: int) -> None:
    checking.run(run_id)


@job("knowledge.ask_again", attempts=3)
def ask_again(case_id: int) -> None:
    checking.ask_again(case_id)


@job("knowledge.correct", seconds=120, attempts=4, on_failure=checking.fail_correction)
def correct(case_id: int, source_id: int, revision: int) -> None:
    checking.correct(case_id, source_id, revision)


@job("knowledge.reembed", queue="bulk", seconds=3600, attempts=4)
def reembed() -> None:
    reembedding.reembed()


@job("knowledge.try_threshold", seconds=120, attempts=2)
def try_threshold(percent: int) -> None:
    trials.run(percent)
