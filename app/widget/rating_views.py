"""How the visitor rates the whole conversation, where they were asked."""

from flask import Response, abort

from app.contacts.models import Visitor
from app.conversations.models import MAX_ID, Message
from app.core import tenancy
from app.core.access import public
from app.extensions import db, limiter
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
    """This visitor's own, of any of its conversations in this chat."""
    visitor = Visitor.by_uuid(requests.visitor_uuid())
    message = db.session.get(Message, (tenancy.current_business_id(), min(message_id, MAX_ID)))
    if visitor is None or message is None or message.conversation.visitor_id != visitor.id:
        abort(404)
    return Rating.of_question(message.conversation_id, message.id) or abort(404)
