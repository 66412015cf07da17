"""The browsers that a member is told in, and the script that such a browser keeps."""

import re
from pathlib import Path

from flask import Blueprint, Response, abort, current_app, flash, jsonify, request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.core import web
from app.core.access import Permission, public, requires
from app.core.errors import Invalid
from app.extensions import db
from app.notifications import pushing
from app.notifications.models import PushSubscription

push = Blueprint("push", __name__)
worker = Blueprint("worker", __name__)

MAX_ID = 2**63 - 1
# By their mark in what a browser says of itself, the one that others pretend to be last.
BROWSERS = {
    "Edge": "Edg/", "Opera": "OPR/", "Samsung Internet": "SamsungBrowser/", "Firefox": "Firefox/",
    "Chrome": "Chrome/", "Safari": "Safari/",
}  # fmt: skip
SYSTEM = re.compile(r"iPhone|iPad|Android|Windows|Mac OS|CrOS|Linux(?!.*Android)")


@worker.get("/sw.js")
@public
def script() -> BaseResponse:
    """At the top, so that it may serve the pages of a business. Browsers ask for it anew at each start."""
    text = Path(current_app.static_folder or "", "js/sw.js").read_bytes()
    response = Response(text, content_type="text/javascript; charset=utf-8")
    response.cache_control.no_cache = True
    response.add_etag()
    return response.make_conditional(request)


@push.post("/")
@requires(Permission.SETTINGS_READ)
def create() -> tuple[Response, int] | Response:
    try:
        pushing.subscribe(current_user.id, request.get_json(silent=True), _browser())
    except Invalid as refusal:
        return jsonify(message=refusal.message), 422
    flash(_("Added. Try it with Test."), "success")
    return jsonify(), 201


@push.post("/<int:subscription_id>/test")
@requires(Permission.SETTINGS_READ)
def test(subscription_id: int) -> BaseResponse:
    pushing.ask_test(_load(subscription_id))
    flash(_("On its way: it should be there in a few seconds."), "success")
    return web.go("notification_settings.show")


@push.post("/<int:subscription_id>/deletion")
@requires(Permission.SETTINGS_READ)
def delete(subscription_id: int) -> BaseResponse:
    db.session.delete(_load(subscription_id))
    flash(_("Removed: this browser tells you nothing any more."), "success")
    return web.go("notification_settings.show")


def _load(subscription_id: int) -> PushSubscription:
    found = PushSubscription.by_id(subscription_id) if subscription_id <= MAX_ID else None
    if found is None or found.user_id != current_user.id:
        abort(404)
    return found


def _browser() -> str:
    """“Firefox on Windows”: enough to know one's own again."""
    agent = request.user_agent.string
    name = next((each for each, mark in BROWSERS.items() if mark in agent), _("A browser"))
    system = SYSTEM.search(agent)
    return _("%(browser)s on %(system)s", browser=name, system=system[0]) if system else name
