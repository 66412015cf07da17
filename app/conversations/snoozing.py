"""Later: a conversation leaves the list until its time comes, or until the visitor writes.

A job wakes it at its time. Its moment stands in the job's key and words, so a snooze that is changed meanwhile
has a job of its own, and the old one finds nothing to do.
"""

from datetime import datetime, timedelta

from flask_babel import gettext as _

from app.accounts.models import User
from app.conversations import services
from app.conversations.models import Conversation
from app.core import jobs, tenancy
from app.core.db import now
from app.core.errors import Conflict, Invalid
from app.extensions import db

LONGEST = timedelta(days=366)


def snooze(conversation: Conversation, by: User | None, until: datetime | None) -> None:
    """Until then, or with None until the visitor writes; again with another time, that one counts. Whoever has it
    keeps it, and somebody who waits for a person goes on waiting. Safe to repeat. Raises Invalid, or Conflict
    for a resolved one."""
    _check(until)
    conversation.lock()
    if conversation.status == "resolved":
        raise Conflict(_("This conversation is resolved. Reopen it first."))
    if conversation.status == "snoozed" and conversation.snoozed_until == until:
        return
    conversation.status, conversation.snoozed_until = "snoozed", until
    conversation.snoozed_by = by.id if by else None
    moment = until.isoformat() if until else None
    services.post(
        conversation, "event", services.actor(by), "snoozed", by=by, details={"until": moment}
    )
    set_alarm(conversation)


def wake(conversation: Conversation, by: User | None = None) -> None:
    """Now. Safe to repeat."""
    conversation.lock()
    if conversation.status == "snoozed":
        services.awaken(conversation, services.actor(by), by)


def set_alarm(conversation: Conversation) -> None:
    """For its time, if it has one. Safe to repeat."""
    until = conversation.snoozed_until
    if until is not None:
        key = f"wake-{conversation.id}-{until.timestamp():.0f}"
        jobs.enqueue("conversations.wake", conversation.id, until.isoformat(), at=until, key=key)


def wake_at(conversation_id: int, moment: str) -> None:
    """The job: unless it is awake by now, or sleeps longer. Unread until somebody has seen it."""
    conversation = db.session.get(Conversation, (tenancy.current_business_id(), conversation_id))
    if conversation is None:
        return
    until = conversation.lock().snoozed_until
    if until is not None and until <= datetime.fromisoformat(moment):
        conversation.incoming_position = conversation.position + 1
        services.awaken(conversation, "system")


def _check(until: datetime | None) -> None:
    if until is None:
        return
    if until <= now():
        raise Invalid(_("This time has passed. Choose a later one."), code="until")
    if until > now() + LONGEST:
        raise Invalid(_("Choose a time within a year."), code="until")
