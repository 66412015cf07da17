"""A failed job as its owner reads it: what it was, and why it failed."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import lazy_gettext as _l

from app.channels.models import ChannelUpdate
from app.core import given_up
from app.core.outbox import OutboxJob
from app.frontdesk import inbound
from app.knowledge.models import Source

# What each job does for the owner, by its name; an area adds its line here.
WORK = {
    "knowledge.read": _l("Reading knowledge"),
    "knowledge.upkeep": _l("Looking after the knowledge"),
    "knowledge.expire": _l("Ending a note"),
    "frontdesk.tell_hours": _l("Telling the assistant your opening hours"),
    "knowledge.reembed": _l("Changing the model that finds passages"),
    "knowledge.try_threshold": _l("Trying how sure it has to be"),
    "core.mail": _l("Sending an e-mail"),
    "frontdesk.hand_off_clock": _l("Calling a person for a visitor who waits"),
    "frontdesk.mail_hand_off": _l("An e-mail about a visitor who waits for a person"),
    "frontdesk.mail_callback": _l("An e-mail about a visitor who wants to be called back"),
    "frontdesk.respond": _l("Answering a visitor"),
    "frontdesk.rehearse": _l("Answering on the test bench"),
    "frontdesk.work_off": _l("Reading what a channel brought"),
    "conversations.fetch_file": _l("Fetching a file that a customer sent"),
    "conversations.tell_block": _l("Telling the provider that a person is blocked"),
    "channels.deliver": _l("Sending a message through a channel"),
    "channels.as_read": _l("Marking a message as read at the provider"),
    "conversations.note_undelivered": _l("Saying that a message wasn’t delivered"),
    "channels.connect": _l("Connecting a channel"),
    "channels.begin": _l("Setting up a channel that was connected"),
    "channels.check": _l("Asking how a channel is"),
    "channels.leave": _l("Telling the provider of a channel that was disconnected"),
    "channels.forget_attempt": _l("Forgetting what was typed to connect a channel"),
    "conversations.end": _l("Looking at how a conversation ended"),
    "assistant.judge_again": _l("Judging a conversation again"),
}
PLAIN = "OutsideError: "  # what follows is in plain words already
# The beginning of a stored reason (its error's type), and what it means.
REASONS = (
    ("TimeLimit", _l("It took too long.")),
    ("JobTimeout", _l("It took too long.")),
    ("MemoryError", _l("It needed more memory than there is.")),
    ("OperationalError", _l("The database could not be reached.")),
)
UNKNOWN = _l("Something went wrong on our side.")


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
