"""The visitor's chats from before: a list, and each to be read."""

from flask import Response, abort

from app.contacts.models import Visitor
from app.conversations.models import Conversation
from app.core.access import public
from app.core.web import fragment
from app.extensions import limiter
from app.widget import requests
from app.widget.door import PER_ADDRESS, widget
from app.widget.fragments import whole

MOST = 50


@widget.get("/conversations")
@public
@limiter.limit(PER_ADDRESS)
def conversations() -> Response:
    """Without the one that is shown."""
    shown = requests.shown_conversation()
    found = [each for each in of_visitor() if each.id != shown]
    return fragment("widget/_past.html", conversations=found)


@widget.get("/conversations/<int:conversation_id>")
@public
@limiter.limit(PER_ADDRESS)
def conversation(conversation_id: int) -> Response:
    return whole(named(conversation_id))


def of_visitor() -> list[Conversation]:
    """Newest first."""
    visitor = Visitor.by_uuid(requests.visitor_uuid())
    return Conversation.all_of(visitor, MOST) if visitor else []


def named(conversation_id: int) -> Conversation:
    """One of the visitor's own; else there is nothing."""
    return next((each for each in of_visitor() if each.id == conversation_id), None) or abort(404)
