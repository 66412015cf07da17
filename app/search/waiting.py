"""Which businesses the index of words has something to read of. For the clock: it knows no domain's code."""

from sqlalchemy import text

from app.core import tenancy
from app.core.jobs import enqueue, enqueue_next
from app.core.unit_of_work import unit_of_work

JOB = "search.index"
_WAITING = text("SELECT business_id FROM search_waiting() AS business_id")


def enqueue_due() -> None:
    """A job for each; one that is open stays the only one."""
    with unit_of_work() as session:
        for business_id in session.scalars(_WAITING).all():
            with tenancy.business_scope(business_id):
                enqueue(JOB, queue="bulk", key=_key())


def go_on() -> None:
    """Within the job: once more when it is done."""
    enqueue_next(JOB, queue="bulk", key=_key())


def _key() -> str:
    return f"search-{tenancy.current_business_id()}"
