"""A website among the sources: adding it, following a run, its pages, and when it is read again."""

from typing import Any

from flask import Blueprint, Response, abort, flash, request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.core import web
from app.core.access import Permission, requires
from app.core.errors import Invalid
from app.knowledge import websites as sites
from app.knowledge.forms import AddressForm, ScheduleForm
from app.knowledge.models import MAX_ID, Source, WebPage

websites = Blueprint("websites", __name__)

PAGE_ROWS = 50


@websites.post("/")
@requires(Permission.KNOWLEDGE_WRITE)
def add() -> Response | BaseResponse:
    form = AddressForm()
    source = _added(form)
    if source is None:
        return _refused(form)
    if not web.is_htmx():
        return web.go("knowledge.show", source_id=source.id)
    response = web.fragment("knowledge/_address_form.html", form=AddressForm(formdata=None))
    return web.told(response, _("Your website is being read."), "sources")


@websites.get("/<int:source_id>/state")
@requires(Permission.KNOWLEDGE_READ)
def state(source_id: int) -> Response:
    source = _website_or_404(source_id)
    return web.fragment("knowledge/_website.html", source=source, **shown(source))


@websites.post("/<int:source_id>/sync")
@requires(Permission.KNOWLEDGE_WRITE)
def sync(source_id: int) -> Response | BaseResponse:
    source = _website_or_404(source_id)
    sites.sync_now(source)
    return _after(source)


@websites.post("/<int:source_id>/schedule")
@requires(Permission.KNOWLEDGE_WRITE)
def change_schedule(source_id: int) -> Response | BaseResponse:
    source, form = _website_or_404(source_id), ScheduleForm()
    if not form.validate():
        raise Invalid(_("Choose how often and how much of the website is read."), code="schedule")
    sites.change(source, form.sync_every.data or None, form.page_limit.data)
    flash(_("Saved."), "success")
    return web.go("knowledge.show", source_id=source.id)


@websites.post("/<int:source_id>/alert/dismissal")
@requires(Permission.KNOWLEDGE_WRITE)
def dismiss_alert(source_id: int) -> Response | BaseResponse:
    source = _website_or_404(source_id)
    sites.dismiss_alert(source)
    return _after(source)


@websites.get("/<int:source_id>/pages")
@requires(Permission.KNOWLEDGE_READ)
def pages(source_id: int) -> Response:
    source = _website_or_404(source_id)
    return web.fragment("knowledge/_web_pages.html", source=source, **shown(source))


@websites.post("/<int:source_id>/pages/<int:page_id>/retry")
@requires(Permission.KNOWLEDGE_WRITE)
def retry_page(source_id: int, page_id: int) -> Response | BaseResponse:
    source = _website_or_404(source_id)
    sites.retry_page(source, _page_or_404(source, page_id))
    return _after(source)


def shown(source: Source) -> dict[str, Any]:
    """What the page of a website shows besides its row."""
    show = "problems" if request.args.get("show") == "problems" else "all"
    after = max(0, min(request.args.get("after", 0, type=int), MAX_ID))
    found = sites.pages(source, show, after, PAGE_ROWS + 1)
    return {
        "tally": sites.tally(source),
        "web_pages": found[:PAGE_ROWS],
        "has_more_pages": len(found) > PAGE_ROWS,
        "show": show,
        "schedule_form": ScheduleForm(
            formdata=None,
            data={"sync_every": source.sync_every or "", "page_limit": source.page_limit},
        ),
    }


def _added(form: AddressForm) -> Source | None:
    """None when the form or the service refuses; then the form says why."""
    if not form.validate():
        return None
    try:
        return sites.add(form.address.data or "", current_user)
    except Invalid as refusal:
        form.address.errors = [refusal.message]
        return None


def _refused(form: AddressForm) -> Response:
    if web.is_htmx():
        return web.fragment("knowledge/_address_form.html", 422, form=form)
    return web.page("knowledge/add_website.html", 422, form=form)


def _after(source: Source) -> Response | BaseResponse:
    if web.is_htmx():
        return web.fragment("knowledge/_website.html", source=source, **shown(source))
    return web.go("knowledge.show", source_id=source.id)


def _website_or_404(source_id: int) -> Source:
    source = Source.by_id(source_id)
    return source if source and source.is_website else abort(404)


def _page_or_404(source: Source, page_id: int) -> WebPage:
    return sites.page_by_id(source, page_id) or abort(404)
