"""Checks: questions that must stay answered right, and what a change would do to them."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, abort, flash, g, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.models import User
from app.core import web
from app.core.access import Permission, requires
from app.core.errors import Invalid
from app.extensions import db
from app.knowledge import cases, checking, services, verdicts
from app.knowledge.forms import CheckForm
from app.knowledge.models import CheckRun, RegressionCase, Source

checks = Blueprint("checks", __name__)

SHOWS = ("all", "red", "green", "new")
PAGE_ROWS = 50
MAX_PAGE = 1000
MAX_NAMES = 300  # that the form suggests; any other can be typed


@checks.get("/")
@requires(Permission.KNOWLEDGE_READ)
def index() -> Response:
    return _index(CheckForm(formdata=None))


@checks.post("/")
@requires(Permission.KNOWLEDGE_WRITE)
def add() -> Response | BaseResponse:
    form = CheckForm()
    if not _done(form, lambda: checking.add(**form.words, by=current_user)):
        return _index(form, 422)
    flash(_("The check is added and being asked."), "success")
    return web.go(".index")


@checks.get("/badge")
@requires(Permission.KNOWLEDGE_READ)
def badge() -> Response:
    """How many are red, on the tab."""
    item = {
        "count": RegressionCase.red_count(),
        "count_url": url_for(".badge"),
        "count_signal": "checks",
        "count_tone": "red",
    }
    return web.fragment("knowledge/_checks_badge.html", item=item)


@checks.post("/runs")
@requires(Permission.KNOWLEDGE_WRITE)
def create_run() -> Response | BaseResponse:
    checking.start(current_user)
    if web.is_htmx():
        return web.fragment("knowledge/_checks.html", **_shown())
    return web.go(".index")


@checks.get("/<int:case_id>/edit")
@requires(Permission.KNOWLEDGE_WRITE)
def edit(case_id: int) -> Response:
    case = _case_or_404(case_id)
    return _edit(case, CheckForm.of(case))


@checks.post("/<int:case_id>/edit")
@requires(Permission.KNOWLEDGE_WRITE)
def change(case_id: int) -> Response | BaseResponse:
    case, form = _case_or_404(case_id), CheckForm()
    if not _done(form, lambda: checking.change(case, **form.words)):
        return _edit(case, form, 422)
    flash(_("The check is changed and being asked."), "success")
    return web.go(".index")


@checks.post("/<int:case_id>/deletion")
@requires(Permission.KNOWLEDGE_WRITE)
def delete(case_id: int) -> Response | BaseResponse:
    checking.remove(_case_or_404(case_id))
    if web.is_htmx():
        return web.told(
            web.fragment("knowledge/_checks.html", **_shown()), _("The check is deleted.")
        )
    flash(_("The check is deleted."), "success")
    return web.go(".index")


@checks.post("/held/<int:source_id>/publication")
@requires(Permission.KNOWLEDGE_WRITE)
def publish(source_id: int) -> BaseResponse:
    """Although checks turn red by it."""
    source = Source.by_id(source_id) or abort(404)
    services.publish(source)
    flash(_("It is live. The checks are being asked again."), "success")
    return web.go("knowledge.show", source_id=source_id)


@checks.post("/held/<int:source_id>/discard")
@requires(Permission.KNOWLEDGE_WRITE)
def discard(source_id: int) -> BaseResponse:
    source = Source.by_id(source_id) or abort(404)
    services.discard(source)
    flash(_("The new version is dropped. Your assistant says what it said before."), "success")
    if Source.by_id(source_id) is None:
        return web.go("knowledge.index")
    return web.go("knowledge.show", source_id=source_id)


def _index(form: CheckForm, status: int = 200) -> Response:
    return web.page_or_fragment(
        "knowledge/checks.html", "knowledge/_checks.html", status,
        form=form, source_names=lambda: Source.names(MAX_NAMES), **_shown(),
    )  # fmt: skip


def _shown() -> dict[str, Any]:
    """The list's page as the URL asks for it, and how the newest run stands."""
    show = request.args.get("show", "all")
    show = show if show in SHOWS else "all"
    page = max(1, min(request.args.get("page", 1, type=int), MAX_PAGE))
    found = RegressionCase.listed(show, PAGE_ROWS + 1, (page - 1) * PAGE_ROWS)
    run, counts = CheckRun.newest(), RegressionCase.counts()
    return {
        "cases": found[:PAGE_ROWS],
        "show": show,
        "counts": counts,
        "run": run,
        "progress": checking.progress(run) if run and run.finished_at is None else None,
        "asked_by": db.session.get(User, run.asked_by) if run and run.asked_by else None,
        "here": url_for(".index", **_query(show, page)),
        "previous_url": url_for(".index", **_query(show, page - 1)) if page > 1 else None,
        "next_url": url_for(".index", **_query(show, page + 1)) if found[PAGE_ROWS:] else None,
    }


def _query(show: str, page: int) -> dict[str, Any]:
    chosen = {"show": show if show != "all" else None, "page": page if page > 1 else None}
    return {name: value for name, value in chosen.items() if value}


def _edit(case: RegressionCase, form: CheckForm, status: int = 200) -> Response:
    return web.page(
        "knowledge/check.html", status,
        case=case, form=form, source_names=lambda: Source.names(MAX_NAMES),
    )  # fmt: skip


def _case_or_404(case_id: int) -> RegressionCase:
    return RegressionCase.by_id(case_id) or abort(404)


def _done(form: CheckForm, act: Callable[[], object]) -> bool:
    """Do it, unless the form or the service refuses; then the form says why."""
    if not form.validate():
        return False
    try:
        act()
    except Invalid as refusal:
        form.form_errors.append(refusal.message)
        return False
    return True


@checks.app_template_filter("why_red")
def _why_red(case: RegressionCase) -> str:
    return verdicts.why_red(case)


@checks.app_template_filter("what_to_do")
def _what_to_do(case: RegressionCase) -> str:
    return verdicts.what_to_do(case)


@checks.app_template_global("relying_on")
def _relying_on(source: Source) -> cases.Relying:
    """The checks that rely on it. One query for all sources of a page."""
    if "relying" not in g:
        g.relying = cases.relying()
    found: cases.Relying = g.relying.get(source.id, cases.NOBODY)
    return found
