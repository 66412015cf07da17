"""What the assistant does beside answering."""

from app.assistant import grouping
from app.core.jobs import job


@job("assistant.note_gap", seconds=60, attempts=4)
def note_gap(message_id: int) -> None:
    grouping.note(message_id)
