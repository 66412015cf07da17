"""What is done to all conversations that are selected, and taking the last thing back."""

from flask import Blueprint, Response, abort, flash, g, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as BaseResponse

from app.conversations import bulk, orders, undoing
from app.conversations.asked import me
from app.conversations.bulk import Done
from app.conversations.models import MAX_ID
from app.conversations.orders import Order
from app.conversations.panels import TITLES, Panel
from app.core import web
from app.core.access import Permission, requires

bulk_actions = Blueprint("bulk_actions", __name__)

MOST_NAMED = 3


@bulk_actions.post("/bulk/<what>")
@requires(Permission.INBOX_REPLY)
def create(what: str) -> Response | BaseResponse:
    order = orders.read(what, request.form, g.business.time_zone)
    found = request.form.getlist("conversation_id", type=int)
    ids = sorted({each for each in found if 0 < each <= MAX_ID})
    done = bulk.act(ids, me(), order.what, order.verb)
    undo = url_for(".create_undo", step_id=done.step.id) if done.step else ""
    return _told(_said(order, done), undo=undo, is_whole=not done.refused)


@bulk_actions.get("/bulk/<name>")
@requires(Permission.INBOX_REPLY)
def panel(name: str) -> Response:
    if name not in TITLES:
        abort(404)
    return web.page_or_fragment(
        "conversations/panel.html",
        "conversations/_panel.html",
        conversation=None,
        panel=Panel(name, g.business.time_zone),
    )


@bulk_actions.post("/undo/<int:step_id>")
@requires(Permission.INBOX_REPLY)
def create_undo(step_id: int) -> Response | BaseResponse:
    count, changed = undoing.undo(step_id, me())
    words = (
        gettext("It is as it was.")
        if count == 1
        else gettext("%(count)s conversations are as they were.", count=count)
    )
    if changed:
        words = gettext("Changed since, so left as it is: %(names)s.", names=_names(changed)) + (
            f" {words}" if count else ""
        )
    return _told(words, is_whole=not changed)


def _said(order: Order, done: Done) -> str:
    words = [order.said(done.count)] if done.count else []
    for why in dict.fromkeys(why for _, why in done.refused):
        words.append(
            gettext(
                "Not %(names)s: %(why)s",
                names=_names([name for name, each in done.refused if each == why]),
                why=why,
            )
        )
    return " ".join(words) or gettext("These conversations aren’t there any more.")


def _names(names: list[str]) -> str:
    more = len(names) - MOST_NAMED
    shown = ", ".join(names[:MOST_NAMED])
    return gettext("%(names)s and %(more)s more", names=shown, more=more) if more > 0 else shown


def _told(words: str, *, undo: str = "", is_whole: bool = True) -> Response | BaseResponse:
    kind = "success" if is_whole else "warning"
    if web.is_htmx():
        return web.told(Response(status=204), words, "bulk:done", "inbox", kind=kind, undo=undo)
    flash(words, kind)
    return web.go("conversations.index")
