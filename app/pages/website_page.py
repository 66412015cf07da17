"""Settings → Website chat → Your chat page: the link and its QR code, for people without a website."""

import io

from flask import Response, abort, current_app, g, make_response, url_for

from app.channels.models import Channel
from app.channels.website import WebsiteSettings
from app.core import translating, web
from app.core.access import Permission, requires
from app.pages.settings import settings

POINTS = 20  # of a picture for a module of the code: sharp on a poster


@settings.get("/website/page")
@requires(Permission.SETTINGS_READ)
def chat_page() -> Response:
    return web.page("pages/website_page.html", address=address(), is_open=_is_open())


@settings.get("/website/page/print")
@requires(Permission.SETTINGS_READ)
def print_chat_page() -> Response:
    """It hangs where customers read it, so it speaks the chat's language if that has one."""
    if said := WebsiteSettings.of(Channel.of_kind("website")).language:
        translating.speak(said)
    return web.page("pages/website_sheet.html", address=address(), business=g.business)


@settings.get("/website/page/code.<kind>")
@requires(Permission.SETTINGS_READ)
def chat_page_code(kind: str) -> Response:
    import segno

    if kind not in ("svg", "png"):
        abort(404)
    out = io.BytesIO()
    code = segno.make(address(), error="m", micro=False)
    if kind == "svg":
        code.save(
            out, kind="svg", border=4, scale=POINTS, xmldecl=False, light="#fff", omitsize=True
        )
    else:
        code.save(out, kind="png", border=4, scale=POINTS)
    response = make_response(out.getvalue())
    response.mimetype = "image/svg+xml" if kind == "svg" else "image/png"
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    )
    return response


def address() -> str:
    return f"{current_app.config['PUBLIC_URL']}{url_for('hosted.show', name=g.business.slug)}"


def _is_open() -> bool:
    return WebsiteSettings.of(Channel.of_kind("website")).hosted
