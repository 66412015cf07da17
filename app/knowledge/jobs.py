"""Reading and embedding, on the bulk queue, so that a long file delays no answer; checks, which somebody
watches, on the interactive one."""

from app.core.jobs import job
from app.knowledge import checking, learning


@job("knowledge.read", queue="bulk", seconds=3600, attempts=4, on_failure=learning.fail)
def read(source_id: int, revision: int) -> None:
    learning.read(source_id, revision)


@job("knowledge.check", seconds=1800, attempts=3, on_failure=checking.fail)
def check(run_id: int) -> None:
    checking.run(run_id)


@job("knowledge.ask_again", attempts=3)
def ask_again(case_id: int) -> None:
    checking.ask_again(case_id)


@job("knowledge.correct", seconds=120, attempts=4, on_failure=checking.fail_correction)
def correct(case_id: int, source_id: int, revision: int) -> None:
    checking.correct(case_id, source_id, revision)
