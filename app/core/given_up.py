"""Work that was given up: shown on Settings → Failed work, and begun anew. The outbox is global, so the business
stands in the conditions."""

from sqlalchemy import update

from app.core import tenancy
from app.core.db import now
from app.core.jobs import push_after_commit
from app.core.outbox import OutboxJob
from app.extensions import db


def retry(job_id: int) -> bool:
    """Give a failed job of the business in scope another round of attempts."""
    found = db.session.execute(
        update(OutboxJob)
        .where(
            OutboxJob.id == job_id,
            OutboxJob.business_id == tenancy.current_business_id(),
            OutboxJob.failed_at.is_not(None),
        )
        .values(failed_at=None, attempts=0, available_at=now(), pushed_at=None, key=None)
        .returning(OutboxJob.queue)
    ).one_or_none()
    if found:
        push_after_commit(job_id, found.queue)
    return found is not None


def failed_jobs(limit: int = 50) -> list[OutboxJob]:
    """Of the business in scope, newest first."""
    return list(
        db.session.query(OutboxJob)
        .filter(
            OutboxJob.business_id == tenancy.current_business_id(), OutboxJob.failed_at.is_not(None)
        )
        .order_by(OutboxJob.failed_at.desc())
        .limit(limit)
    )
