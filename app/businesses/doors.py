"""The dashboard's door: the business comes from the URL, its member must be the one logged in."""

from typing import Any

from flask import Flask, abort, g, request
from flask_login import current_user

from app.businesses.models import Membership
from app.core import tenancy


def init_app(app: Flask) -> None:
    app.before_request(_enter)
    app.url_value_preprocessor(_take_slug)
    app.url_defaults(_give_slug)


def _take_slug(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    g.slug = (values or {}).pop("business_slug", None)


def _give_slug(endpoint: str, values: dict[str, Any]) -> None:
    """Links inside a business stay inside it."""
    from flask import current_app

    if g.get("slug") and current_app.url_map.is_endpoint_expecting(endpoint, "business_slug"):
        values.setdefault("business_slug", g.slug)


def _enter() -> None:
    if g.get("slug") is None or request.endpoint is None or not current_user.is_authenticated:
        return
    found = g.get("found_member")  # with the login (app/handlers.py), which has come in by itself
    g.member = found or Membership.of(current_user.id, g.slug)
    if g.member is None:
        abort(404)  # not 403: a neighbour doesn't learn which businesses exist
    g.business = g.member.business
    tenancy.enter_scope(g.business.id, is_in=found is not None)
