"""Who the visitor is by its own word: what the chat asks for, and a link that was mailed to it."""

from flask import Response, abort, g, jsonify

from app.contacts.models import Visitor
from app.conversations.models import Conversation
from app.core.access import public
from app.extensions import limiter
from app.widget import details, links, requests
from app.widget.door import PER_ADDRESS, PER_VISITOR, widget


@widget.post("/continue/look")
@public
@limiter.limit(PER_ADDRESS)
def look_at_link() -> Response:
    """Whose chat a mailed link opens. Nothing is spent by it."""
    return jsonify(
        links.look(g.channel, requests.link(), requests.claim(), requests.visitor_uuid())
    )


@widget.post("/continue")
@public
@limiter.limit(PER_ADDRESS)
def go_on() -> tuple[Response, int]:
    """A session of whoever got the mail with this link, in this browser. Safe to repeat."""
    session = links.enter(g.channel, requests.link(), requests.claim())
    return jsonify(session.told()), 201


@widget.post("/continue/again")
@public
@limiter.limit("10 per hour")
@limiter.limit("3 per day", key_func=lambda: links.whose(requests.link()))
def mail_link() -> Response:
    """A new link, to the address that the one before went to."""
    links.ask_again(g.channel, requests.link(), g.language)
    return Response(status=204)


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
