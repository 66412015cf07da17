"""What the frame puts into its log: the one fragment that nearly every call answers with."""

from typing import Any
from uuid import UUID

from flask import Response, g, request

from app.assistant.models import Answer
from app.contacts.models import Visitor
from app.conversations import showing
from app.conversations.models import Conversation, Message
from app.core.unit_of_work import commit
from app.core.web import fragment
from app.frontdesk import words
from app.widget import consenting, details, file_links, requests, visitors
from app.widget.consenting import Agreed
from app.widget.door import widget
from app.widget.requests import Sent

MAX_HISTORY = 200  # messages that an opened chat shows


def conversation_of(uuid: UUID) -> Conversation | None:
    visitor = Visitor.by_uuid(uuid)
    return Conversation.current_of(visitor) if visitor else None


def messages_after(
    position: int | None, status: int = 200, sent: Message | None = None
) -> Response:
    """What the visitor may see after the cursor, which is of the conversation that the request names: of another
    all is new. Without a cursor from the message on that was `sent`."""
    conversation = conversation_of(requests.visitor_uuid())
    if conversation is None:
        return fragment(
            "widget/_messages.html", status,
            messages=[], position=0, state="new", answered=0, known=[],
        )  # fmt: skip
    if position is None:
        is_here = sent is not None and sent.conversation_id == conversation.id
        position = sent.position - 1 if sent and is_here else 0
    if requests.shown_conversation() not in (None, conversation.id):
        position = 0
    found = (
        conversation.messages_after(position)
        if position > 0
        else conversation.newest_messages(MAX_HISTORY)
    )
    return fragment(
        "widget/_messages.html", status,
        messages=[message for message in found if message.is_for_visitor],
        files=showing.files_of(found),
        receipts=_receipts(found),
        position=found[-1].position if found else conversation.position,
        state=conversation.state,
        answered=conversation.answered_position,
        known=details.known(g.channel, conversation),
        words=_words_so_far(conversation),
        conversation=conversation,
    )  # fmt: skip


def taken(message: Message, sent: Sent, agreed: Agreed | None, *, is_new: bool) -> Response:
    """What the visitor sent is kept, with what it agreed to."""
    visitor = message.conversation.visitor
    consenting.keep(visitor, agreed)
    visitors.keep_language(visitor, g.language)
    commit()  # the assistant begins while the page is put together
    return messages_after(sent.after, 201 if is_new else 200, message)


def whole(conversation: Conversation) -> Response:
    """To be read: nothing can be done in it any more."""
    found = conversation.newest_messages(MAX_HISTORY)
    return fragment(
        "widget/_messages.html",
        messages=[message for message in found if message.is_for_visitor],
        files=showing.files_of(found),
        position=conversation.position,
        state=conversation.state,
        answered=conversation.position,
        known=[],
        conversation=conversation,
    )


def _words_so_far(conversation: Conversation) -> dict[str, Any] | None:
    """Of an answer that is being written, as the stream tells them."""
    is_owed = conversation.incoming_position > conversation.answered_position
    said = words.so_far(conversation.visitor.uuid) if is_owed else None
    if said is None:
        return None
    return {"text": said.text, "marks": said.marks, "question": said.question_id}


def _receipts(messages: list[Message]) -> dict[int, Answer]:
    """Of what may be rated: nobody rates the preview, which is the owner's own."""
    if g.channel.is_preview:
        return {}
    return Answer.of_messages(each.id for each in messages if each.author == "assistant")


@widget.app_template_global("visitor_file_url")
def _visitor_file_url(file_id: int, conversation: Conversation) -> str:
    return f"{request.script_root}/w/{g.key}/files/{file_links.sealed(file_id, conversation.visitor.uuid)}"
