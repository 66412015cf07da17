"""The front page, and what a deployer's monitor asks."""

from flask import Blueprint, Response, jsonify
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.businesses.models import Membership
from app.core import web
from app.core.access import public
from app.extensions import limiter
from app.pages import health

pages = Blueprint("pages", __name__)


@pages.get("/")
@public
def home() -> Response | BaseResponse:
    if not current_user.is_authenticated:
        return web.go("accounts.login")
    memberships = Membership.all_of(current_user.id)
    if not memberships:
        return web.page("pages/no_business.html")
    return web.go("dashboard.start", business_slug=memberships[0].business.slug)


@pages.get("/healthz")
@public
@limiter.exempt
def healthz() -> Response:
    """This process is alive."""
    return jsonify(status="ok")


@pages.get("/readyz")
@public
@limiter.exempt
def readyz() -> Response:
    """Everything that an answer needs: the database, Redis, migrations, a worker and a clock."""
    checks = health.checks()
    is_ready = all(check == "ok" for check in checks.values())
    response = jsonify(
        status="ok" if is_ready else "not ready", checks=checks, notes=health.notes()
    )
    response.status_code = 200 if is_ready else 503
    return response
