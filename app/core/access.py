"""Who may do what. Every view wants a login unless it says @public, and a permission where it names one.

The door to a business (app/businesses/doors.py) puts the member of the URL's business on `g.member`
before a view runs; somebody else's business is a 404, a missing permission a 403.
"""

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Any, TypeVar

from flask import Flask, abort, current_app, g, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

View = TypeVar("View", bound=Callable[..., Any])


class Permission(StrEnum):
    INBOX_READ = "inbox:read"
    INBOX_REPLY = "inbox:reply"
    CONTACTS_READ = "contacts:read"
    CONTACTS_WRITE = "contacts:write"
    CONTACTS_DELETE = "contacts:delete"
    CONTACTS_EXPORT = "contacts:export"
    KNOWLEDGE_READ = "knowledge:read"
    KNOWLEDGE_WRITE = "knowledge:write"
    SETTINGS_READ = "settings:read"
    SETTINGS_WRITE = "settings:write"


class Role(StrEnum):
    OWNER = "owner"
    MANAGER = "manager"
    AGENT = "agent"
    ACCOUNTANT = "accountant"
    VIEWER = "viewer"


_READS = {
    Permission.INBOX_READ,
    Permission.CONTACTS_READ,
    Permission.KNOWLEDGE_READ,
    Permission.SETTINGS_READ,
}

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.OWNER: frozenset(Permission),
    Role.MANAGER: frozenset(Permission),
    Role.AGENT: frozenset(_READS | {Permission.INBOX_REPLY, Permission.CONTACTS_WRITE}),
    Role.ACCOUNTANT: frozenset({Permission.SETTINGS_READ, Permission.CONTACTS_READ}),
    Role.VIEWER: frozenset(_READS),
}


def public(view: View) -> View:
    """No login: this view decides for itself whom it answers."""
    view.is_public = True  # type: ignore[attr-defined]
    return view


def requires(permission: Permission) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if not may(permission):
                abort(403)
            return view(*args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return decorate


def may(permission: Permission) -> bool:
    member = g.get("member")
    return member is not None and permission in PERMISSIONS[Role(member.role)]


def init_app(app: Flask) -> None:
    app.before_request(_require_login)
    app.context_processor(lambda: {"may": may, "Permission": Permission})


def _require_login() -> Response | None:
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None or request.endpoint == "static" or getattr(view, "is_public", False):
        return None
    if current_user.is_authenticated:
        return None
    return to_login()


def to_login() -> Response:
    """To the log-in page, and from there back to where one was."""
    wanted = request.full_path if request.method == "GET" else request.referrer or ""
    target = url_for("accounts.login", next=wanted.rstrip("?") if wanted.startswith("/") else None)
    if request.headers.get("HX-Request"):
        return Response(status=401, headers={"HX-Redirect": target})
    return redirect(target, 303)
