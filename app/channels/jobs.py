"""What goes out through providers, as jobs."""

from app.channels import courtesies, sending
from app.core.jobs import job


@job(
    "channels.deliver", seconds=90, attempts=100, max_backoff_seconds=30, on_failure=sending.give_up
)
def deliver(visitor_id: int) -> None:
    sending.deliver(visitor_id)


@job("channels.as_read", seconds=30, attempts=1)
def as_read(
    channel_id: int, visitor_id: int, conversation_id: int, external_id: str, newest: int | None
) -> None:
    courtesies.as_read(channel_id, visitor_id, conversation_id, external_id, newest)
