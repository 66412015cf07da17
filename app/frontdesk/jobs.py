"""The conductor's jobs."""

from app.core.jobs import job
from app.frontdesk import own_records, services


@job("frontdesk.respond", seconds=60, attempts=3, on_failure=services.give_up)
def respond(message_id: int) -> None:
    services.respond(message_id)


@job("frontdesk.tell_hours", queue="bulk")
def tell_hours() -> None:
    own_records.tell_hours()
