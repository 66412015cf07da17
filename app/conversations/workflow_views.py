"""What is done with one conversation beside answering it: snooze, assign, tag, put first, merge; and what the same
person wrote before."""

from typing import Any

from flask import Blueprint, Response, abort, flash, g, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.conversations import inbox, joining, parting
from app.conversations.asked import load, me
from app.conversations.models import Conversation, ConversationMerge
from app.conversations.panels import TITLES, Panel
from app.conversations.views import ordered
from app.core import web
from app.core.access import Permission, requires

workflow = Blueprint("workflow", __name__)

MOST_OTHERS = 100


@workflow.post("/orders/<what>")
@requires(Permission.INBOX_REPLY)
def create_order(conversation_id: int, what: str) -> Response | BaseResponse:
    return ordered(load(conversation_id), what)


@workflow.get("/panels/<name>")
@requires(Permission.INBOX_REPLY)
def panel(conversation_id: int, name: str) -> Response:
    conversation = load(conversation_id)
    if name not in TITLES:
        abort(404)
    return _panel(conversation, panel=Panel(name, g.business.time_zone, conversation))


@workflow.get("/joining")
@requires(Permission.INBOX_REPLY)
def show_joining(conversation_id: int) -> Response:
    """Which other conversation; then what would move."""
    conversation = load(conversation_id)
    other_id = request.args.get("other", type=int)
    if other_id is not None:
        preview = joining.preview(conversation, load(other_id))
        return _panel(conversation, preview=preview, other_id=other_id)
    others = Conversation.of_the_same(conversation, MOST_OTHERS)
    return _panel(
        conversation, others=[(each, joining.why_not(conversation, each)) for each in others]
    )


@workflow.post("/joining")
@requires(Permission.INBOX_REPLY)
def create_joining(conversation_id: int) -> BaseResponse:
    conversation = load(conversation_id)
    other = load(request.form.get("other", 0, type=int))
    kept, done = joining.join(conversation, other, me())
    undo = url_for(".create_parting", conversation_id=kept.id, merge_id=done.id) if done else ""
    web.flash_told(_("The two conversations are one now."), undo=undo)
    return web.go("conversations.show", conversation_id=kept.id)


@workflow.get("/joining/<int:merge_id>/undo")
@requires(Permission.INBOX_REPLY)
def show_parting(conversation_id: int, merge_id: int) -> Response:
    conversation, done = load(conversation_id), _merge(merge_id)
    return _panel(conversation, parting=done, parting_count=len(done.reversal["messages"]))


@workflow.post("/joining/<int:merge_id>/undo")
@requires(Permission.INBOX_REPLY)
def create_parting(conversation_id: int, merge_id: int) -> BaseResponse:
    load(conversation_id)
    done = _merge(merge_id)
    parting.undo(done, me())
    flash(_("Undone: these are two conversations again."), "success")
    return web.go("conversations.show", conversation_id=done.kept_id)


@workflow.get("/earlier/<int:other_id>")
@requires(Permission.INBOX_READ)
def earlier(conversation_id: int, other_id: int) -> Response | BaseResponse:
    """What the same person wrote before, to be read above this conversation."""
    conversation = load(conversation_id)
    others = Conversation.of_the_same(conversation, MOST_OTHERS)
    wanted = next((each for each in others if each.id == other_id), None)
    if wanted is None or inbox.earlier(conversation, [wanted]) is None:
        abort(404)
    if not web.is_htmx():
        return web.go("conversations.show", conversation_id=wanted.id)
    return web.fragment(
        "conversations/_earlier_conversation.html",
        here=conversation,
        conversation=wanted,
        stretch=inbox.newest(wanted),
        earlier=inbox.earlier(wanted, others),
    )


@workflow.get("/assigned")
@requires(Permission.INBOX_READ)
def assigned(conversation_id: int) -> Response:
    """It has come to whoever asks: their page has heard so just now."""
    conversation = load(conversation_id)
    if conversation.assignee_id != current_user.id:
        return Response(status=204)
    words = _("%(title)s was assigned to you.", title=conversation.title)
    return web.told(Response(status=204), words, "inbox", kind="info")


def _panel(conversation: Conversation, **shown: Any) -> Response:
    return web.page_or_fragment(
        "conversations/panel.html",
        "conversations/_panel.html",
        conversation=conversation,
        **shown,
    )


def _merge(merge_id: int) -> ConversationMerge:
    return ConversationMerge.by_id(merge_id) or abort(404)


workflow.add_app_template_filter(parting.may_undo, "may_part")
