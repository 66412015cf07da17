"""The index of words, as a job."""

from app.core.jobs import job
from app.search import indexing, waiting


@job(waiting.JOB, queue="bulk", seconds=120, attempts=10)
def index() -> None:
    if not indexing.index():
        waiting.go_on()
