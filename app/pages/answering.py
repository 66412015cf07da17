"""How sure the assistant must be before it answers, seen on real questions before it is saved."""

from typing import Any

from flask import Blueprint, Response, abort, flash, g
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.businesses.services import change_answer_from
from app.core import web
from app.core.access import Permission, requires
from app.core.errors import Invalid
from app.knowledge import calibration, cases, checking, reembedding, trials
from app.pages import thresholds
from app.pages.thresholds import LEVELS, ThresholdForm

answering = Blueprint("answering", __name__)


@answering.get("/")
@requires(Permission.KNOWLEDGE_READ)
def show() -> Response:
    return _page(ThresholdForm.of(g.business), thresholds.percent_of(g.business))


@answering.post("/")
@requires(Permission.KNOWLEDGE_WRITE)
def change() -> Response | BaseResponse:
    form = ThresholdForm()
    if not form.validate():
        return _refused(form)
    change_answer_from(g.business, form.answer_from)
    checking.start(current_user, anew=True)
    flash(_("Saved. Your assistant answers from %(chosen)s %% on.", chosen=form.chosen), "success")
    return web.go(".show")


@answering.post("/preview")
@requires(Permission.KNOWLEDGE_WRITE)
def preview() -> Response:
    """What is chosen but not saved; the worker tries the checks with it meanwhile."""
    form = ThresholdForm()
    if not form.validate():
        return _refused(form)
    if cases.count():
        trials.ask_for(form.chosen)
    if web.is_htmx():
        return web.fragment("answering/_preview.html", **_shown(form.chosen))
    return _page(form, form.chosen)


@answering.get("/trials/<int:percent>")
@requires(Permission.KNOWLEDGE_READ)
def trial(percent: int) -> Response:
    if not thresholds.LEAST <= percent <= thresholds.MOST:
        abort(404)
    return web.fragment(
        "answering/_trial.html",
        percent=percent,
        trial=trials.of(percent),
        case_count=cases.count(),
    )


@answering.get("/change")
@requires(Permission.KNOWLEDGE_READ)
def model_change() -> Response:
    return web.fragment("answering/_model_change.html", progress=reembedding.progress(g.business))


def _refused(form: ThresholdForm) -> Response:
    if web.is_htmx():
        raise Invalid(next(message for field in form for message in field.errors), code="range")
    return _page(form, thresholds.percent_of(g.business), 422)


def _page(form: ThresholdForm, percent: int, status: int = 200) -> Response:
    return web.page(
        "answering/show.html",
        status,
        form=form,
        levels=[(each, calibration.at(each.percent)) for each in LEVELS],
        saved=thresholds.percent_of(g.business),
        progress=reembedding.progress(g.business),
        questions_measured=calibration.QUESTIONS,
        **_shown(percent),
    )


def _shown(percent: int) -> dict[str, Any]:
    case_count = cases.count()
    return {
        "percent": percent,
        "preview": thresholds.preview(g.business, percent),
        "words": thresholds.WORDS,
        "case_count": case_count,
        "trial": trials.of(percent),
        "measured": calibration.at(percent),
    }
