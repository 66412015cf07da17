"""From the composer to the conversation: what was typed, chosen or attached becomes one message."""

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.accounts.models import User
from app.channels.content import Content, Media
from app.conversations import (
    composing,
    drafts,
    kept_files,
    mentioning,
    overtaking,
    scheduling,
    services,
    uploads,
    variables,
)
from app.conversations.composing import Composer
from app.conversations.drafts import Typed
from app.conversations.due import Written
from app.conversations.forms import MessageForm
from app.conversations.models import Conversation, Draft, Message
from app.core.errors import Invalid
from app.extensions import db

NO_TIME = _l("Choose a day and a time.")


def begun(draft: Draft | None, reply_to: int | None) -> MessageForm:
    """With what the member has begun to write, or for an answer to that message."""
    data: dict[str, Any] = {"reply_to": reply_to}
    if draft is not None:
        data = {
            "kind": draft.kind,
            "body": draft.body,
            "reply_to": reply_to or draft.reply_to_id,
            "kept_file": [each["ref"] for each in draft.files],
            **draft.beside,
        }
    return MessageForm(formdata=None, data=data)


def typed_in(form: MessageForm) -> Typed:
    """As it stands in the composer, for a draft: with the space that somebody is about to write on from."""
    kind, body = form.kind.data or "reply", "".join(form.body.raw_data or ())
    body = body.replace("\r\n", "\n")
    if kind == "note":
        return Typed(kind, body)
    return Typed(kind, body, form.reply_to.data, form.beside, tuple(form.kept_file.data))


def send(
    conversation: Conversation, form: MessageForm, by: User, zone: str, undo_seconds: int
) -> None:
    """Raises Invalid in words when it can't be sent, Overtaken when somebody else was quicker; nothing is kept
    then."""
    body, key = form.body.data or "", form.client_key.data or ""
    if scheduling.is_known(conversation, key):
        return  # asked before; what is in the composer by now is something else
    if form.kind.data == "note":
        mentioning.note(conversation, by, body, key)
    else:
        _reply(conversation, form, by, zone, undo_seconds)
    drafts.drop(conversation, by, form.kind.data or "reply")


def _reply(
    conversation: Conversation, form: MessageForm, by: User, zone: str, undo_seconds: int
) -> None:
    if not form.despite.data and not form.is_later:
        overtaking.check(conversation, by, form.seen.data)
    written, key = _written(conversation, form, by), form.client_key.data or ""
    if not form.is_later:
        scheduling.send(conversation, by, written, key, undo_seconds)
        return
    at = form.later_at(zone)
    if at is None:
        raise Invalid(str(NO_TIME))
    drops = bool(form.drops_on_reply.data)
    scheduling.send_later(conversation, by, written, key, at, drops_on_reply=drops)


def _written(conversation: Conversation, form: MessageForm, by: User) -> Written:
    """Looked at as the channel's provider would."""
    body = form.body.data or ""
    variables.refuse_gaps(body)
    composer = composing.of(conversation)
    locked = "" if form.is_later and composer.locked == "window" else composer.lock_words
    if locked:
        raise Invalid(locked)
    parts = _parts(conversation, form, composer, body, by)
    problems = [words for part in parts for words in composing.problems(composer.channel, part)]
    if problems:
        raise Invalid(" ".join(problems))
    body = body if parts else services.clean(body, services.MAX_REPLY_CHARACTERS)
    return Written(body, parts, quoted_by(conversation, form))


def _parts(
    conversation: Conversation,
    form: MessageForm,
    composer: Composer,
    body: str,
    by: User,
) -> list[Content]:
    """A message each; the words go with the first."""
    kept = kept_files.take(conversation, composer, form.kept_file.data, by)
    files: list[Media] = (
        [uploads.look_at(form.sent_file, composer).keep("")] if form.sent_file else []
    )
    files += kept
    if files:
        return [files[0].model_copy(update={"caption": body}), *files[1:]]
    part = form.part if form.extra.data in composer.offers else None
    return [part] if part else []


def quoted_by(conversation: Conversation, form: MessageForm) -> Message | None:
    """The message that is answered; one of another conversation is none."""
    number = form.reply_to.data
    if not number:
        return None
    return db.session.scalar(
        select(Message).where(
            Message.id == number,
            Message.conversation_id == conversation.id,
            Message.kind.in_(("incoming", "outgoing")),
        )
    )
