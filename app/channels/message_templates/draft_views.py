"""Settings → Templates: writing one, checked as one types."""

from typing import Any

from flask import Blueprint, Response, abort, flash, g, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse
from wtforms.fields import SelectChoice

from app.channels.message_templates import limits, prices, services
from app.channels.message_templates.drafts import MEDIA_HEADERS, Draft
from app.channels.message_templates.forms import TemplateForm
from app.channels.message_templates.preview import bubble
from app.channels.message_templates.variables import KNOWN
from app.channels.models import MessageTemplate
from app.core import web
from app.core.access import Permission, requires
from app.core.errors import Invalid

template_drafts = Blueprint("template_drafts", __name__)

EMPTY = Draft(name="", category="", language="en", body="")
COUNTED = {"header_text": limits.MAX_HEADER, "body": limits.MAX_BODY, "footer": limits.MAX_FOOTER}


@template_drafts.get("/new")
@requires(Permission.SETTINGS_WRITE)
def new() -> Response | BaseResponse:
    if not services.accounts():
        return web.go("message_templates.index")
    form = TemplateForm.of(EMPTY)
    form.title.data = ""
    return _page(form, None)


@template_drafts.post("/new")
@requires(Permission.SETTINGS_WRITE)
def create() -> Response | BaseResponse:
    return _save(None)


@template_drafts.get("/<int:template_id>/edit")
@requires(Permission.SETTINGS_WRITE)
def edit(template_id: int) -> Response:
    template = _template_or_404(template_id)
    return _page(TemplateForm.of(services.draft_as_typed(template)), template)


@template_drafts.post("/<int:template_id>/edit")
@requires(Permission.SETTINGS_WRITE)
def change(template_id: int) -> Response | BaseResponse:
    return _save(_template_or_404(template_id))


@template_drafts.post("/check")
@requires(Permission.SETTINGS_WRITE)
def check_new() -> Response:
    return _checked(None)


@template_drafts.post("/<int:template_id>/check")
@requires(Permission.SETTINGS_WRITE)
def check(template_id: int) -> Response:
    return _checked(_template_or_404(template_id))


def _checked(template: MessageTemplate | None) -> Response:
    """What is typed, and not saved: the bubble, what is still to do, the counters, the rows that it wants."""
    form = TemplateForm()
    shown = form.shown_rows()
    draft = form.settle(_typed(form, template), g.business.name)
    wanted = form.wanted_rows()
    return web.fragment(
        "message_templates/_checked.html",
        **_shown(form, draft, template),
        buttons_changed=shown[0] != wanted[0],
        variables_changed=shown[1] != wanted[1],
    )


def _save(template: MessageTemplate | None) -> Response | BaseResponse:
    """Kept as a draft, and handed in if that button was pressed and WhatsApp would take it."""
    form = TemplateForm()
    draft = form.settle(_typed(form, template), g.business.name)
    found = limits.problems(draft)
    if form.is_handed_in and found:
        return _refused(form, draft, template, found)
    try:
        kept = _keep(form, draft, template)
        if form.is_handed_in:
            services.submit(kept)
    except Invalid as refusal:
        return _refused(form, draft, template, [limits.Problem(refusal.code, refusal.message)])
    flash(*_said(form, found))
    return web.go("message_templates.show", template_id=kept.id)


def _said(form: TemplateForm, found: list[limits.Problem]) -> tuple[str, str]:
    if form.is_handed_in:
        return _("It is being handed in. WhatsApp usually answers within minutes."), "success"
    if found:
        return _("Saved as a draft. Still to do: %(words)s", words=found[0].words), "info"
    return _("Saved as a draft."), "success"


def _keep(form: TemplateForm, draft: Draft, template: MessageTemplate | None) -> MessageTemplate:
    if template is None:
        by = current_user._get_current_object()
        template = services.create(form.account_id.data or "", draft, by)
    else:
        services.change(template, draft)
    upload = form.header_file.data
    if upload and draft.header_kind in MEDIA_HEADERS:
        services.keep_file(template, upload.stream, upload.filename)
    return template


def _refused(
    form: TemplateForm,
    draft: Draft,
    template: MessageTemplate | None,
    found: list[limits.Problem],
) -> Response:
    form.tell(found)
    return _page(form, template, 422, draft=draft, told=found)


def _typed(form: TemplateForm, template: MessageTemplate | None) -> Draft:
    kept = services.draft_as_typed(template) if template else None
    return form.draft(kept, is_new=template is None or template.is_draft)


def _page(
    form: TemplateForm,
    template: MessageTemplate | None,
    status: int = 200,
    draft: Draft | None = None,
    told: list[limits.Problem] | None = None,
) -> Response:
    if draft is None:
        kept = services.draft_as_typed(template) if template else EMPTY
        draft = form.settle(kept, g.business.name)
    form.account_id.choices = [
        SelectChoice(account_id, channel.settings.get("verified_name") or channel.name)
        for account_id, channel in services.accounts().items()
    ]
    return web.page(
        "message_templates/edit.html", status,
        **_shown(form, draft, template), told=told or [], known=KNOWN,
        price_note=prices.consequence(None, "MARKETING", None), more_about_prices=prices.MORE_ABOUT,
    )  # fmt: skip


def _shown(form: TemplateForm, draft: Draft, template: MessageTemplate | None) -> dict[str, Any]:
    counted = {name: (len(getattr(draft, name)), most) for name, most in COUNTED.items()}
    return {
        "form": form,
        "draft": draft,
        "message_template": template,
        "is_new": template is None or template.is_draft,
        "category_is_fixed": template is not None
        and not template.is_draft
        and template.status != "REJECTED",
        "bubble": bubble(draft, draft.examples),
        "problems": limits.problems(draft),
        "counted": counted,
        "check_url": url_for(".check", template_id=template.id)
        if template
        else url_for(".check_new"),
    }


def _template_or_404(template_id: int) -> MessageTemplate:
    return MessageTemplate.by_id(template_id) or abort(404)
