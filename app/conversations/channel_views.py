"""What the inbox does on a provider's channel: how far messages got, sending again, blocking."""

from flask import Blueprint, Response, abort, request
from markupsafe import escape
from werkzeug.wrappers import Response as BaseResponse

from app.channels import content, deliveries
from app.channels.models import Channel
from app.conversations import composing, inbox, showing, uploads
from app.conversations.asked import load
from app.conversations.models import MAX_ID, Conversation
from app.core import web
from app.core.access import Permission, requires
from app.lib import file_types

replying = Blueprint("replying", __name__)

MAX_TYPED = 5000


@replying.get("/deliveries")
@requires(Permission.INBOX_READ)
def index_deliveries(conversation_id: int) -> Response:
    """How far those of the messages got that the page asks for."""
    ids = [number for number in request.args.getlist("ids", type=int) if 0 < number <= MAX_ID]
    return _marks(load(conversation_id), ids)


@replying.post("/messages/<int:message_id>/delivery")
@requires(Permission.INBOX_REPLY)
def create_delivery(conversation_id: int, message_id: int) -> Response | BaseResponse:
    """Once more, of a message that wasn't delivered. `despite`: though it may have been."""
    conversation = load(conversation_id)
    if not showing.marks_in(conversation, [min(message_id, MAX_ID)]):
        abort(404)
    deliveries.retry(message_id, despite="despite" in request.form)
    if web.is_htmx():
        return _marks(conversation, [message_id])
    return web.go("conversations.show", conversation_id=conversation.id, view=_view())


@replying.get("/composer")
@requires(Permission.INBOX_READ)
def composer_state(conversation_id: int) -> Response:
    """How long and whether it may be written to the visitor."""
    conversation = load(conversation_id)
    return web.fragment(
        "conversations/_composer_state.html",
        conversation=conversation, composer=composing.of(conversation), view=_view(),
    )  # fmt: skip


@replying.post("/hint")
@requires(Permission.INBOX_REPLY)
def hint(conversation_id: int) -> str:
    """What one should know of what is typed: that it goes out, and is paid for, as three messages."""
    text = request.form.get("body", "")[:MAX_TYPED]
    return str(escape(composing.hint(load(conversation_id).channel, text)))


def _view() -> str:
    return inbox.known_view(request.args.get("view"))


def _marks(conversation: Conversation, message_ids: list[int]) -> Response:
    marks = showing.marks_in(conversation, message_ids)
    return web.fragment(
        "conversations/_deliveries.html", conversation=conversation, marks=marks, view=_view()
    )


replying.add_app_template_filter(showing.part_of, "part")
replying.add_app_template_filter(content.said, "plain_said")
replying.add_app_template_filter(showing.file_look, "file_look")
replying.add_app_template_filter(file_types.ending_of, "ending")
replying.add_app_template_filter(file_types.size_in_words, "size")
replying.add_app_template_global(showing.beside, "beside_of")
replying.add_app_template_global(Channel.kinds_in_use, "channel_kinds")
replying.add_app_template_global(uploads.takes, "takes_files")
