"""Try it: a question as the assistant sees it. A POST asks the worker, and its signal brings the result."""

from flask import Blueprint, Response, abort, current_app, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.core import web
from app.core.access import Permission, requires
from app.core.errors import Invalid
from app.knowledge import trying
from app.knowledge.retrieval import MAX_QUESTION

search = Blueprint("search", __name__)


@search.get("/")
@requires(Permission.KNOWLEDGE_READ)
def index() -> Response:
    """With `?q=` the page asks by itself; `asked` is a trial that was begun without scripts."""
    token = request.args.get("asked", "")
    return web.page(
        "knowledge/try.html",
        question=_question(request.args.get("q", "")),
        trial=trying.find(token, current_user) if token else None,
        max_length=MAX_QUESTION,
        has_language_model=_has_language_model(),
    )


@search.post("/")
@requires(Permission.KNOWLEDGE_READ)
def create_trial() -> Response | BaseResponse:
    question = _question(request.form.get("q", ""))
    if not question:
        raise Invalid(_("Write a question first."), code="empty")
    trial = trying.ask(question, current_user)
    if not web.is_htmx():
        return web.go(".index", q=question, asked=trial.token)
    response = _fragment(trial)
    response.headers["HX-Push-Url"] = url_for(".index", q=question)
    return response


@search.get("/<token>")
@requires(Permission.KNOWLEDGE_READ)
def show(token: str) -> Response:
    """The result, or nothing yet: whoever waits keeps waiting."""
    trial = trying.find(token, current_user) or abort(404)
    if trial.result is None and not trial.is_late:
        return Response(status=204)
    return _fragment(trial)


def _fragment(trial: trying.Trial) -> Response:
    return web.fragment(
        "knowledge/_trial.html", trial=trial, has_language_model=_has_language_model()
    )


def _question(words: str) -> str:
    return " ".join(words.replace("\x00", "").split())[:MAX_QUESTION]


def _has_language_model() -> bool:
    return bool(current_app.config["ANTHROPIC_API_KEY"])
