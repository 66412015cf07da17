"""Upkeep: what in the knowledge contradicts itself, stands there twice, is out of date or never quoted."""

from typing import Any

from flask import Blueprint, Response, abort, flash, make_response, request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.core import web
from app.core.access import Permission, requires
from app.knowledge.models import Finding
from app.knowledge.upkeep import asking, listing

upkeep = Blueprint("upkeep", __name__)


@upkeep.get("/")
@requires(Permission.KNOWLEDGE_READ)
def index() -> Response:
    return web.page("knowledge/upkeep.html", **_shown())


@upkeep.get("/findings")
@requires(Permission.KNOWLEDGE_READ)
def findings() -> Response:
    """The list as it is now, or its next page."""
    template = "_findings" if request.args.get("after") else "_upkeep"
    return web.fragment(f"knowledge/{template}.html", **_shown())


@upkeep.post("/runs")
@requires(Permission.KNOWLEDGE_WRITE)
def run() -> Response | BaseResponse:
    asking.ask_now()
    told = _("Your knowledge is being looked at. What is found appears here in a moment.")
    if web.is_htmx():
        return web.told(make_response("", 204), told)
    flash(told, "success")
    return web.go(".index")


@upkeep.post("/<int:finding_id>/dismissal")
@requires(Permission.KNOWLEDGE_WRITE)
def dismiss(finding_id: int) -> Response | BaseResponse:
    listing.dismiss(_finding_or_404(finding_id), current_user)
    return _after(_("It is fine as it is, and isn’t shown again while both stay the same."))


@upkeep.post("/<int:finding_id>/restoration")
@requires(Permission.KNOWLEDGE_WRITE)
def restore(finding_id: int) -> Response | BaseResponse:
    listing.take_back(_finding_or_404(finding_id))
    return _after(_("It is back on the list."))


def _after(told: str) -> Response | BaseResponse:
    if web.is_htmx():
        return web.told(web.fragment("knowledge/_upkeep.html", **_shown()), told)
    flash(told, "success")
    return web.go(".index", show=_show())


def _shown() -> dict[str, Any]:
    counts = listing.counts()
    show = _show() or next((kind for kind in listing.KINDS if counts[kind]), listing.KINDS[0])
    found = listing.listed(show, request.args.get("after", "")[:60], listing.PAGE_ROWS + 1)
    return {
        "counts": counts,
        "show": show,
        "findings": found[: listing.PAGE_ROWS],
        "has_more": len(found) > listing.PAGE_ROWS,
        "last_run": listing.last_run(),
    }


def _show() -> str:
    show = request.args.get("show", "")
    return show if show in listing.SHOWS else ""


def _finding_or_404(finding_id: int) -> Finding:
    return listing.by_id(finding_id) or abort(404)
