"""What the frame calls. The visitor is known by a signed token in the Authorization header. There are no
cookies, so no other site can forge a request, and the chat works where third-party cookies are blocked.
"""

from typing import Any
from uuid import UUID

from flask import Response, g, jsonify, request
from flask_babel import gettext as _

from app.assistant import services as opinions
from app.assistant.models import Answer
from app.contacts.models import Visitor
from app.conversations import presence, seeing
from app.conversations import services as conversations
from app.conversations.models import Conversation, Message
from app.core import realtime
from app.core.access import public
from app.core.unit_of_work import commit
from app.core.web import fragment
from app.extensions import limiter
from app.frontdesk import services as frontdesk
from app.frontdesk import words
from app.lib.marking import N_
from app.widget import consenting, details, requests, visitors
from app.widget.door import PER_ADDRESS, PER_VISITOR, widget

MAX_HISTORY = 200  # messages that an opened chat shows
WISH_FOR_PERSON = N_("I’d like to talk to a person.")


@widget.post("/session")
@public
@limiter.limit(PER_ADDRESS)
def session() -> tuple[Response, int]:
    """A new visitor, or a known one for longer. Nothing is written: the token is all there is."""
    uuid = requests.visitor_uuid() if requests.token() else None
    return jsonify(visitors.issue(g.channel, uuid).told()), 201


@widget.get("/stream")
@public
def stream() -> Response:
    uuid = requests.visitor_uuid()
    return realtime.stream(conversations.visitor_topic(uuid), key=f"visitor:{uuid}")


@widget.get("/messages")
@public
def messages() -> Response:
    return _messages_after(requests.cursor(request.args.get("after", 0, type=int)))


@widget.post("/messages")
@public
@limiter.limit(PER_ADDRESS)
@limiter.limit(PER_VISITOR, key_func=requests.visitor_key)
def send() -> Response:
    sent = requests.sent_message()
    agreed = consenting.required(g.channel, requests.visitor_uuid())
    message, is_new = frontdesk.receive(
        g.channel, requests.visitor_uuid(), sent.text, sent.client_key, sent.page
    )
    consenting.keep(message.conversation.visitor, agreed)
    visitors.keep_language(message.conversation.visitor, g.language)
    after = message.position - 1 if sent.after is None else sent.after
    commit()  # the assistant begins while the page is put together
    return _messages_after(after, 201 if is_new else 200)


@widget.post("/hand-off")
@public
@limiter.limit(PER_VISITOR, key_func=requests.visitor_key)
def hand_off() -> Response:
    """Before the first message too; then the wish itself is the first message."""
    uuid = requests.visitor_uuid()
    agreed = consenting.required(g.channel, uuid)
    conversation = _conversation(uuid)
    if conversation is None:
        message, _is_new = conversations.receive(g.channel, uuid, _(WISH_FOR_PERSON), "hand-off")
        conversation = message.conversation
    consenting.keep(conversation.visitor, agreed)
    visitors.keep_language(conversation.visitor, g.language)
    frontdesk.request_person(conversation)
    return _messages_after(requests.sent_cursor() or 0, 201)


@widget.post("/stop")
@public
@limiter.limit(PER_VISITOR, key_func=requests.visitor_key)
def stop() -> Response:
    """No more of the answer that is being written. Safe to repeat, and when there is none."""
    after = requests.sent_cursor() or 0
    conversation = _conversation(requests.visitor_uuid())
    if conversation is not None:
        frontdesk.stop(conversation)
    return _messages_after(after)


@widget.post("/typing")
@public
@limiter.limit(PER_ADDRESS)
@limiter.limit(PER_VISITOR, key_func=requests.visitor_key)
def typing() -> Response:
    """The visitor writes just now. Told to members who look, and stored nowhere."""
    conversation = _conversation(requests.visitor_uuid())
    if conversation is not None and conversation.is_handed_off:
        presence.customer_types(conversation)
    return Response(status=204)


@widget.post("/seen")
@public
@limiter.limit(PER_ADDRESS)
@limiter.limit(PER_VISITOR, key_func=requests.visitor_key)
def see() -> Response:
    """The visitor has read up to a position. Safe to repeat."""
    conversation = _conversation(requests.visitor_uuid())
    if conversation is not None:
        seeing.note(conversation, requests.sent_cursor() or 0)
    return Response(status=204)


@widget.post("/messages/<int:message_id>/rating")
@public
@limiter.limit(PER_ADDRESS)
@limiter.limit(PER_VISITOR, key_func=requests.visitor_key)
def rate(message_id: int) -> Response:
    """Whether an answer helped. Safe to repeat; the newest counts."""
    answer = opinions.answer_to(g.channel, requests.visitor_uuid(), message_id)
    given = requests.opinion()
    opinions.rate_as_visitor(answer, given.rating, given.reason)
    return Response(status=204)


def _messages_after(position: int, status: int = 200) -> Response:
    """The one fragment that every call answers with: what the visitor may see after the cursor."""
    conversation = _conversation(requests.visitor_uuid())
    if conversation is None:
        return fragment(
            "widget/_messages.html",
            status,
            messages=[],
            position=0,
            state="new",
            answered=0,
            known=[],
        )
    if position > 0:
        found = conversation.messages_after(position)
    else:
        found = conversation.newest_messages(MAX_HISTORY)
    return fragment(
        "widget/_messages.html", status,
        messages=[message for message in found if message.is_for_visitor],
        receipts=_receipts(found),
        position=found[-1].position if found else conversation.position,
        state=conversation.state,
        answered=conversation.answered_position,
        known=details.known(g.channel, conversation),
        words=_words_so_far(conversation),
    )  # fmt: skip


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


def _conversation(uuid: UUID) -> Conversation | None:
    visitor = Visitor.by_uuid(uuid)
    return Conversation.current_of(visitor) if visitor else None
