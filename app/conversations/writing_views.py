"""While a member writes: drafts, replies that wait, who else is there, whom a note may name, kept replies."""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, abort, g, jsonify, request
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.conversations import (
    canned,
    composing,
    drafts,
    inbox,
    kept_files,
    mentioning,
    presence,
    scheduling,
    writing,
)
from app.conversations.asked import load, me
from app.conversations.forms import MessageForm
from app.conversations.models import CannedReply, Conversation, Draft
from app.core import web
from app.core.access import Permission, may, requires
from app.core.db import now
from app.core.errors import FrontdeskError, Invalid
from app.extensions import db
from app.lib import later

while_writing = Blueprint("while_writing", __name__)

MAX_VERSION = 2**53  # what a browser can count


@while_writing.get("/draft")
@requires(Permission.INBOX_REPLY)
def show_draft(conversation_id: int) -> Response:
    """As it stands now, for a device that comes back to it."""
    found = Draft.of(load(conversation_id).id, current_user.id)
    return jsonify({kind: _as_json(draft) for kind, draft in found.items()})


@while_writing.post("/draft")
@requires(Permission.INBOX_REPLY)
def save_draft(conversation_id: int) -> Response:
    conversation = load(conversation_id)
    typed = writing.typed_in(MessageForm())
    if typed.kind not in ("reply", "note"):
        abort(400)
    version = min(max(request.form.get("version", 0, type=int), 0), MAX_VERSION)
    draft = drafts.save(conversation, me(), typed, version)
    return jsonify(_as_json(draft) if draft else {"version": 0, "other": "", "body": ""})


@while_writing.post("/draft/other")
@requires(Permission.INBOX_REPLY)
def forget_other(conversation_id: int) -> Response:
    """What another device had was looked at: taken, or not wanted."""
    drafts.forget_other(load(conversation_id), me(), request.form.get("kind", ""))
    return Response(status=204)


@while_writing.get("/scheduled")
@requires(Permission.INBOX_READ)
def index_scheduled(conversation_id: int) -> Response:
    return _scheduled(load(conversation_id))


@while_writing.post("/scheduled/<int:row_id>")
@requires(Permission.INBOX_REPLY)
def change_scheduled(conversation_id: int, row_id: int) -> Response | BaseResponse:
    conversation = load(conversation_id)
    said, at = request.form, later.typed(request.form.get("send_on", ""), g.business.time_zone)
    body = said.get("body", "").replace("\r\n", "\n")
    try:
        if at is None:
            raise Invalid(str(writing.NO_TIME))
        scheduling.change(conversation, row_id, me(), body, at, drops="drops_on_reply" in said)
    except FrontdeskError as refusal:
        return _scheduled(conversation, refusal.status, refusal=refusal.message, refused=row_id)
    return _after(conversation)


@while_writing.post("/scheduled/<int:row_id>/sending")
@requires(Permission.INBOX_REPLY)
def send_scheduled(conversation_id: int, row_id: int) -> Response | BaseResponse:
    conversation = load(conversation_id)
    scheduling.send_now(conversation, row_id, me())
    return _after(conversation)


@while_writing.post("/scheduled/<int:row_id>/undo")
@requires(Permission.INBOX_REPLY)
def take_back(conversation_id: int, row_id: int) -> Response | BaseResponse:
    """Into the composer again, before what was typed there since."""
    conversation = load(conversation_id)
    typed = writing.typed_in(MessageForm())
    scheduling.take_back(conversation, row_id, me(), typed)
    if not web.is_htmx():
        return _after(conversation)
    found = Draft.of(conversation.id, current_user.id)
    form = writing.begun(found["reply"], None)
    return web.fragment(
        "conversations/_taken_back.html", **_about(conversation), form=form, drafts=found,
        quoted=writing.quoted_by(conversation, form),
    )  # fmt: skip


@while_writing.route("/scheduled/<int:row_id>", methods=["DELETE"], endpoint="delete_scheduled")
@while_writing.post("/scheduled/<int:row_id>/deletion", endpoint="create_deletion")
@requires(Permission.INBOX_REPLY)
def delete_scheduled(conversation_id: int, row_id: int) -> Response | BaseResponse:
    """The second address is for a plain form, which can't DELETE."""
    conversation = load(conversation_id)
    scheduling.delete(conversation, row_id, me())
    return _after(conversation)


@while_writing.get("/presence")
@requires(Permission.INBOX_READ)
def show_presence(conversation_id: int) -> Response:
    return _presence(load(conversation_id))


@while_writing.post("/presence")
@requires(Permission.INBOX_READ)
def create_presence(conversation_id: int) -> Response:
    """Said by the page again and again while it is looked at, and by whoever types."""
    conversation = load(conversation_id)
    state = request.form.get("state", "")
    if state not in presence.STATES:
        abort(400)
    if state in presence.TYPING and not may(Permission.INBOX_REPLY):
        abort(403)  # the customer is told
    presence.note(conversation, current_user.id, state)
    return _presence(conversation)


@while_writing.get("/people")
@requires(Permission.INBOX_REPLY)
def index_people(conversation_id: int) -> Response:
    """Whom a note may name."""
    load(conversation_id)
    people = {name: each for name, each in mentioning.handles().items() if each.id != me().id}
    return web.fragment("conversations/_people.html", people=people)


@while_writing.get("/canned")
@requires(Permission.INBOX_REPLY)
def index_canned(conversation_id: int) -> Response:
    offered = canned.offered(load(conversation_id), me())
    return web.fragment("conversations/_canned.html", offered=offered)


@while_writing.post("/canned/<int:reply_id>/use")
@requires(Permission.INBOX_REPLY)
def create_use(conversation_id: int, reply_id: int) -> Response:
    """It was put into the composer."""
    load(conversation_id)
    canned.note_use(CannedReply.by_id(reply_id, current_user.id) or abort(404))
    return Response(status=204)


def _about(conversation: Conversation) -> dict[str, Any]:
    return {
        "conversation": conversation,
        "view": inbox.known_view(request.args.get("view")),
        "composer": composing.of(conversation),
    }


def _scheduled(conversation: Conversation, status: int = 200, **more: Any) -> Response:
    return web.fragment(
        "conversations/_scheduled.html", status, **_about(conversation), out_of_band=True, **more
    )


def _presence(conversation: Conversation) -> Response:
    return web.fragment("conversations/_presence.html", conversation=conversation)


def _after(conversation: Conversation) -> Response | BaseResponse:
    if web.is_htmx():
        db.session.flush()
        return _scheduled(conversation)
    view = inbox.known_view(request.args.get("view"))
    return web.go("conversations.show", conversation_id=conversation.id, view=view)


def _as_json(draft: Draft) -> dict[str, Any]:
    return {"version": draft.version, "body": draft.body, "other": draft.other_body}


while_writing.add_app_template_global(_as_json, "draft_json")
while_writing.add_app_template_global(mentioning.of_messages, "mentions_of")
while_writing.add_app_template_global(mentioning.pieces, "mention_pieces")


@while_writing.app_template_global("kept_files_of")
def _kept_files_of(conversation: Conversation, refs: list[str]) -> list[dict[str, Any]]:
    """Costs no query without any."""
    draft = Draft.one(conversation.id, current_user.id, "reply") if refs else None
    return kept_files.known(refs, draft, me())


@while_writing.app_template_global("scheduled_of")
def _scheduled_of(conversation: Conversation) -> scheduling.Shown:
    return scheduling.shown(conversation, current_user.id)


@while_writing.app_template_global("present_in")
def _present_in(conversation: Conversation) -> presence.Present:
    return presence.others(conversation.id, current_user.id)


@while_writing.app_template_global("later_choices")
def _later_choices() -> list[later.Choice]:
    return later.choices(now(), g.business.time_zone)


@while_writing.app_template_filter("in_future")
def _in_future(at: datetime) -> str:
    return later.in_words(at, now(), g.business.time_zone)


@while_writing.app_template_filter("for_field")
def _for_field(at: datetime) -> str:
    return later.for_field(at, g.business.time_zone)
