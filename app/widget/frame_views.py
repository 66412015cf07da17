"""What goes over the wire to a business's page: the loader, the frame and its files."""

import hashlib
from typing import cast
from urllib.parse import urlencode

from flask import Response, abort, current_app, g, make_response, request, url_for

from app.channels import pictures
from app.channels.adapters import MOST_OWN_BYTES
from app.channels.website import WebsiteSettings
from app.conversations import services as conversations
from app.conversations import visitor_files
from app.core import translating
from app.core.access import public
from app.core.web import csp_nonce, page
from app.widget import content, loader, seen, sites, speaking, visit
from app.widget.door import widget
from app.widget.shown import Shown

LOADER_SECONDS = 300  # an owner who changes the colour sees it within minutes
ASSET_SECONDS = 365 * 24 * 3600  # the address changes with the content

POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
    "img-src 'self' data: blob:; media-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors {ancestors}"
)


@widget.get("/loader.js")
@public
def loader_js() -> Response:
    if g.channel.is_preview:
        return _preview_loader()
    seen.note(g.channel, request.referrer or "")
    # Not the Host header's address: a cache may keep this answer for everybody.
    base = current_app.config["PUBLIC_URL"] + url_for(".frame")
    response = make_response(loader.script(Shown.of(g.channel), base))
    response.mimetype = "text/javascript"
    response.cache_control.public = True
    response.cache_control.max_age = LOADER_SECONDS
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.set_etag(hashlib.sha256(response.get_data()).hexdigest()[:16], weak=True)
    return _compressed(cast(Response, response.make_conditional(request)))


def _preview_loader() -> Response:
    """For the dashboard, by whatever name its member came; of what is typed at this moment."""
    draft_id = request.args.get("draft", "")
    base = request.host_url.rstrip("/") + url_for(".frame")
    query = f"?{urlencode({'draft': draft_id})}" if draft_id else ""
    response = make_response(loader.script(Shown.of(g.channel, draft_id), base, query))
    response.mimetype = "text/javascript"
    response.cache_control.no_store = True
    return response


@widget.get("")
@public
def frame() -> Response:
    shown = Shown.of(g.channel, request.args.get("draft", ""))
    is_hosted = "hosted" in request.args
    language = speaking.of_page(shown.settings, by_link=is_hosted)
    translating.speak(language)
    present = visit.present(shown.settings)
    response = page(
        "frame.html",
        channel=g.channel,
        origin=sites.plain_origin(request.args.get("origin", "")),
        is_hosted=is_hosted,
        colours=shown.colours,
        told=shown.told(language)
        | {"words": speaking.words(language), "closed": present.is_closed},
        hours=present,
        asked=visit.asked(shown.settings, is_closed=present.is_closed),
        picture=shown.settings.avatar_sha256,
        questions=content.questions(shown.settings),
        limit=conversations.MAX_MESSAGE_CHARACTERS,
        accept=visitor_files.ACCEPT,
        most_bytes=MOST_OWN_BYTES,
        file=file_url,
    )
    ancestors = sites.frame_ancestors(g.channel, is_hosted=shown.settings.hosted)
    policy = POLICY.format(nonce=csp_nonce(), ancestors=ancestors)
    response.headers["Content-Security-Policy"] = policy
    return response


@widget.get("/assets/<version>/<path:name>")
@public
def asset(version: str, name: str) -> Response:
    if name not in loader.FILES or version != loader.version():
        abort(404)
    response = make_response(loader.packed(name))
    response.mimetype = "text/css" if name.endswith(".css") else "text/javascript"
    if name == loader.PANEL:  # a module that the business's page imports
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.cache_control.immutable = True
    _keep_for_a_year(response)
    return _compressed(response)


@widget.get("/picture/<sha256>")
@public
def picture(sha256: str) -> Response:
    """The business's own, in the chat's head. Its bytes were checked when it came, and are again."""
    found = pictures.of(g.channel, sha256) or abort(404)
    response = make_response(found.data)
    response.mimetype = found.mime
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    _keep_for_a_year(response)
    return response


@widget.get("/sources/<int:chunk_id>")
@public
def source(chunk_id: int) -> Response:
    """What an answer quoted, in its place. Open to whoever has the link, as the answer was."""
    translating.speak(speaking.of_page(WebsiteSettings.of(g.channel), by_link=True))
    passage = content.passage(chunk_id)
    status = 200 if passage else 404
    return page("widget/source.html", status, channel=g.channel, passage=passage, file=file_url)


def _keep_for_a_year(response: Response) -> None:
    response.cache_control.public = True
    response.cache_control.max_age = ASSET_SECONDS


def file_url(name: str) -> str:
    return url_for(".asset", version=loader.version(), name=name)


def _compressed(response: Response) -> Response:
    response.vary.add("Accept-Encoding")
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        response.set_data(loader.gzipped(response.get_data()))
        response.headers["Content-Encoding"] = "gzip"
    return response
