"""A failed job as its owner reads it: what it was, and why it failed."""

from dataclasses import dataclass
from datetime import datetime

from app.channels.models import ChannelUpdate
from app.core import given_up
from app.core.outbox import OutboxJob
from app.frontdesk import inbound
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
    "channels.connect": "Connecting a channel",
    "channels.begin": "Setting up a channel that was connected",
    "channels.check": "Asking how a channel is",
    "channels.leave": "Telling the provider of a channel that was disconnected",
    "channels.forget_attempt": "Forgetting what was typed to connect a channel",
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
    kind: str = "job"  # or "update"


def all_of_it() -> list[Failure]:
    """Newest first: jobs that failed, and what a channel brought that couldn't be read."""
    failures = [in_words(job) for job in given_up.failed_jobs()]
    failures += [update_in_words(*each) for each in inbound.failed()]
    return sorted(failures, key=lambda each: str(each.failed_at), reverse=True)


def update_in_words(update: ChannelUpdate, channel: str) -> Failure:
    return Failure(
        id=update.id,
        work=f"{WORK['frontdesk.work_off']}: “{channel}”",
        reason=UNKNOWN,
        detail=update.error or "",
        attempts=update.attempts,
        failed_at=update.failed_at,
        kind="update",
    )


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
