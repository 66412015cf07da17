"""Pages and fragments: the only reader of HX-* headers, the only namer of elements that change."""

import hashlib
import json
import re
import secrets
from collections.abc import Hashable, Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import (
    Flask,
    Response,
    abort,
    current_app,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
    send_from_directory,
    url_for,
)
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from markupsafe import Markup
from werkzeug.datastructures import Headers
from werkzeug.wrappers import Response as BaseResponse

from app.core.translating import language

ASSET_SECONDS = 365 * 24 * 3600  # the URL changes with the content


def is_htmx() -> bool:
    return bool(request.headers.get("HX-Request")) and not request.headers.get(
        "HX-History-Restore-Request"
    )


def page(template: str, status: int = 200, **context: Any) -> Response:
    return make_response(render_template(template, **context), status)


fragment = page


PARTS_KEPT = 1000  # some two KB each


def part(template: str, **values: Hashable) -> Markup:
    """Of a page, when many show it alike: rendered once for the same values. It may depend on nothing else but the
    language and the business of the address."""
    return parts(template, [values])


def parts(template: str, several: Iterable[Mapping[str, Hashable]]) -> Markup:
    """One after the other, as part()."""
    render = _part.__wrapped__ if current_app.jinja_env.auto_reload else _part
    spoken, slug = language(), g.get("slug")
    each = (render(template, spoken, slug, tuple(values.items())) for values in several)
    return Markup("".join(each))  # noqa: S704  each is Markup


@lru_cache(maxsize=PARTS_KEPT)
def _part(
    template: str, _language: str, _slug: str | None, values: tuple[tuple[str, Hashable], ...]
) -> Markup:
    rendered = current_app.jinja_env.get_template(template).render(dict(values))
    return Markup(rendered)  # noqa: S704  a template's, which escapes


def page_or_fragment(
    page_template: str, fragment_template: str, status: int = 200, **context: Any
) -> Response:
    """One URL, two renderings: the address bar gets the page that includes what htmx gets alone."""
    response = page(fragment_template if is_htmx() else page_template, status, **context)
    response.headers["Vary"] = "HX-Request"
    return response


def go(endpoint: str, **values: Any) -> BaseResponse:
    """After success: on to another page, with and without htmx."""
    return go_to(url_for(endpoint, **values))


def go_to(target: str) -> BaseResponse:
    if is_htmx():
        return Response(status=204, headers={"HX-Redirect": target})
    return redirect(target, 303)


def told(
    response: Response, message: str, *events: str, kind: str = "success", undo: str = ""
) -> Response:
    """With a toast, and with events that listening elements refresh themselves on. `undo` is where a POST
    takes it back: the toast offers it."""
    triggers: dict[str, Any] = {event: {} for event in events}
    triggers["toast"] = {"message": str(message), "kind": kind} | ({"undo": undo} if undo else {})
    response.headers["HX-Trigger"] = json.dumps(triggers)  # ASCII, as a header must be
    return response


def flash_told(message: str, *, undo: str = "") -> None:
    """As told(), on the page that comes next."""
    flash({"message": str(message), "undo": undo} if undo else str(message), "success")  # type: ignore[arg-type]


# What browsers read as a slash, or drop before they read: `/\evil.example` and `/\t/evil.example`.
_LEADS_AWAY = re.compile(r"//|.*[\\\x00-\x1f\x7f]", re.S)


def local_target(target: str | None) -> str | None:
    """A `next` that stays on this site, or None: `//evil.example` and `https:` lead away."""
    if not target or not target.startswith("/") or _LEADS_AWAY.match(target):
        return None
    return target


def dom_id(record: Any, prefix: str = "") -> str:
    """`message_12`: the one way to name an element that changes."""
    name = f"{record.__tablename__.removesuffix('s')}_{record.id}"
    return f"{prefix}_{name}" if prefix else name


def csp_nonce() -> str:
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(dom_id=dom_id, csp_nonce=csp_nonce, asset=asset, part=part)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.add_url_rule("/assets/<fingerprint>/<path:path>", "assets", _send_asset)
    app.view_functions["assets"].is_public = True  # type: ignore[union-attr]
    app.after_request(_secure)
    app.session_interface = PrivateSessions()


class PrivateSessions(SecureCookieSessionInterface):
    """A file that everybody may keep carries nobody's session: a cache in between would hand it on."""

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if not response.cache_control.public:
            super().save_session(app, session, response)


def asset(path: str) -> str:
    """A static file's address with its fingerprint, to be kept for a year."""
    file = f"{current_app.static_folder}/{path}"
    changed = 0 if current_app.config["ENV"] == "production" else Path(file).stat().st_mtime_ns
    return f"/assets/{_fingerprint(file, changed)}/{path}"


@lru_cache(maxsize=512)
def _fingerprint(file: str, _changed: int) -> str:
    return hashlib.sha256(Path(file).read_bytes()).hexdigest()[:12]


def _send_asset(fingerprint: str, path: str) -> Response:  # noqa: ARG001
    if current_app.static_folder is None:
        abort(404)
    response = send_from_directory(current_app.static_folder, path, max_age=ASSET_SECONDS)
    response.cache_control.public = True
    response.cache_control.immutable = True
    for name in NEEDLESS:
        response.headers.pop(name, None)
    return _compressed(response, path)


# Its address changes with its content and it has an ETag: thirty files with these would weigh 5 KB in a first visit.
NEEDLESS = ("Content-Disposition", "Last-Modified", "Expires", "Accept-Ranges")
COMPRESSIBLE = (".css", ".js", ".svg", ".html")


def _compressed(response: Response, path: str) -> Response:
    if not path.endswith(COMPRESSIBLE) or "gzip" not in request.headers.get("Accept-Encoding", ""):
        return response
    if response.status_code != 200:
        return response
    response.direct_passthrough = False
    response.set_data(_gzipped(response.get_data()))
    response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    return response


@lru_cache(maxsize=256)
def _gzipped(data: bytes) -> bytes:
    import gzip

    return gzip.compress(data, 9, mtime=0)


# A page of ours runs our scripts alone and stands in nobody's frame; the widget's frame sets its own.
POLICY = (
    "default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; frame-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)


# A part of a page obeys the page's policy. Thirty parts with one each would weigh 20 KB in a first visit.
PARTS = {"text/css", "text/javascript", "font/woff2"}


def _secure(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("X-Content-Type-Options", "nosniff")
    if response.mimetype not in PARTS:
        _set_policies(headers)
    if request.is_secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    if response.mimetype == "text/html":
        headers.setdefault("Cache-Control", "no-store")
        _compress_page(response)
    return response


def _set_policies(headers: Headers) -> None:
    if "Content-Security-Policy" not in headers:
        headers["Content-Security-Policy"] = POLICY.format(nonce=csp_nonce())
    headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
    headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")


MIN_COMPRESSED_BYTES = 1024


def _compress_page(response: Response) -> None:
    accepts = "gzip" in request.headers.get("Accept-Encoding", "")
    if not accepts or response.is_streamed or response.direct_passthrough:
        return
    data = response.get_data()
    if len(data) < MIN_COMPRESSED_BYTES or "Content-Encoding" in response.headers:
        return
    import gzip

    # A secret beside attacker-chosen text must not be guessable by length (BREACH): the CSRF token is
    # masked anew in each page by Flask-WTF's signing time stamp, so its compressed form tells nothing.
    response.set_data(gzip.compress(data, 5, mtime=0))
    response.headers["Content-Encoding"] = "gzip"
    response.headers.add("Vary", "Accept-Encoding")
