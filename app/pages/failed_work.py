"""A failed job as its owner reads it: what it was, and why it failed."""

from dataclasses import dataclass
from datetime import datetime

from app.core.jobs import OutboxJob
from app.knowledge.models import Source

# What each job does for the owner, by its name; an area adds its line here.
WORK = {
    "knowledge.read": "Reading knowledge",
    "knowledge.upkeep": "Looking after the knowledge",
    "knowledge.expire": "Ending a note",
    "frontdesk.tell_hours": "Telling the assistant your opening hours",
    "knowledge.reembed": "Changing the model that finds passages",
    "knowledge.try_threshold": "Trying how sure it has to be",
    "core.mail": "Sending an e-mail",
    "frontdesk.hand_off_clock": "Calling a person for a visitor who waits",
    "frontdesk.mail_hand_off": "An e-mail about a visitor who waits for a person",
    "frontdesk.mail_callback": "An e-mail about a visitor who wants to be called back",
    "frontdesk.respond": "Answering a visitor",
    "frontdesk.rehearse": "Answering on the test bench",
    "frontdesk.work_off": "Reading what a channel brought",
    "conversations.fetch_file": "Fetching a file that a customer sent",
    "conversations.tell_block": "Telling the provider that a person is blocked",
    "channels.deliver": "Sending a message through a channel",
    "channels.as_read": "Marking a message as read at the provider",
    "conversations.note_undelivered": "Saying that a message wasn’t delivered",
    "conversations.end": "Looking at how a conversation ended",
    "assistant.judge_again": "Judging a conversation again",
}
PLAIN = "OutsideError: "  # what follows is in plain words already
# The beginning of a stored reason (its error's type), and what it means.
REASONS = (
    ("TimeLimit", "It took too long."),
    ("JobTimeout", "It took too long."),
    ("MemoryError", "It needed more memory than there is."),
    ("OperationalError", "The database could not be reached."),
)
UNKNOWN = "Something went wrong on our side."


@dataclass(frozen=True, slots=True)
class Failure:
    id: int
    work: str
    reason: str
    detail: str
    attempts: int
    failed_at: datetime | None


def in_words(job: OutboxJob) -> Failure:
    error = job.error or ""
    return Failure(
        id=job.id,
        work=_work(job),
        reason=_reason(error),
        detail="" if error.startswith(PLAIN) else error,
        attempts=job.attempts,
        failed_at=job.failed_at,
    )


def _work(job: OutboxJob) -> str:
    work = WORK.get(job.name, job.name)
    source = Source.by_id(job.args[0]) if job.name == "knowledge.read" else None
    return f"{work}: “{source.name}”" if source else work


def _reason(error: str) -> str:
    if error.startswith(PLAIN):
        return error.removeprefix(PLAIN)
    return next((words for start, words in REASONS if error.startswith(start)), UNKNOWN)
