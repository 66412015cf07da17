"""The palette of Ctrl-K: where one can go from any page. What can be done there it reads from the page; contacts and
conversations come from the search."""

from typing import Any, NamedTuple

from flask import Blueprint, Response, current_app, url_for
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from app.conversations.filters import VIEWS, Filters, read
from app.conversations.list_views import list_address
from app.conversations.models import SavedView
from app.core import web
from app.core.access import Permission, may
from app.pages import shell

palette = Blueprint("palette", __name__)

SEARCH = "searching.palette"
# (label, icon, endpoint, permission), beside the areas and their tabs
PLACES = (
    (_l("Callbacks"), "phone", "callbacks.index", Permission.INBOX_READ),
    (_l("Resolved by the assistant"), "sparkles", "ledger.index", Permission.INBOX_READ),
    (_l("Ratings"), "thumbs-up", "ratings.index", Permission.INBOX_READ),
    (_l("Saved views"), "list-checks", "lists.index", Permission.INBOX_READ),
    (_l("Keyboard shortcuts"), "circle-question-mark", "lists.show_keys", Permission.INBOX_READ),
    (_l("Channels"), "message-circle", "channels.index", Permission.SETTINGS_READ),
    (_l("Opening hours"), "clock", "business.hours", Permission.SETTINGS_READ),
    (_l("Business profile"), "store", "business.profile", Permission.SETTINGS_READ),
    (_l("Automations"), "list-checks", "automations.index", Permission.SETTINGS_READ),
    (_l("Macros"), "list-checks", "macros.index", Permission.INBOX_READ),
    (_l("Hand-off"), "hand", "hand_off.show", Permission.SETTINGS_READ),
    (_l("Failed work"), "triangle-alert", "settings.failed_jobs", Permission.SETTINGS_READ),
)


class Place(NamedTuple):
    label: str
    icon: str
    url: str


@palette.get("/")
def show() -> Response:
    """For any member: each sees what they may open."""
    views = _views() if may(Permission.INBOX_READ) else []
    search = url_for(SEARCH) if SEARCH in current_app.view_functions else ""
    return web.fragment("palette/show.html", places=_places(), views=views, search=search)


def _views() -> list[Place]:
    own = [Place(label, "inbox", list_address(Filters(view=name))) for name, label in VIEWS.items()]
    saved = SavedView.of(current_user.id)
    return own + [
        Place(view.name, "tag", list_address(read(view.filters).but(saved=view.id)))
        for view in saved
    ]


def _places() -> list[Place]:
    tabs: list[Any] = [
        *((label, "book-open", endpoint, Permission.KNOWLEDGE_READ) for label, endpoint in shell.KNOWLEDGE_TABS),
        *((label, "sparkles", endpoint, permission) for label, endpoint, permission in shell.ASSISTANT_TABS),
    ]  # fmt: skip
    return [
        Place(label, icon, url_for(endpoint))
        for label, icon, endpoint, permission in (*shell.AREAS, *PLACES, *tabs)
        if may(permission) and endpoint in current_app.view_functions
    ]
