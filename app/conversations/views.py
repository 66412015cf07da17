"""The inbox: a view's list, a conversation, and what a member does in it.

Every change answers htmx with the messages after the asker's `after` and the header as it stands now;
without htmx it leads back to the conversation.
"""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, abort, flash, g, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.conversations import (
    bulk,
    composing,
    contact_card,
    inbox,
    orders,
    reading,
    services,
    speech,
    tagging,
    watching,
    writing,
)
from app.conversations.asked import load, me
from app.conversations.forms import MessageForm
from app.conversations.list_views import current, shown_list
from app.conversations.models import MAX_ID, Callback, Conversation, Draft, HandOff, Message
from app.conversations.overtaking import Overtaken
from app.core import web
from app.core.access import Permission, may, requires
from app.core.db import now
from app.core.errors import Invalid
from app.lib import dates, later, marked_text

conversations = Blueprint("conversations", __name__)

PANES = ("conversation", "contact")  # which one a narrow screen shows
MULTIPART_BYTES = 1024 * 1024  # what a form weighs beside its file


@conversations.url_value_preprocessor
def _limit_upload(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Before anything reads the form: a message may come with a file."""
    if endpoint == "conversations.create_message":
        request.max_content_length = composing.MOST_UPLOAD_BYTES + MULTIPART_BYTES


@conversations.get("/")
@requires(Permission.INBOX_READ)
def index() -> Response:
    return web.page("conversations/index.html", pane="list", conversation=None, **shown_list())


@conversations.get("/<int:conversation_id>")
@requires(Permission.INBOX_READ)
def show(conversation_id: int) -> Response | BaseResponse:
    conversation = load(conversation_id)
    return page(conversation) if _is_here(conversation) else _to(conversation)


@conversations.get("/rows")
@requires(Permission.INBOX_READ)
def rows() -> Response:
    """The next page of the list; or the list on the screen as it stands now, with the badge."""
    if request.args.get("before"):
        return web.fragment("conversations/_more_rows.html", **shown_list())
    return web.fragment("conversations/_rows.html", **shown_list(), **_badge())


@conversations.get("/badge")
@requires(Permission.INBOX_READ)
def badge() -> Response:
    """With the bar of who waits for a person: both change with the inbox."""
    return web.fragment("conversations/_badge.html", **_badge())


def _badge() -> dict[str, Any]:
    waiting = inbox.Waiting()
    return {"count": max(inbox.unread_count(current_user.id), len(waiting)), "waiting": waiting}


@conversations.get("/<int:conversation_id>/messages")
@requires(Permission.INBOX_READ)
def messages(conversation_id: int) -> Response | BaseResponse:
    conversation = load(conversation_id)
    if not _is_here(conversation):
        return _to(conversation)
    before = request.args.get("before", type=int)
    if before is None:
        return _update(conversation)
    stretch = inbox.newest(conversation, before)
    return web.fragment("conversations/_messages.html", **_about(conversation), stretch=stretch)


@conversations.get("/<int:conversation_id>/messages/<int:message_id>")
@requires(Permission.INBOX_READ)
def message(conversation_id: int, message_id: int) -> Response:
    """One that has changed: edited, taken back, its file has come. It takes its own place."""
    conversation = load(conversation_id)
    stretch = inbox.one(conversation, min(message_id, MAX_ID)) or abort(404)
    return web.fragment("conversations/_changed.html", **_about(conversation), stretch=stretch)


@conversations.post("/<int:conversation_id>/messages")
@requires(Permission.INBOX_REPLY)
def create_message(conversation_id: int) -> Response | BaseResponse:
    conversation = load(conversation_id)
    form = MessageForm()
    if not form.validate():
        return _refused(conversation, form)
    try:
        writing.send(conversation, form, me(), g.business.time_zone, g.member.undo_seconds)
    except (Invalid, Overtaken) as refusal:
        form.body.errors = [refusal.message]
        return _refused(conversation, form, refusal.status)
    return _changed(conversation)


@conversations.post("/<int:conversation_id>/assignment")
@requires(Permission.INBOX_REPLY)
def create_assignment(conversation_id: int) -> Response | BaseResponse:
    """Take over: the assistant is silent."""
    conversation = load(conversation_id)
    services.take_over(conversation, me())
    return _changed(conversation)


@conversations.route(
    "/<int:conversation_id>/assignment", methods=["DELETE"], endpoint="delete_assignment"
)
@conversations.post("/<int:conversation_id>/hand-back", endpoint="create_hand_back")
@requires(Permission.INBOX_REPLY)
def hand_back(conversation_id: int) -> Response | BaseResponse:
    """The assistant answers again. The second address is for a plain form, which can't DELETE."""
    conversation = load(conversation_id)
    services.give_back(conversation, me())
    return _changed(conversation)


@conversations.post("/<int:conversation_id>/resolution")
@requires(Permission.INBOX_REPLY)
def create_resolution(conversation_id: int) -> Response | BaseResponse:
    return ordered(load(conversation_id), "resolve")


@conversations.route(
    "/<int:conversation_id>/resolution", methods=["DELETE"], endpoint="delete_resolution"
)
@conversations.post("/<int:conversation_id>/reopening", endpoint="create_reopening")
@requires(Permission.INBOX_REPLY)
def reopen(conversation_id: int) -> Response | BaseResponse:
    """The second address is for a plain form, which can't DELETE."""
    return ordered(load(conversation_id), "reopen")


@conversations.post("/<int:conversation_id>/read")
@requires(Permission.INBOX_READ)
def create_read(conversation_id: int) -> Response:
    """Sent by the page while it is looked at: a GET never marks anything."""
    conversation = load(conversation_id)
    position = request.form.get("position", type=int)
    if position is None or position < 0:
        abort(400)
    reading.mark_read(conversation, me(), position)
    return Response(status=204)


def _about(conversation: Conversation) -> dict[str, Any]:
    return {
        "conversation": conversation,
        "view": current().view,
        "hand_off": inbox.hand_off_to_show(conversation),
        "callbacks": Callback.open_of(conversation.id),
        "composer": composing.of(conversation),
        "tags": tagging.of(conversation.id),
    }


def page(
    conversation: Conversation,
    form: MessageForm | None = None,
    status: int = 200,
    pane: str = "",
    **more: Any,
) -> Response:
    """The inbox with this conversation in it. `more` is what the pane beside it shows just now."""
    watching.note(conversation)
    drafts = _drafts(conversation)
    newest = max(drafts.values(), key=lambda each: each.updated_at, default=None)
    form = form or writing.begun(newest, request.args.get("reply_to", type=int))
    pane = pane or request.args.get("pane", "")
    before = request.args.get("from", type=int)
    card = contact_card.of(conversation)
    return web.page(
        "conversations/index.html",
        status,
        **shown_list() | _about(conversation) | {"selected_id": conversation.id},
        pane=pane if pane in PANES else "conversation",
        stretch=inbox.newest(conversation, before),
        form=form,
        drafts=drafts,
        quoted=writing.quoted_by(conversation, form),
        card=card,
        earlier=inbox.earlier(conversation, card.others),
        **more,
    )


def _update(conversation: Conversation) -> Response:
    """What is new for someone who has everything up to `after`."""
    watching.note(conversation)
    after = request.values.get("after", 0, type=int)
    stretch = inbox.since(conversation, max(after, 0))
    response = web.fragment("conversations/_update.html", **_about(conversation), stretch=stretch)
    if any(
        each.kind == "event" and each.body in ("joined", "parted", "erased")
        for each in stretch.messages
    ):
        response.headers["HX-Refresh"] = "true"  # what stands on the page has other places now
    return response


def ordered(conversation: Conversation, what: str) -> Response | BaseResponse:
    """One of orders.py. Raises what it is refused with."""
    order = orders.read(what, request.form, g.business.time_zone)
    done = bulk.act([conversation.id], me(), order.what, order.verb)
    if done.refusal:
        raise done.refusal
    response = _changed(conversation)
    if done.step is None:
        return response
    undo = url_for("bulk_actions.create_undo", step_id=done.step.id)
    if isinstance(response, Response) and web.is_htmx():
        return web.told(response, order.one, undo=undo)
    flash(order.one, "success")
    return response


def _changed(conversation: Conversation) -> Response | BaseResponse:
    if web.is_htmx() and _is_here(conversation):
        return _update(conversation)
    return _to(conversation)


def _is_here(conversation: Conversation) -> bool:
    """False when the address names one that was merged into this one."""
    return conversation.id == (request.view_args or {}).get("conversation_id")


def _to(conversation: Conversation) -> BaseResponse:
    return web.go("conversations.show", conversation_id=conversation.id)


def _drafts(conversation: Conversation) -> dict[str, Draft]:
    return Draft.of(conversation.id, current_user.id) if may(Permission.INBOX_REPLY) else {}


def _refused(conversation: Conversation, form: MessageForm, status: int = 422) -> Response:
    """With 409 somebody else was quicker: it may be sent all the same."""
    if web.is_htmx():
        return web.fragment(
            "conversations/_composer.html", status, **_about(conversation), form=form.with_new_key(),
            quoted=writing.quoted_by(conversation, form), drafts={}, is_overtaken=status == 409,
        )  # fmt: skip
    return page(conversation, form.with_new_key(), status, is_overtaken=status == 409)


conversations.add_app_template_filter(marked_text.sources, "sources")
conversations.add_app_template_filter(marked_text.pieces, "pieces")


@conversations.app_template_filter("clock")
def _clock(at: datetime) -> str:
    return dates.clock(at, g.business.time_zone)


@conversations.app_template_filter("exact")
def _exact(at: datetime) -> str:
    return dates.exact(at, g.business.time_zone)


@conversations.app_template_filter("moment_said")
def _moment_said(moment: str) -> str:
    """Of an event's details."""
    return later.in_words(datetime.fromisoformat(moment), now(), g.business.time_zone)


@conversations.app_template_filter("since")
def _since(at: datetime) -> str:
    return dates.since(at, now(), g.business.time_zone)


@conversations.app_template_filter("day")
def _day(at: datetime) -> str:
    zone = g.business.time_zone
    return dates.day_in_words(dates.local_date(at, zone), dates.local_date(now(), zone))


@conversations.app_template_filter("day_key")
def _day_key(at: datetime) -> str:
    return dates.local_date(at, g.business.time_zone).isoformat()


@conversations.app_template_global("expected_of")
def _expected_of(event: Message) -> str:
    """What the visitor was told to expect when a person was called."""
    hand_off = HandOff.begun_with(event)
    told = hand_off.summary.get("told") if hand_off else ""
    return told or _(speech.CALLED)
