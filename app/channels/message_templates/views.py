"""Settings → Templates: the list, and one template."""

from typing import Any

from flask import Blueprint, Response, abort, flash, g, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.businesses.profile import home_country
from app.channels.message_templates import filling, listing, prices, services
from app.channels.message_templates.drafts import MEDIA_HEADERS, draft_of, title_of
from app.channels.message_templates.languages import choices, name_of
from app.channels.message_templates.listing import Filters
from app.channels.message_templates.preview import bubble
from app.channels.models import MessageTemplate, TemplateAccount
from app.core import web
from app.core.access import Permission, requires
from app.core.errors import Invalid
from app.core.storage import File
from app.extensions import db

CATEGORIES = {
    "UTILITY": _l("Utility"),
    "MARKETING": _l("Marketing"),
    "AUTHENTICATION": _l("Log-in codes"),
}
message_templates = Blueprint("message_templates", __name__)

INLINE = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png"}


@message_templates.get("/")
@requires(Permission.SETTINGS_READ)
def index() -> Response:
    filters = Filters.asked(request.args)
    found = listing.found(filters)
    return web.page_or_fragment(
        "message_templates/index.html",
        "message_templates/_list.html",
        templates=found[: listing.PAGE_ROWS],
        filters=filters,
        counts=listing.counts(),
        shows=listing.SHOWS,
        used_languages=listing.languages(),
        accounts=_accounts(),
        here=url_for(".index", **filters.query()),
        previous_url=url_for(".index", **filters.query(page=filters.page - 1)) if filters.page > 1 else None,
        next_url=url_for(".index", **filters.query(page=filters.page + 1)) if found[listing.PAGE_ROWS :] else None,
    )  # fmt: skip


@message_templates.post("/looking")
@requires(Permission.SETTINGS_WRITE)
def sync() -> BaseResponse:
    """Now, not only once a day."""
    for account_id in services.accounts():
        services.ask_sync(account_id, by_hand=True)
    flash(
        _("WhatsApp is being asked. New and changed templates appear here in a moment."), "success"
    )
    return web.go(".index")


@message_templates.get("/<int:template_id>")
@requires(Permission.SETTINGS_READ)
def show(template_id: int) -> Response:
    return _page(_template_or_404(template_id))


@message_templates.post("/<int:template_id>/submission")
@requires(Permission.SETTINGS_WRITE)
def submit(template_id: int) -> Response | BaseResponse:
    template = _template_or_404(template_id)
    try:
        services.submit(template)
    except Invalid as refusal:
        return _page(template, 422, refusal=refusal.message)
    flash(_("It is being handed in. WhatsApp usually answers within minutes."), "success")
    return web.go(".show", template_id=template_id)


@message_templates.post("/<int:template_id>/change/discard")
@requires(Permission.SETTINGS_WRITE)
def discard_change(template_id: int) -> BaseResponse:
    services.discard_change(_template_or_404(template_id))
    flash(_("The change is dropped. The template stays as it is."), "success")
    return web.go(".show", template_id=template_id)


@message_templates.post("/<int:template_id>/resumption")
@requires(Permission.SETTINGS_WRITE)
def unpause(template_id: int) -> BaseResponse:
    services.unpause(_template_or_404(template_id))
    flash(_("WhatsApp is being asked to let it be sent again."), "success")
    return web.go(".show", template_id=template_id)


@message_templates.post("/<int:template_id>/deletion")
@requires(Permission.SETTINGS_WRITE)
def delete(template_id: int) -> Response | BaseResponse:
    """Its title has to be typed: nobody can undo it."""
    template = _template_or_404(template_id)
    typed = request.form.get("title", "").strip()
    if typed.casefold() not in (title_of(template.name).casefold(), template.name):
        return _page(
            template, 422, delete_error=_("Type the title as it stands above."), typed_title=typed
        )
    services.delete(template, all_languages=request.form.get("scope") == "all")
    flash(
        _("It is deleted.") if template.is_draft else _("It is being deleted at WhatsApp."),
        "success",
    )
    return web.go(".index")


@message_templates.post("/<int:template_id>/languages")
@requires(Permission.SETTINGS_WRITE)
def add_language(template_id: int) -> Response | BaseResponse:
    template = _template_or_404(template_id)
    language = request.form.get("language", "")
    try:
        made = services.add_language(template, language, current_user._get_current_object())
    except Invalid as refusal:
        return _page(template, 422, language_error=refusal.message)
    flash(
        _(
            "A draft in %(name_of)s is made, with the same words: translate them.",
            name_of=name_of(language),
        ),
        "success",
    )
    return web.go("template_drafts.edit", template_id=made.id)


@message_templates.post("/<int:template_id>/fallbacks")
@requires(Permission.SETTINGS_WRITE)
def change_fallbacks(template_id: int) -> Response | BaseResponse:
    """What is said where nothing is known."""
    template = _template_or_404(template_id)
    asked = filling.variables_of(template)
    typed = {each.name: request.form.get(f"fallback-{each.name}", "").strip() for each in asked}
    try:
        services.change_fallbacks(template, typed)
    except Invalid as refusal:
        return _page(template, 422, fallback_error=refusal, fallbacks=typed)
    flash(_("Saved. It counts from the next message on."), "success")
    return web.go(".show", template_id=template_id)


@message_templates.post("/<int:template_id>/file")
@requires(Permission.SETTINGS_WRITE)
def change_file(template_id: int) -> Response | BaseResponse:
    template, upload = _template_or_404(template_id), request.files.get("header_file")
    try:
        if not upload or not upload.filename:
            raise Invalid(_("Choose a file first."), code="header_file")
        services.keep_file(template, upload.stream, upload.filename)
    except Invalid as refusal:
        return _page(template, 422, file_error=refusal.message)
    flash(_("Saved."), "success")
    return web.go(".show", template_id=template_id)


@message_templates.get("/<int:template_id>/file")
@requires(Permission.SETTINGS_READ)
def file(template_id: int) -> Response:
    """What stands above the words. A picture is shown, everything else is a download."""
    template = _template_or_404(template_id)
    found = db.session.get(File, (g.business.id, template.header_file_id or 0)) or abort(404)
    mime = INLINE.get("." + found.name.rpartition(".")[2].lower())
    response = Response(b"".join(found.parts()), mimetype=mime or "application/octet-stream")
    response.headers["Cache-Control"] = "private, max-age=3600"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    if mime is None:
        response.headers.set("Content-Disposition", "attachment", filename=found.name)
    return response


def _accounts() -> list[dict[str, Any]]:
    return [
        {"id": account_id, "channel": channel, "look": TemplateAccount.of(account_id)}
        for account_id, channel in services.accounts().items()
    ]


def _page(template: MessageTemplate, status: int = 200, **told: Any) -> Response:
    draft = draft_of(template)
    asked = filling.variables_of(template)
    siblings = MessageTemplate.named(template.account_id, template.name)
    file_kind = services.draft_as_typed(template).header_kind
    return web.page_or_fragment(
        "message_templates/show.html",
        "message_templates/_state.html",
        status,
        message_template=template,
        draft=draft,
        bubble=bubble(draft, draft.examples),
        proposed=bubble(services.draft_as_typed(template), services.draft_as_typed(template).examples) if template.proposed else None,
        asked=asked,
        why_not=filling.why_not(template),
        consequence=_consequence(template),
        siblings=[each for each in siblings if each.status != "DELETED"],
        free_languages={code: name for code, name in choices() if code not in {each.language for each in siblings if each.status != "DELETED"}},
        is_editable=template.is_draft or (template.status in services.EDITABLE and not draft.is_sealed),
        file_kind=file_kind if file_kind in MEDIA_HEADERS else "",
        file_rules=services.FILES.get(file_kind),
        **told,
    )  # fmt: skip


def _consequence(template: MessageTemplate) -> str | None:
    """Of a category that isn't the one that was asked for."""
    if template.asked_category is None:
        return None
    return prices.consequence(template.asked_category, template.category, home_country())


def _template_or_404(template_id: int) -> MessageTemplate:
    return MessageTemplate.by_id(template_id) or abort(404)


message_templates.add_app_template_filter(title_of, "template_title")
message_templates.add_app_template_filter(name_of, "language_name")


@message_templates.app_template_filter("template_category")
def _category(name: str) -> str:
    return str(CATEGORIES.get(name, name.capitalize()))


@message_templates.app_template_global("template_state")
def _state(template: MessageTemplate) -> tuple[str, str]:
    """Label and tone."""
    if template.asking:
        return listing.ASKING[template.asking], "amber"
    return listing.WORDS[template.status]


@message_templates.app_template_global("template_quality")
def _quality(template: MessageTemplate) -> tuple[str, str] | None:
    return listing.QUALITIES.get(template.quality or "")


@message_templates.app_template_global("template_words")
def _words(template: MessageTemplate) -> str:
    """Its message in one line."""
    return " ".join(draft_of(template).body.split())
