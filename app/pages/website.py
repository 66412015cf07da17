"""Settings → Website chat: how it looks, what it says, where it may stand; with a preview of what is typed."""

from typing import Any

from flask import Response, flash, jsonify, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from app.channels import pictures, website_drafts
from app.channels import services as channels
from app.channels.models import Channel
from app.channels.website import WebsiteSettings
from app.channels.website_texts import BUILT_IN
from app.core import web
from app.core.access import Permission, requires
from app.core.errors import Invalid
from app.lib.colour import contrast, ink_on
from app.pages import website_page, website_placing
from app.pages.settings import settings
from app.pages.snippet import snippet
from app.pages.website_forms import WebsiteForm

__all__ = ["settings", "website_page", "website_placing"]

WHITE = "#ffffff"
PREVIEW_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; frame-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)


@settings.get("/website")
@requires(Permission.SETTINGS_READ)
def website() -> Response:
    channel = Channel.of_kind("website")
    return _page(channel, WebsiteForm.of(channel))


@settings.post("/website")
@requires(Permission.SETTINGS_WRITE)
def change_website() -> Response | BaseResponse:
    form, channel = WebsiteForm(), Channel.of_kind("website")
    if not form.validate() or not _is_saved(channel, form):
        return _page(channel, form, 422)
    flash(_("Saved. Your website shows it within five minutes."), "success")
    return web.go(".website")


@settings.post("/website/draft")
@requires(Permission.SETTINGS_WRITE)
def draft_website() -> tuple[Response, int]:
    """What is typed and not saved, for the preview. What can't be saved can't be shown either."""
    form = WebsiteForm()
    if not form.validate():
        return jsonify(problems=len(list(form.problems))), 422
    typed = form.settings(WebsiteSettings.of(Channel.of_kind("website")))
    draft_id = website_drafts.keep(form.colour.data, typed, request.form.get("draft", ""))
    return jsonify(draft=draft_id, url=url_for(".preview_website", draft=draft_id)), 200


@settings.get("/website/preview")
@requires(Permission.SETTINGS_READ)
def preview_website() -> Response:
    """Somebody's website, with the real button and the real chat."""
    preview = Channel.of_kind("preview")
    draft_id = request.args.get("draft", "")
    response = web.page(
        "pages/website_preview.html",
        loader=url_for("widget.loader_js", key=preview.public_key, draft=draft_id or None),
        key=preview.public_key,
    )
    response.headers["Content-Security-Policy"] = PREVIEW_POLICY
    return response


def _is_saved(channel: Channel, form: WebsiteForm) -> bool:
    typed = form.settings(WebsiteSettings.of(channel))
    try:
        _change_picture(typed, form)
    except Invalid as refusal:
        form.picture.errors = [refusal.message]
        return False
    channels.update_website(form.colour.data, form.origins, typed)
    return True


def _change_picture(typed: WebsiteSettings, form: WebsiteForm) -> None:
    if form.picture.data:
        pictures.put(typed, form.picture.data.read(pictures.MAX_BYTES + 1))
    elif form.remove_picture.data:
        pictures.remove(typed)


def _page(channel: Channel, form: WebsiteForm, status: int = 200) -> Response:
    colour = channel.colour if form.colour.errors else form.colour.data
    return web.page(
        "pages/website.html", status,
        form=form,
        channel=channel,
        snippet=snippet(channel),
        picture=WebsiteSettings.of(channel).avatar_sha256,
        ours=_ours(channel),
        colour=colour,
        ink=ink_on(colour),
        contrast=contrast(colour, ink_on(colour)),
        on_white=contrast(colour, WHITE),
    )  # fmt: skip


def _ours(channel: Channel) -> dict[str, dict[str, Any]]:
    """What is said where a field is empty."""
    none = WebsiteSettings()
    return {
        code: {what: none.said(what, code, channel) for what in texts}
        for code, texts in BUILT_IN.items()
    }
