"""What waits for its time, when the time comes: asked once more whether it may be sent, and sent in order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.accounts.models import User
from app.businesses.models import Membership
from app.channels import content
from app.channels.content import Content
from app.conversations import composing, hearing, kept_files, mentioning, services
from app.conversations.models import Conversation, Message, ScheduledMessage
from app.core import realtime, tenancy
from app.core.access import Permission
from app.core.db import now
from app.core.translating import speaking, spoken
from app.extensions import db

EARLY = timedelta(seconds=0.5)  # a push may come that much too soon
OUR_FAULT = _l("Something on our side went wrong, and this wasn’t sent. Send it again.")
NO_MEMBER = _l("Whoever wrote this may no longer answer here.")


@dataclass(frozen=True, slots=True)
class Written:
    """A reply that was looked at and may go: a message for each of the contents, or its words alone."""

    body: str
    contents: Sequence[Content] = ()
    reply_to: Message | None = None


def send_due(conversation_id: int) -> None:
    """The job. Safe to repeat, and when nothing is due."""
    conversation = _locked(conversation_id)
    if conversation is None or not conversation.has_scheduled:
        return
    for row in waiting(conversation):
        if row.due_at <= now() + EARLY:
            _go(conversation, row)
    changed(conversation)


def give_up(conversation_id: int, _reason: str) -> None:
    """The job failed for good."""
    conversation = _locked(conversation_id)
    for row in waiting(conversation) if conversation else ():
        if conversation and row.due_at <= now():
            _fail(conversation, row, str(OUR_FAULT))
            changed(conversation)


@hearing.followed_by("incoming")
def customer_wrote(conversation: Conversation, _message: Message) -> None:
    """What was to go only if they don't write first isn't sent; its writer gets the words back."""
    if not conversation.has_scheduled:
        return
    for row in waiting(conversation):
        if row.is_later and row.drops_on_reply:
            kept_files.forget(kept_files.of_contents(row.contents))
            row.state, row.contents = "dropped", []
            services.post(conversation, "event", "system", "scheduled_dropped", by=row.user)
            if row.user is not None:
                with speaking(row.user.language):
                    told = _(
                        "your message for later wasn’t sent, because they wrote first. It said:"
                    )
                mentioning.note_to(conversation, row.user, f"{told}\n\n{row.body}")
    changed(conversation)


def post(conversation: Conversation, by: User, written: Written, key: str) -> None:
    first, *others = written.contents or (None,)
    services.reply(conversation, by, written.body, key, content=first, reply_to=written.reply_to)
    for number, part in enumerate(others, 1):
        services.reply(conversation, by, "", f"{key}-{number}", content=part)


def post_row(conversation: Conversation, row: ScheduledMessage, by: User) -> None:
    parts = [content.read(each) for each in row.contents]
    quoted = (
        db.session.get(Message, (row.business_id, row.reply_to_id)) if row.reply_to_id else None
    )
    post(conversation, by, Written(row.body, parts, quoted), row.client_key)
    db.session.delete(row)
    db.session.flush()


def refusal(conversation: Conversation, row: ScheduledMessage) -> str:
    """Why it can't go now: the window has closed, they want nothing any more, the channel is off."""
    composer = composing.of(conversation)
    if composer.is_own:
        return ""
    parts = [content.read(each) for each in row.contents]
    problems = [words for part in parts for words in composing.problems(composer.channel, part)]
    return composer.lock_words or "\n".join(problems)


def waiting(conversation: Conversation) -> list[ScheduledMessage]:
    rows = ScheduledMessage.open_of(conversation.id) if conversation.has_scheduled else []
    return [each for each in rows if each.state == "waiting"]


def changed(conversation: Conversation) -> None:
    db.session.flush()
    conversation.has_scheduled = bool(ScheduledMessage.open_of(conversation.id))
    members = f"business:{tenancy.current_business_id()}"
    realtime.publish(members, name=f"scheduled-{conversation.id}")


def _go(conversation: Conversation, row: ScheduledMessage) -> None:
    able = Membership.who_may(Permission.INBOX_REPLY)
    writer = next((each for each in able if each.id == row.user_id), None)
    why = refusal(conversation, row) if writer else str(NO_MEMBER)
    if writer is None or why:
        _fail(conversation, row, why)
    else:
        post_row(conversation, row, writer)


def _fail(conversation: Conversation, row: ScheduledMessage, why: str) -> None:
    row.state, row.error = "failed", why
    if row.is_later:
        services.post(conversation, "event", "system", "scheduled_failed", by=row.user)
        if row.user is not None:
            with speaking(row.user.language):
                told = _("your message for later wasn’t sent. %(why)s", why=spoken(why))
                said = _("It said:")
            mentioning.note_to(conversation, row.user, f"{told}\n\n{said}\n\n{row.body}")


def _locked(conversation_id: int) -> Conversation | None:
    """Or the one that it was made one with: what waited waits there."""
    key = (tenancy.current_business_id(), conversation_id)
    found = db.session.get(Conversation, key)
    while found is not None and found.lock().merged_into_id is not None:
        found = db.session.get(Conversation, (key[0], found.merged_into_id))
    return found
