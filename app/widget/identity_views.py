"""What the page around the chat says of its visitor: who it is, signed, and facts for the team."""

from flask import Response, g, jsonify

from app.channels.website import WebsiteSettings
from app.contacts.models import Visitor
from app.core.access import public
from app.extensions import limiter
from app.widget import attributes, identity, requests, visitors
from app.widget.door import PER_ADDRESS, PER_VISITOR, widget


@widget.post("/identity")
@public
@limiter.limit(PER_ADDRESS)
def identify() -> tuple[Response, int]:
    """A session of the person whom the site's owner names; with the session before, what it wrote goes along."""
    person = identity.verified(g.channel, requests.signed_identity())
    before = requests.visitor_uuid() if requests.token() else None
    uuid = identity.enter(g.channel, person, before)
    return jsonify(visitors.issue(g.channel, uuid).told()), 201


@widget.post("/attributes")
@public
@limiter.limit(PER_ADDRESS)
@limiter.limit(PER_VISITOR, key_func=requests.visitor_key)
def set_attributes() -> Response:
    """Of a visitor who has written; before that nothing is kept, and the frame says it again afterwards."""
    values = requests.attributes()
    visitor = Visitor.by_uuid(requests.visitor_uuid())
    settings = WebsiteSettings.of(g.channel)
    ignored = attributes.keep(visitor, values, settings) if visitor else []
    return jsonify(ignored=ignored)
