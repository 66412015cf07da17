"""The visitor's side of the conductor: a message comes in, a person is wanted, an answer is wanted no more."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from app.assistant.models import AssistantSettings
from app.channels import adapters
from app.channels.models import Channel
from app.conversations import services as conversations
from app.conversations import visitor_files
from app.conversations.models import Conversation, Message
from app.conversations.uploads import Upload
from app.core import jobs
from app.core.db import now
from app.frontdesk import handing_off, words


def receive(
    channel: Channel,
    visitor_uuid: UUID,
    body: str,
    client_key: str,
    page: str | None = None,
    *,
    not_in: int | None = None,
) -> tuple[Message, bool]:
    """Store a visitor's message (once per client key) and have it answered."""
    message, is_new = conversations.receive(
        channel, visitor_uuid, body, client_key, page, not_in=not_in
    )
    if is_new:
        _answer(message.conversation)
    return message, is_new


def receive_file(
    channel: Channel,
    visitor_uuid: UUID,
    upload: Upload,
    client_key: str,
    page: str | None = None,
    *,
    not_in: int | None = None,
) -> tuple[Message, bool]:
    """As receive(). The assistant shows a file without words to a person."""
    message, is_new = visitor_files.receive(
        channel, visitor_uuid, upload, client_key, page, not_in=not_in
    )
    if is_new:
        _answer(message.conversation)
    return message, is_new


def receive_mailed(
    conversation: Conversation, words: str, uploads: Sequence[Upload], client_key: str
) -> bool:
    """What the visitor of a locked conversation of the chat wrote in a mail. False when it was there."""
    is_new = False
    if words:
        body = conversations.clean(words, conversations.MAX_REPLY_CHARACTERS)
        _message, is_new = conversations.take_in(
            conversation.channel, conversation.visitor, body, client_key, into=conversation
        )
    for number, upload in enumerate(uploads):
        is_new |= visitor_files.add(conversation, upload, f"{client_key}-{number}")
    if is_new:
        _answer(conversation)
    return is_new


def _answer(conversation: Conversation) -> None:
    if not conversation.is_handed_off:
        ask(conversation)


def ask(conversation: Conversation, waiting: Sequence[Message] | None = None) -> None:
    """Have what the visitor wrote answered: at once, or where each reply costs after a burst's time."""
    at = due(conversation, waiting)
    jobs.enqueue_next("frontdesk.respond", conversation.id, at=at, key=f"respond-{conversation.id}")


def due(conversation: Conversation, waiting: Sequence[Message] | None = None) -> datetime:
    """When the visitor has had the time to finish a burst; `waiting` where it is known what they wrote."""
    if not adapters.limits(conversation.channel.kind).costs:
        return now()
    arrived = [each.created_at for each in waiting or ()]
    first = min(arrived, default=None) or conversation.unanswered_since() or now()
    return first + timedelta(seconds=AssistantSettings.current().burst_seconds)


def newest(waiting: list[Message]) -> Message:
    """The last that arrived, though another may have been written later: an answer covers all up to it."""
    return max(waiting, key=lambda each: each.position)


def request_person(conversation: Conversation) -> None:
    """The visitor asks for a person by a button. Safe to repeat."""
    handing_off.call_person(conversation, "asked")


def stop(conversation: Conversation) -> bool:
    """The visitor wants no more of this answer: what was said of it stays. False when nothing was being
    answered. Safe to repeat."""
    conversation.lock()
    waiting = conversation.unanswered()
    if not waiting or conversation.is_handed_off:
        return False
    said = words.so_far(conversation.visitor.uuid)
    question = next(
        (each for each in waiting if said and each.id == said.question_id), newest(waiting)
    )
    if said and said.text and said.question_id == question.id:
        conversations.answer(question, said.text, [], is_unsure=False)
    conversation.answered_position = question.position
    conversations.post(conversation, "event", "visitor", "answer_stopped")
    words.silence(conversation.visitor.uuid, question.position)
    words.forget(conversation.visitor.uuid)
    return True
