"""What providers told is kept for a month, in case somebody has to look at it as it came."""

from datetime import timedelta

from sqlalchemy import delete, select

from app.channels.models import ChannelUpdate
from app.core.db import now
from app.core.jobs import commit_step, enqueue
from app.extensions import db

KEPT = timedelta(days=30)
AT_ONCE = 2000


def ask(channel_id: int) -> None:
    key = f"forget-updates-{channel_id}"
    enqueue("channels.forget_updates", channel_id, queue="bulk", key=key)


def forget_updates(channel_id: int) -> None:
    """The job. Not what still waits."""
    old = (
        select(ChannelUpdate.id)
        .where(
            ChannelUpdate.channel_id == channel_id,
            ChannelUpdate.created_at < now() - KEPT,
            ChannelUpdate.done_at.is_not(None) | ChannelUpdate.failed_at.is_not(None),
        )
        .limit(AT_ONCE)
    )
    gone = delete(ChannelUpdate).where(ChannelUpdate.id.in_(old)).returning(ChannelUpdate.id)
    while len(db.session.scalars(gone).all()) == AT_ONCE:
        commit_step()
