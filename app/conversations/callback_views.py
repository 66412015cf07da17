"""Callbacks: who wants to be called or written back, done, and undone."""

from flask import Blueprint, Response, abort, flash, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.conversations import callbacks as services
from app.conversations.models import Callback
from app.core import web
from app.core.access import Permission, requires

callbacks = Blueprint("callbacks", __name__)

MOST = 200  # of a list; the oldest of what is open come first


@callbacks.get("/")
@requires(Permission.INBOX_READ)
def index() -> Response:
    is_done = request.args.get("show") == "done"
    return web.page_or_fragment(
        "callbacks/index.html",
        "callbacks/_rows.html",
        is_done=is_done,
        rows=Callback.listed(is_done=is_done, limit=MOST),
        open_count=Callback.open_count(),
    )


@callbacks.post("/<int:callback_id>/done")
@requires(Permission.INBOX_REPLY)
def create_done(callback_id: int) -> Response | BaseResponse:
    callback = _load(callback_id)
    services.finish(callback, current_user._get_current_object())
    who = callback.name or callback.conversation.title
    return _told(
        _("%(who)s is done.", who=who), undo=url_for(".delete_done", callback_id=callback.id)
    )


@callbacks.post("/<int:callback_id>/undo")
@requires(Permission.INBOX_REPLY)
def delete_done(callback_id: int) -> Response | BaseResponse:
    callback = _load(callback_id)
    services.reopen(callback)
    return _told(_("It is open again."))


def _told(message: str, undo: str = "") -> Response | BaseResponse:
    if web.is_htmx():
        return web.told(Response(status=200), message, "inbox", undo=undo)
    flash(message, "success")
    return web.go(".index")


def _load(callback_id: int) -> Callback:
    return Callback.by_id(callback_id) or abort(404)
