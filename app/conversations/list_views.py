"""What stands around the inbox's list: what it is narrowed to, saved views, the keys."""

from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    g,
    has_request_context,
    request,
    url_for,
)
from flask_babel import gettext as _
from flask_login import current_user
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from app.businesses.models import Membership
from app.channels.models import Channel
from app.contacts.models import Tag
from app.conversations import chips, filters, inbox, keys, reading, saving
from app.conversations.filters import Filters
from app.conversations.lists import Row
from app.conversations.models import MAX_ID, Conversation, SavedView
from app.core import web
from app.core.access import Permission, may, requires
from app.core.errors import Invalid

lists = Blueprint("lists", __name__)

PAGES = ("conversations.index", "conversations.rows", "lists.narrow", "lists.save", "lists.change")


def current() -> Filters:
    """Of the page's address."""
    if "filters" not in g:
        g.filters = filters.read(request.args)
    return g.filters  # type: ignore[no-any-return]


@lists.app_url_defaults
def _stay_in_list(endpoint: str, values: dict[str, Any]) -> None:
    """From the list to a conversation and back what the list is narrowed to goes along by itself. Who gives
    a name of it, also as None, decides it alone."""
    if has_request_context() and _has_list(endpoint) and _has_list(request.endpoint or ""):
        if "filter_params" not in g:
            g.filter_params = current().params
        for name, value in g.filter_params.items():
            values.setdefault(name, value)


@lists.app_template_filter("alone")
def _alone(address: str) -> str:
    """Without the list: for addresses that a script adds to, or tells one conversation from another by."""
    return address.partition("?")[0]


def _has_list(endpoint: str) -> bool:
    if endpoint in PAGES:
        return True
    return current_app.url_map.is_endpoint_expecting(endpoint, "conversation_id")


def shown_list() -> dict[str, Any]:
    """For every page with the list. `selected_id` is the conversation beside it."""
    arguments, narrowed, zone = request.args, current(), g.business.time_zone
    before, through = arguments.get("before"), arguments.get("through")
    tallies = inbox.tallies(current_user.id, zone)
    g.shows_list = True
    return {
        "view": narrowed.view,
        "filters": narrowed,
        "labels": filters.VIEWS,
        "chips": chips.of(narrowed, zone),
        "tallies": tallies,
        "listing": inbox.listing(narrowed, current_user.id, zone, before, through),
        "selected_id": arguments.get("selected", type=int),
    }


@lists.get("/narrowing")
@requires(Permission.INBOX_READ)
def narrow() -> Response:
    """The form; sending it shows the list."""
    return web.page_or_fragment(
        "conversations/narrow.html",
        "conversations/_narrow.html",
        filters=current(),
        choices=filters,
        labels=filters.VIEWS,
        people=Membership.who_may(Permission.INBOX_REPLY),
        tags=Tag.all(),
        channels=["website", *Channel.kinds_in_use()],
    )


@lists.post("/<int:conversation_id>/unreading")
@requires(Permission.INBOX_READ)
def create_unreading(conversation_id: int) -> Response | BaseResponse:
    """Back to the list: what is looked at is read."""
    conversation = Conversation.in_inbox(conversation_id) or abort(404)
    reading.mark_unread(conversation, _me())
    return Response(status=204) if web.is_htmx() else web.go("conversations.index")


@lists.get("/keys")
@requires(Permission.INBOX_READ)
def show_keys() -> Response:
    return web.page_or_fragment(
        "conversations/keys.html", "conversations/_keys_dialog.html", groups=keys.GROUPS
    )


@lists.get("/views")
@requires(Permission.INBOX_READ)
def index() -> Response:
    return _views_page()


@lists.post("/views")
@requires(Permission.INBOX_REPLY)
def save() -> Response | BaseResponse:
    """What the address is narrowed to, under a name."""
    is_shared = "shared" in request.form
    _may_share(is_shared)
    try:
        view = saving.save(_me(), request.form.get("name", ""), current(), is_shared=is_shared)
    except Invalid as refusal:
        return _views_page(422, refusal, request.form.get("name", ""))
    return _to_list(view)


@lists.post("/views/<int:view_id>")
@requires(Permission.INBOX_REPLY)
def rename(view_id: int) -> Response | BaseResponse:
    view, typed = _load(view_id), request.form.get("name", "")
    try:
        saving.rename(view, typed)
    except Invalid as refusal:
        return _views_page(422, refusal, typed, view)
    flash(_("Saved."), "success")
    return web.go(".index")


@lists.post("/views/<int:view_id>/filters")
@requires(Permission.INBOX_REPLY)
def change(view_id: int) -> Response | BaseResponse:
    """It shows from now on what the address is narrowed to."""
    view = _load(view_id)
    saving.change(view, current())
    flash(_("“%(name)s” shows this list from now on.", name=view.name), "success")
    return _to_list(view)


@lists.post("/views/<int:view_id>/place")
@requires(Permission.INBOX_REPLY)
def move(view_id: int) -> Response | BaseResponse:
    saving.move(_load(view_id), _me(), down=request.form.get("to") == "down")
    return web.go(".index")


@lists.post("/views/<int:view_id>/deletion")
@requires(Permission.INBOX_REPLY)
def remove(view_id: int) -> Response | BaseResponse:
    """Safe to repeat."""
    view = SavedView.by_id(min(view_id, MAX_ID), current_user.id)
    if view is None:
        return web.go(".index")
    _may_share(view.is_shared)
    saving.remove(view)
    flash(
        _("“%(name)s” is deleted. The conversations in it are as they were.", name=view.name),
        "success",
    )
    return web.go(".index")


def _views_page(
    status: int = 200,
    refusal: Invalid | None = None,
    typed: str = "",
    refused: SavedView | None = None,
) -> Response:
    """`refused` is the view that keeps its name; without one a new one was refused."""
    return web.page(
        "conversations/saved_views.html",
        status,
        views=SavedView.of(current_user.id),
        filters=current(),
        chips_of=lambda shown: chips.of(shown, g.business.time_zone),
        read=filters.read,
        labels=filters.VIEWS,
        refusal=refusal,
        refused=refused,
        typed=typed,
    )


def _load(view_id: int) -> SavedView:
    view = SavedView.by_id(min(view_id, MAX_ID), current_user.id) or abort(404)
    _may_share(view.is_shared)
    return view


def _may_share(is_shared: bool) -> None:
    if is_shared and not may(Permission.SETTINGS_WRITE):
        abort(403)


def _to_list(view: SavedView) -> BaseResponse:
    return web.go_to(list_address(filters.read(view.filters).but(saved=view.id)))


def _me() -> Any:
    return current_user._get_current_object()


@lists.app_template_global("row_parts")
def _row_parts(rows: list[Row], selected_id: int | None) -> Markup:
    before, _number, after = url_for("conversations.show", conversation_id=0).partition("/inbox/0")
    link = (f"{before}/inbox/", after)
    me, selects = current_user.id, may(Permission.INBOX_REPLY)
    return web.parts(
        "conversations/_row.html",
        (
            {
                "row": row,
                "link": link,
                "selects": selects,
                "is_mine": row.assignee_id in (None, me),
                "is_selected": row.id == selected_id,
            }
            for row in rows
        ),
    )


@lists.app_template_global("list_address")
def list_address(shown: Filters) -> str:
    """Of a list that is narrowed to this. Each page has a dozen of them."""
    if "list_address" not in g:
        g.list_address = url_for("conversations.index", **dict.fromkeys(filters.NAMES))
    return f"{g.list_address}?{shown.query}"


@lists.app_template_global("view_label")
def _view_label(name: str) -> str:
    return str(filters.VIEWS[name])


@lists.app_template_global("view_address")
def _view_address(name: str) -> str:
    """Narrowed to nothing."""
    return list_address(Filters(view=name))


@lists.app_template_filter("person_option")
def _option(named: Any) -> tuple[int, str]:
    """Of a member or a tag."""
    return named.id, named.name


@lists.app_template_filter("channel_option")
def _channel_option(kind: str) -> tuple[str, str]:
    return kind, chips.CHANNELS.get(kind, kind)
