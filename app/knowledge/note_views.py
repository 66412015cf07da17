"""Short notes among the sources: writing and changing them."""

from collections.abc import Callable

from flask import Blueprint, Response, abort, flash
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.core import web
from app.core.access import Permission, requires
from app.core.errors import Invalid
from app.knowledge import notes as own_notes
from app.knowledge.forms import NoteForm
from app.knowledge.models import Source

notes = Blueprint("notes", __name__)


@notes.post("/")
@requires(Permission.KNOWLEDGE_WRITE)
def add() -> Response | BaseResponse:
    form = NoteForm()
    if not _done(form, lambda: own_notes.add(**form.words, by=current_user)):
        return _refused(form)
    if not web.is_htmx():
        flash(_("Your note is saved. The assistant knows it in a moment."), "success")
        return web.go("knowledge.index")
    response = web.fragment("knowledge/_note_form.html", form=NoteForm(formdata=None))
    return web.told(response, _("Your note is saved."), "sources")


@notes.get("/<int:source_id>/edit")
@requires(Permission.KNOWLEDGE_WRITE)
def edit(source_id: int) -> Response:
    source = _note_or_404(source_id)
    form = NoteForm(obj=source)
    form.title.data = own_notes.title_of(source)
    return web.page("knowledge/edit_note.html", source=source, form=form)


@notes.post("/<int:source_id>/edit")
@requires(Permission.KNOWLEDGE_WRITE)
def change(source_id: int) -> Response | BaseResponse:
    source = _note_or_404(source_id)
    form = NoteForm()
    if not _done(form, lambda: own_notes.change(source, **form.words)):
        return web.page("knowledge/edit_note.html", 422, source=source, form=form)
    flash(_("Your note is changed. The assistant knows it in a moment."), "success")
    return web.go("knowledge.show", source_id=source.id)


def _note_or_404(source_id: int) -> Source:
    source = Source.by_id(source_id)
    return source if source and source.is_note else abort(404)


def _done(form: NoteForm, change: Callable[[], object]) -> bool:
    """Do it, unless the form or the service refuses; then the form says why."""
    if not form.validate():
        return False
    try:
        change()
    except Invalid as refusal:
        field = form.valid_until if refusal.code == "day" else form.body
        field.errors = [refusal.message]
        return False
    return True


def _refused(form: NoteForm) -> Response:
    if web.is_htmx():
        return web.fragment("knowledge/_note_form.html", 422, form=form)
    return web.page("knowledge/add_note.html", 422, form=form)
