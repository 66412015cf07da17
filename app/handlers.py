"""Errors as pages, fragments or JSON; and who is logged in."""

import logging

from flask import Flask, Response, current_app, g, jsonify, redirect, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_limiter import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestEntityTooLarge
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.models import User
from app.businesses.models import Membership
from app.core import access, unit_of_work, web
from app.core.errors import FrontdeskError
from app.core.translating import spoken
from app.extensions import db, login

logger = logging.getLogger(__name__)

PLAIN = {
    400: _l("Something in this request was not right. Go back and try again."),
    403: _l("Your role in this business doesn’t include this. Ask its owner."),
    404: _l("There is nothing here, or it isn’t yours to see."),
    405: _l("This address can’t be used that way."),
    413: _l("This is too large."),
    429: _l("That was a lot of tries. Wait a minute, then try again."),
    500: _l("Something went wrong on our side. Nothing you saved is lost. Try again in a moment."),
    503: _l("We are very busy just now. Try again in a moment."),
}
RETRY_SECONDS = 5  # when we are busy, or a part of us is being started again
MAX_DRAIN_BYTES = 2 * 1024**3


def init_app(app: Flask) -> None:
    app.register_error_handler(FrontdeskError, _told)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(RequestEntityTooLarge, _too_large)
    app.register_error_handler(RateLimitExceeded, _limited)
    app.register_error_handler(OperationalError, _busy)
    app.register_error_handler(PoolTimeout, _busy)
    app.register_error_handler(DataError, _odd)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)
    login.user_loader(_load_user)
    login.unauthorized_handler(access.to_login)


def _load_user(user_id: str) -> User | None:
    """With their place in the business of the address, in one question."""
    if not user_id.isdigit():
        return None
    found = Membership.enter(int(user_id), g.slug) if g.get("slug") else None
    user = found.user if found else db.session.get(User, int(user_id))
    g.found_member, g.members_language = found, user and user.language
    return user


def _told(error: FrontdeskError) -> Response:
    return answer(error.status, error.code, spoken(error.message))


def _csrf(_error: CSRFError) -> Response | BaseResponse:
    message = _(
        "This page was open for too long. Reload it and try again; what you typed is still here."
    )
    return answer(400, "csrf", message)


def _limited(error: RateLimitExceeded) -> Response:
    response = answer(429, "too_many_requests", PLAIN[429])
    response.headers.setdefault("Retry-After", str(int(error.limit.limit.get_expiry())))
    return response


def _too_large(_error: RequestEntityTooLarge) -> Response:
    """Read what is still coming: a browser shows our answer only after it has sent everything."""
    left = MAX_DRAIN_BYTES
    while left > 0:
        piece = request.environ["wsgi.input"].read(min(left, 1024 * 1024))
        if not piece:
            break
        left -= len(piece)
    return answer(413, "too_large", PLAIN[413])


def _busy(error: Exception) -> Response:
    logger.exception("the database is away or full", exc_info=error)
    return answer(503, "busy", PLAIN[503])


def _odd(error: DataError) -> Response:
    """A character or number that the database can't hold, which no browser sends by itself."""
    logger.warning("refused by the database: %s", error.orig)
    return answer(400, "bad_request", PLAIN[400])


def _http(error: HTTPException) -> Response | BaseResponse:
    code = error.code or 500
    if 300 <= code < 400:
        return redirect(error.get_response().headers["Location"], code)
    response = answer(code, error.name.lower().replace(" ", "_"), PLAIN.get(code, error.name))
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.allow.update(error.valid_methods)
    return response


def _unexpected(error: Exception) -> Response:
    logger.exception("unexpected error", exc_info=error)
    return answer(500, "internal", PLAIN[500])


def answer(status: int, code: str, message: str) -> Response:
    """In the form the asker reads: JSON for the widget, providers and programs, a toast for htmx, else a page."""
    unit_of_work.rollback()
    response = _answer(status, code, str(message))
    if status == 503:
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def _answer(status: int, code: str, message: str) -> Response:
    if (
        request.path.startswith(("/w/", "/hooks/"))
        or request.accept_mimetypes.best == "application/json"
    ):
        response = jsonify(error={"code": code, "message": message})
        response.status_code = status
        return response
    return _page(status, message)


def _page(status: int, message: str) -> Response:
    """The page of this status, or one that says the message; htmx shows its words as a toast."""
    own = f"errors/{status}.html"
    has_own = message == PLAIN.get(status) and own in current_app.jinja_env.list_templates()
    try:
        return web.page(own if has_own else "errors/told.html", status, message=message)
    except Exception:
        logger.exception("the error page failed")
        return Response(message, status, mimetype="text/plain")
