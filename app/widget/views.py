"""What the frame calls. The visitor is known by a signed token in the Authorization header. There are no
cookies, so no other site can forge a request, and the chat works where third-party cookies are blocked.
"""

from flask import Response, g, jsonify, request
from flask_babel import gettext as _

from app.assistant import services as opinions
from app.conversations import presence, seeing
from app.conversations import services as conversations
from app.core import realtime
from app.core.access import public
from app.extensions import limiter
from app.frontdesk import services as frontdesk
from app.lib.marking import N_
from app.widget import consenting, requests, visitors
from app.widget.door import PER_ADDRESS, PER_VISITOR, widget
from app.widget.fragments import conversation_of, messages_after, taken

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
    return messages_after(requests.cursor(request.args.get("after", 0, type=int)))


@widget.post("/messages")
@public
@limiter.limit(PER_ADDRESS)
@limiter.limit(PER_VISITOR, key_func=requests.visitor_key)
def send() -> Response:
    sent = requests.sent_message()
    agreed = consenting.required(g.channel, requests.visitor_uuid())
    message, is_new = frontdesk.receive(
        g.channel,
        requests.visitor_uuid(),
        sent.text,
        sent.client_key,
        sent.page,
        not_in=sent.not_in,
    )
    return taken(message, sent, agreed, is_new=is_new)


@widget.post("/hand-off")
@public
@limiter.limit(PER_VISITOR, key_func=requests.visitor_key)
def hand_off() -> Response:
    """Before the first message too; then the wish itself is the first message."""
    uuid = requests.visitor_uuid()
    agreed = consenting.required(g.channel, uuid)
    conversation = conversation_of(uuid)
    if conversation is None:
        message, _is_new = conversations.receive(g.channel, uuid, _(WISH_FOR_PERSON), "hand-off")
        conversation = message.conversation
    conversation.lock()
    consenting.keep(conversation.visitor, agreed)
    visitors.keep_language(conversation.visitor, g.language)
    frontdesk.request_person(conversation)
    return messages_after(requests.sent_cursor() or 0, 201)


@widget.post("/stop")
@public
@limiter.limit(PER_VISITOR, key_func=requests.visitor_key)
def stop() -> Response:
    """No more of the answer that is being written. Safe to repeat, and when there is none."""
    after = requests.sent_cursor() or 0
    conversation = conversation_of(requests.visitor_uuid())
    if conversation is not None:
        frontdesk.stop(conversation)
    return messages_after(after)


@widget.post("/typing")
@public
@limiter.limit(PER_ADDRESS)
@limiter.limit(PER_VISITOR, key_func=requests.visitor_key)
def typing() -> Response:
    """The visitor writes just now. Told to members who look, and stored nowhere."""
    conversation = conversation_of(requests.visitor_uuid())
    if conversation is not None and conversation.is_handed_off:
        presence.customer_types(conversation)
    return Response(status=204)


@widget.post("/seen")
@public
@limiter.limit(PER_ADDRESS)
@limiter.limit(PER_VISITOR, key_func=requests.visitor_key)
def see() -> Response:
    """The visitor has read up to a position. Safe to repeat."""
    conversation = conversation_of(requests.visitor_uuid())
    if conversation is not None and requests.shown_conversation() in (None, conversation.id):
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
