"""Replies that wait for their time: some seconds, in which their writer can take them back, or till a chosen one.

The row is the truth: a tab that is closed changes nothing. One job per reply comes at its time and sends all
that is due in its conversation, in order. Whether it may be sent at all is asked then, once more.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.accounts.models import User
from app.channels import content
from app.channels.content import AskContact, AskLocation, Buttons, Content, Link
from app.conversations import drafts, due, kept_files, mentioning, services
from app.conversations.drafts import Typed
from app.conversations.models import Conversation, Message, ScheduledMessage
from app.core import jobs
from app.core.db import now
from app.core.errors import Conflict, Invalid
from app.extensions import db

FURTHEST = timedelta(days=366)
MOST_WAITING = 20  # in one conversation
GONE = _l("It has gone out already. What you see is what was sent.")


@dataclass(frozen=True, slots=True)
class Shown:
    """What a member sees of what waits: of `held` ones only their own, of those for `later` all."""

    held: list[ScheduledMessage] = field(default_factory=list)
    later: list[ScheduledMessage] = field(default_factory=list)


def shown(conversation: Conversation, user_id: int) -> Shown:
    """Costs no query where nothing waits."""
    if not conversation.has_scheduled:
        return Shown()
    rows = ScheduledMessage.open_of(conversation.id)
    held = [each for each in rows if not each.is_later and each.user_id == user_id]
    return Shown(held, [each for each in rows if each.is_later])


def send(
    conversation: Conversation, by: User, written: due.Written, client_key: str, seconds: int
) -> None:
    """After so many seconds, behind what waits already. Once per client key."""
    conversation.lock()
    if is_known(conversation, client_key):
        return
    before = [each.due_at for each in due.waiting(conversation) if not each.is_later]
    due_at = max([now() + timedelta(seconds=seconds), *before])
    if seconds or before:
        _keep(conversation, by, written, client_key, due_at=due_at)
    else:
        due.post(conversation, by, written, client_key)


def send_later(
    conversation: Conversation,
    by: User,
    written: due.Written,
    client_key: str,
    at: datetime,
    *,
    drops_on_reply: bool,
) -> None:
    """Raises Invalid for a time that isn't to come. Once per client key."""
    conversation.lock()
    if is_known(conversation, client_key):
        return
    _check_time(at)
    if len(ScheduledMessage.open_of(conversation.id)) >= MOST_WAITING:
        raise Invalid(
            _(
                "%(most)s messages wait here already. Send or delete some first.",
                most=MOST_WAITING,
            )
        )
    _keep(
        conversation, by, written, client_key,
        due_at=at, is_later=True, drops_on_reply=drops_on_reply,
    )  # fmt: skip


def send_now(conversation: Conversation, row_id: int, by: User) -> None:
    """Raises Conflict when it has gone, Invalid when it can't go."""
    row = _own(conversation, row_id, by)
    refusal = due.refusal(conversation, row)
    if refusal:
        raise Invalid(refusal)
    due.post_row(conversation, row, by)
    due.changed(conversation)


def change(
    conversation: Conversation, row_id: int, by: User, body: str, at: datetime, *, drops: bool
) -> None:
    """Of one for later: its words and its time. Raises Invalid, and Conflict when it has gone."""
    row = _own(conversation, row_id, by)
    parts = [content.read(each) for each in row.contents]
    if not parts:
        body = services.clean(body, services.MAX_REPLY_CHARACTERS)
    _check_time(at)
    row.body, row.contents = body, [_with_words(parts[0], body), *row.contents[1:]] if parts else []
    row.due_at, row.drops_on_reply, row.state, row.error = at, drops, "waiting", ""
    row.is_later = True
    _ask(row)
    due.changed(conversation)


def take_back(conversation: Conversation, row_id: int, by: User, typed: Typed) -> None:
    """Nothing was sent, and it stands in its writer's composer again, with what was typed there since. Raises
    Conflict when it has gone."""
    row = _own(conversation, row_id, by)
    parts = [content.read(each) for each in row.contents]
    was = Typed("reply", row.body, row.reply_to_id, _fields(parts[0]) if parts else {})
    drafts.put_back(conversation, by, was, kept_files.of_contents(row.contents), typed)
    row.state, row.contents = "undone", []
    due.changed(conversation)


def delete(conversation: Conversation, row_id: int, by: User) -> None:
    """Any member may who answers here: a colleague is ill, and the customer has called."""
    row = _open(conversation, row_id)
    if not row.is_later and row.user_id != by.id:
        raise Conflict(str(GONE))
    kept_files.forget(kept_files.of_contents(row.contents))
    row.state, row.contents = "undone", []
    if row.user_id != by.id and row.user is not None:
        mentioning.note_to(
            conversation,
            row.user,
            _("%(name)s deleted your message for later:\n\n%(body)s", name=by.name, body=row.body),
        )
    due.changed(conversation)


def _keep(
    conversation: Conversation, by: User, written: due.Written, client_key: str, **how: Any
) -> None:
    row = ScheduledMessage(
        conversation_id=conversation.id,
        user_id=by.id,
        client_key=client_key,
        body=written.body,
        contents=[each.as_json() for each in written.contents],
        reply_to_id=written.reply_to.id if written.reply_to else None,
        **how,
    )
    db.session.add(row)
    db.session.flush()
    _ask(row)
    due.changed(conversation)


def _ask(row: ScheduledMessage) -> None:
    """Another time is another job: the first finds nothing due."""
    key = f"scheduled-{row.id}-{row.due_at.timestamp():.0f}"
    jobs.enqueue("conversations.send_scheduled", row.conversation_id, at=row.due_at, key=key)


def _check_time(at: datetime) -> None:
    if at <= now():
        raise Invalid(_("This time is over already. Choose a later one."), code="send_on")
    if at > now() + FURTHEST:
        raise Invalid(_("This is more than a year away. Is the year right?"), code="send_on")


def _open(conversation: Conversation, row_id: int) -> ScheduledMessage:
    """Of the conversation, which is locked from here on."""
    conversation.lock()
    rows = ScheduledMessage.open_of(conversation.id)
    row = next((each for each in rows if each.id == row_id), None)
    if row is None:
        raise Conflict(str(GONE))
    return row


def _own(conversation: Conversation, row_id: int, by: User) -> ScheduledMessage:
    row = _open(conversation, row_id)
    if row.user_id != by.id:
        raise Conflict(_("Only its writer can change this, since it goes out in their name."))
    return row


def is_known(conversation: Conversation, client_key: str) -> bool:
    """Asked before, and the answer was lost on its way."""
    if ScheduledMessage.by_key(conversation.id, client_key):
        return True
    same = select(Message.id).where(
        Message.conversation_id == conversation.id, Message.client_key == client_key
    )
    return db.session.scalar(same) is not None


def _with_words(part: Content, body: str) -> dict[str, Any]:
    words = "caption" if part.type == "media" else "body"
    return part.model_copy(update={words: body}).as_json()


def _fields(part: Content) -> dict[str, Any]:
    """As the composer's fields have it; a file is none of them."""
    match part:
        case Buttons():
            return {"extra": "buttons", "button": [each.title for each in part.buttons]}
        case Link():
            return {"extra": "link", "link_label": part.label, "link_url": part.url}
        case AskLocation():
            return {"extra": "location"}
        case AskContact():
            return {"extra": "contact"}
    return {}
