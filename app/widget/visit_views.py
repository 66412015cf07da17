"""Who the visitor is by its own word: what the chat asks for, and a link that was mailed to it."""

from flask import Response, abort, g, jsonify

from app.contacts.models import Visitor
from app.conversations.models import Conversation
from app.core.access import public
from app.extensions import limiter
from app.widget import details, missed, requests
from app.widget.door import PER_ADDRESS, PER_VISITOR, widget


@widget.post("/continue")
@public
@limiter.limit(PER_ADDRESS)
def go_on() -> tuple[Response, int]:
    """A session of whoever got the mail with this link."""
    return jsonify(missed.session_of(g.channel, requests.link()).told()), 201


@widget.post("/details")
@public
@limiter.limit(PER_ADDRESS)
@limiter.limit(PER_VISITOR, key_func=requests.visitor_key)
def keep_details() -> Response:
    """Of a visitor who has written: before that nothing is kept of anybody. Safe to repeat."""
    visitor = Visitor.by_uuid(requests.visitor_uuid())
    conversation = Conversation.current_of(visitor) if visitor else None
    details.keep(g.channel, conversation or abort(404), requests.typed())
    return Response(status=204)
