"""How the visitor rates the whole conversation, where they were asked."""

from flask import Response, abort, g

from app.contacts.models import Visitor
from app.conversations.models import Conversation
from app.core.access import public
from app.extensions import limiter
from app.ratings import answering
from app.ratings.models import Rating
from app.widget import requests
from app.widget.door import PER_ADDRESS, PER_VISITOR, widget


@widget.post("/messages/<int:message_id>/stars")
@public
@limiter.limit(PER_ADDRESS)
@limiter.limit(PER_VISITOR, key_func=requests.visitor_key)
def create_stars(message_id: int) -> Response:
    """Safe to repeat; the newest counts. Words that aren't given stay as they were."""
    rating, given = _asked(message_id), requests.stars()
    answering.rate(rating, given.stars, given.words)
    return Response(status=204)


def _asked(message_id: int) -> Rating:
    """This visitor's own, of this chat."""
    visitor = Visitor.by_uuid(requests.visitor_uuid())
    conversation = Conversation.current_of(visitor) if visitor else None
    if conversation is None or conversation.channel_id != g.channel.id:
        abort(404)
    return Rating.of_question(conversation.id, message_id) or abort(404)
