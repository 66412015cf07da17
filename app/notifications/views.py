"""What a member was told of, and the bell that counts it."""

from flask import Blueprint, Response, abort, g, request
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.core import web
from app.core.access import Permission, requires
from app.notifications import following, notifying, places, replying  # noqa: F401  who follows is known by its import
from app.notifications.models import Notification

notifications = Blueprint("notifications", __name__)

MOST = 40  # on a page
MAX_ID = 2**63 - 1


@notifications.get("/")
@requires(Permission.SETTINGS_READ)
def index() -> Response:
    """Every member's own."""
    before = request.args.get("before", type=int)
    if before is not None and not 0 < before <= MAX_ID:
        abort(400)
    rows = Notification.listed(current_user.id, MOST + 1, before)
    return web.page_or_fragment(
        "notifications/index.html", "notifications/_rows.html",
        rows=rows[:MOST], has_more=len(rows) > MOST, before=before, path=_path, headline=places.headline,
        unread=Notification.unread_count(current_user.id),
    )  # fmt: skip


@notifications.get("/bell")
@requires(Permission.SETTINGS_READ)
def bell() -> Response:
    return web.fragment("notifications/_bell.html")


@notifications.post("/read")
@requires(Permission.SETTINGS_READ)
def read_all() -> BaseResponse:
    notifying.read_all(current_user.id)
    return web.go(".index")


@notifications.post("/<int:notification_id>/read")
@requires(Permission.SETTINGS_READ)
def read_one(notification_id: int) -> BaseResponse:
    is_theirs = notification_id <= MAX_ID and notifying.read_one(notification_id, current_user.id)
    if not is_theirs:
        abort(404)
    return web.go(".index")


@notifications.app_context_processor
def _bell() -> dict[str, object]:
    """For the one page that shows it: counted when a template asks."""
    return {"bell_count": lambda: Notification.unread_count(current_user.id)}


def _path(about: str) -> str:
    return places.path(g.business.slug, about)
