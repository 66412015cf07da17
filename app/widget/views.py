"""The chat on a business's website: its loader, its frame, and what the frame calls.

The door is the public key in the URL: it opens the scope of its business. The visitor is known by a
signed token in the Authorization header. There are no cookies, so no other site can forge a request, and
the chat works where third-party cookies are blocked.
"""

from typing import Any, cast
from uuid import UUID

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    g,
    jsonify,
    make_response,
    request,
    url_for,
)

from app.assistant import services as opinions
from app.assistant.models import Answer
from app.channels.models import Channel, business_of_key
from app.contacts.models import Visitor
from app.conversations import presence
from app.conversations import services as conversations
from app.conversations.models import Conversation, Message
from app.core import realtime, tenancy
from app.core.access import public
from app.core.unit_of_work import commit
from app.core.web import csp_nonce, fragment, page
from app.extensions import csrf, limiter
from app.frontdesk import services as frontdesk
from app.frontdesk import words
from app.widget import content, loader, requests, sites, visitors

widget = Blueprint("widget", __name__, template_folder="../../widget")
csrf.exempt(widget)

MAX_BODY_BYTES = 64 * 1024  # 2,000 characters of any script, and room to tell who wrote more
MAX_HISTORY = 200  # messages that an opened chat shows
LOADER_SECONDS = 300  # an owner who changes the colour sees it within minutes
ASSET_SECONDS = 365 * 24 * 3600  # the address changes with the content
WISH_FOR_PERSON = "I’d like to talk to a person."
PER_VISITOR = "20 per minute; 300 per hour"
PER_ADDRESS = "120 per minute"  # a school or a mobile network may share one address

POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors {ancestors}"
)


@widget.url_value_preprocessor
def _take_key(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    g.key = (values or {}).pop("key", "")


@widget.url_defaults
def _give_key(_endpoint: str, values: dict[str, Any]) -> None:
    values.setdefault("key", g.get("key"))


@widget.before_request
def _open_door() -> None:
    """Every address but those of the frame's files needs a real key."""
    if request.endpoint == "widget.asset":
        return
    request.max_content_length = MAX_BODY_BYTES
    business_id = business_of_key(g.key)
    if business_id is None:
        abort(404)
    tenancy.enter_scope(business_id)
    g.channel = Channel.by_key(g.key) or abort(404)


@widget.get("/loader.js")
@public
def loader_js() -> Response:
    # Not the Host header's address: a cache may keep this answer for everybody.
    frame_url = current_app.config["PUBLIC_URL"] + url_for(".frame")
    response = make_response(loader.script(g.channel, frame_url))
    response.mimetype = "text/javascript"
    response.cache_control.public = True
    response.cache_control.max_age = LOADER_SECONDS
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.add_etag(weak=True)
    return _compressed(cast(Response, response.make_conditional(request)))


@widget.get("")
@public
def frame() -> Response:
    response = page(
        "frame.html",
        channel=g.channel,
        origin=sites.plain_origin(request.args.get("origin", "")),
        colours=loader.colours(g.channel),
        questions=content.suggested_questions(),
        limit=conversations.MAX_MESSAGE_CHARACTERS,
        modules=loader.modules(),
        file=_file_url,
    )
    policy = POLICY.format(nonce=csp_nonce(), ancestors=sites.frame_ancestors(g.channel))
    response.headers["Content-Security-Policy"] = policy
    return response


@widget.get("/assets/<version>/<path:name>")
@public
def asset(version: str, name: str) -> Response:
    if name not in loader.files() or version != loader.version():
        abort(404)
    response = make_response(loader.packed(name))
    response.mimetype = "text/css" if name.endswith(".css") else "text/javascript"
    response.cache_control.public = True
    response.cache_control.immutable = True
    response.cache_control.max_age = ASSET_SECONDS
    return _compressed(response)


@widget.post("/session")
@public
@limiter.limit(PER_ADDRESS)
def session() -> tuple[Response, int]:
    """A new visitor, or a known one for longer. Nothing is written: the token is all there is."""
    uuid = requests.visitor_uuid() if requests.token() else None
    token = visitors.issue(g.channel, uuid)
    return jsonify(token=token.text, expires_at=token.expires_at.isoformat()), 201


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
    message, is_new = frontdesk.receive(
        g.channel, requests.visitor_uuid(), sent.text, sent.client_key, sent.page
    )
    after = message.position - 1 if sent.after is None else sent.after
    commit()  # the assistant begins while the page is put together
    return _messages_after(after, 201 if is_new else 200)


@widget.post("/hand-off")
@public
@limiter.limit(PER_VISITOR, key_func=requests.visitor_key)
def hand_off() -> Response:
    """Before the first message too; then the wish itself is the first message."""
    uuid = requests.visitor_uuid()
    conversation = _conversation(uuid)
    if conversation is None:
        message, _ = conversations.receive(g.channel, uuid, WISH_FOR_PERSON, "hand-off")
        conversation = message.conversation
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


@widget.get("/sources/<int:chunk_id>")
@public
def source(chunk_id: int) -> Response:
    """What an answer quoted, in its place. Open to whoever has the link, as the answer was."""
    passage = content.passage(chunk_id)
    status = 200 if passage else 404
    return page("widget/source.html", status, channel=g.channel, passage=passage, file=_file_url)


def _messages_after(position: int, status: int = 200) -> Response:
    """The one fragment that every call answers with: what the visitor may see after the cursor."""
    conversation = _conversation(requests.visitor_uuid())
    if conversation is None:
        return fragment(
            "widget/_messages.html", status, messages=[], position=0, state="new", answered=0
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


def _file_url(name: str) -> str:
    return url_for(".asset", version=loader.version(), name=name)


def _compressed(response: Response) -> Response:
    response.vary.add("Accept-Encoding")
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        response.set_data(loader.gzipped(response.get_data()))
        response.headers["Content-Encoding"] = "gzip"
    return response
