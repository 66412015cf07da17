"""The conductor's jobs."""

from app.core.jobs import job
from app.frontdesk import own_records, turns


@job("frontdesk.respond", seconds=60, attempts=3, on_failure=turns.give_up)
def respond(conversation_id: int) -> None:
    turns.respond(conversation_id)


@job("frontdesk.tell_hours", queue="bulk")
def tell_hours() -> None:
    own_records.tell_hours()
