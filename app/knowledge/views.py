"""Knowledge: what the assistant has read, and teaching it more."""

from typing import Any

from flask import Blueprint, Response, abort, flash, make_response, request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.models import User
from app.core import web
from app.core.access import Permission, requires
from app.core.errors import Conflict, Invalid
from app.extensions import db
from app.knowledge import document_views, listing, services, website_views
from app.knowledge.forms import AddressForm, FilesForm, NoteForm, QuestionForm
from app.knowledge.models import MAX_ID, Source
from app.knowledge.parsing.limits import MAX_FILE_BYTES

knowledge = Blueprint("knowledge", __name__)

SHOWS = ("all", "files", "websites", "questions", "own", "failed")
MAX_WORDS = 200  # characters of a search for a name
MULTIPART_BYTES = 1024 * 1024  # what a form weighs beside its file
MAX_FILES_BYTES = 200 * 1024 * 1024  # of many files in one plain form


@knowledge.url_value_preprocessor
def _limit_upload(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Before anything reads the form: a script sends each file on its own, a plain form many."""
    if endpoint == "knowledge.add_files":
        one_file = MAX_FILE_BYTES + MULTIPART_BYTES
        request.max_content_length = one_file if web.is_htmx() else MAX_FILES_BYTES


@knowledge.get("/")
@requires(Permission.KNOWLEDGE_READ)
def index() -> Response:
    return _index(FilesForm(), QuestionForm(formdata=None))


@knowledge.get("/rows")
@requires(Permission.KNOWLEDGE_READ)
def rows() -> Response:
    """The rows that a page showed, as they are now."""
    span = listing.span(*_filter(), _number("before"), _number("since"))
    return web.fragment("knowledge/_rows.html", listing=span)


@knowledge.get("/<int:source_id>/row")
@requires(Permission.KNOWLEDGE_READ)
def row(source_id: int) -> Response:
    return web.fragment("knowledge/_source.html", source=_source_or_404(source_id))


@knowledge.post("/files")
@requires(Permission.KNOWLEDGE_WRITE)
def add_files() -> Response | BaseResponse:
    form = FilesForm()
    if not form.validate():
        return _refused_files(form)
    taken = services.add_files(
        [(file.filename, file.stream) for file in form.files.data], current_user
    )
    problems = [each.problem for each in taken if each.problem]
    if len(problems) == len(taken):
        form.refuse(problems)
        return _refused_files(form)
    if web.is_htmx():
        status = 201 if any(each.is_new for each in taken) else 200
        return web.fragment("knowledge/_taken.html", status, taken=taken)
    _tell(taken)
    return web.go(".index")


@knowledge.post("/questions")
@requires(Permission.KNOWLEDGE_WRITE)
def add_question() -> Response | BaseResponse:
    form = QuestionForm()
    if not _done(form, lambda: services.add_question(**form.words, by=current_user)):
        return _refused_question(form)
    if not web.is_htmx():
        flash(_("Your answer is saved. The assistant knows it in a moment."), "success")
        return web.go(".index")
    response = web.fragment("knowledge/_question_form.html", form=QuestionForm(formdata=None))
    return web.told(response, _("Your answer is saved."), "sources")


@knowledge.get("/<int:source_id>/edit")
@requires(Permission.KNOWLEDGE_WRITE)
def edit(source_id: int) -> Response:
    source = _question_or_404(source_id)
    return web.page("knowledge/edit.html", source=source, form=QuestionForm(obj=source))


@knowledge.post("/<int:source_id>/edit")
@requires(Permission.KNOWLEDGE_WRITE)
def change_question(source_id: int) -> Response | BaseResponse:
    source = _question_or_404(source_id)
    form = QuestionForm()
    if not _done(form, lambda: services.change_question(source, **form.words)):
        return web.page("knowledge/edit.html", 422, source=source, form=form)
    flash(_("Your answer is changed. The assistant knows the new one in a moment."), "success")
    return web.go(".show", source_id=source.id)


@knowledge.get("/<int:source_id>")
@requires(Permission.KNOWLEDGE_READ)
def show(source_id: int) -> Response:
    source = _source_or_404(source_id)
    return web.page_or_fragment(
        "knowledge/show.html", "knowledge/_passages.html",
        source=source,
        added_by=db.session.get(User, source.created_by) if source.created_by else None,
        **_read_from(source),
    )  # fmt: skip


@knowledge.post("/<int:source_id>/retry")
@requires(Permission.KNOWLEDGE_WRITE)
def retry(source_id: int) -> Response | BaseResponse:
    source = _source_or_404(source_id)
    services.read_again(source)
    if web.is_htmx():
        return web.fragment("knowledge/_source.html", source=source)
    return web.go(".index")


@knowledge.post("/<int:source_id>/deletion")
@requires(Permission.KNOWLEDGE_WRITE)
def delete(source_id: int) -> Response | BaseResponse:
    source = _source_or_404(source_id)
    if source.is_record:
        raise Conflict(_("This comes from your settings and is changed there."))
    services.remove(source)
    gone = _("“%(name)s” is deleted. No answer uses it any more.", name=source.name)
    if web.is_htmx():
        return web.told(make_response(""), gone, "sources")
    flash(gone, "success")
    return web.go(".index")


def _read_from(source: Source) -> dict[str, Any]:
    if source.is_website:
        return website_views.shown(source) | document_views.listed(source)
    return document_views.only_one(source)


def _source_or_404(source_id: int) -> Source:
    return Source.by_id(source_id) or abort(404)


def _question_or_404(source_id: int) -> Source:
    source = _source_or_404(source_id)
    return source if source.is_question else abort(404)


def _filter() -> tuple[str, str]:
    show = request.args.get("show", "all")
    words = request.args.get("q", "").replace("\x00", "").strip()[:MAX_WORDS]
    return show if show in SHOWS else "all", words


def _number(name: str, default: int = 0) -> int:
    """Out of a URL; never beyond what the database can compare."""
    return max(-1, min(request.args.get(name, default, type=int), MAX_ID))


def _done(form: QuestionForm, change: Any) -> bool:
    """Do it, unless the form or the service refuses; then the form says why."""
    if not form.validate():
        return False
    try:
        change()
    except Invalid as refusal:
        form.form_errors.append(refusal.message)
        return False
    return True


def _refused_files(form: FilesForm) -> Response:
    if web.is_htmx():
        return web.fragment("knowledge/_files_form.html", 422, form=form)
    return _index(form, QuestionForm(formdata=None), 422)


def _refused_question(form: QuestionForm) -> Response:
    if web.is_htmx():
        return web.fragment("knowledge/_question_form.html", 422, form=form)
    return _index(FilesForm(formdata=None), form, 422)


def _index(files_form: FilesForm, question_form: QuestionForm, status: int = 200) -> Response:
    found = listing.page(*_filter(), _number("before"))
    return web.page_or_fragment(
        "knowledge/index.html", "knowledge/_block.html", status,
        listing=found, files_form=files_form, question_form=question_form, shows=SHOWS,
        address_form=AddressForm(formdata=None), note_form=NoteForm(formdata=None),
    )  # fmt: skip


def _tell(taken: list[services.Taken]) -> None:
    """A plain form's files: each refused one by name, then what was kept."""
    for each in taken:
        if each.problem:
            flash(each.problem, "error")
        elif not each.is_new:
            flash(_("“%(name)s” was already here, so it is kept once.", name=each.name), "info")
    added = sum(each.is_new for each in taken)
    if added:
        flash(
            _("%(added)s added. You can follow the reading below.", added=added)
            if added > 1
            else _("Added."),
            "success",
        )
