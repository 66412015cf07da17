"""The door of the chat on a business's website: the public key in the URL opens the scope of its business."""

from typing import Any

from flask import Blueprint, abort, g, request

from app.channels.models import Channel, business_of_key
from app.core import gate, tenancy
from app.extensions import csrf
from app.widget import receiving, speaking

widget = Blueprint("widget", __name__, template_folder="../../widget")
csrf.exempt(widget)

MAX_BODY_BYTES = 64 * 1024  # 2,000 characters of any script, and room to tell who wrote more
PER_VISITOR = "20 per minute; 300 per hour"
PER_ADDRESS = "120 per minute"  # a school or a mobile network may share one address


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
    g.language = speaking.of_call()
    if request.endpoint in gate.LATE:
        receiving.take()
    business_id = business_of_key(g.key)
    if business_id is None:
        abort(404)
    tenancy.enter_scope(business_id)
    g.channel = Channel.by_key(g.key) or abort(404)
