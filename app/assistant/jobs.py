"""What the assistant does beside answering."""

from datetime import date

from app.assistant import grouping, notices
from app.assistant.analysis import services as analysis
from app.core.jobs import job


@job("assistant.note_gap", seconds=60, attempts=4)
def note_gap(message_id: int) -> None:
    grouping.note(message_id)


@job("assistant.warn_of_budget", seconds=60, attempts=4)
def warn_of_budget(first_of_month: str) -> None:
    notices.mail_of_budget(date.fromisoformat(first_of_month))


@job("assistant.judge_again", queue="bulk", seconds=60, attempts=4)
def judge_again(conversation_id: int) -> None:
    analysis.judge_again(conversation_id)
