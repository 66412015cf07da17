"""What is done to many contacts at once from their list, how it goes, and taking it back."""

from flask import Blueprint, Response, abort, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.contact_data import choosing, editing
from app.contact_data.models import ContactEdit
from app.core import web
from app.core.access import Permission, requires

contact_edits = Blueprint("contact_edits", __name__)

WORDS = {
    "add_tag": _l("Add a tag"),
    "remove_tag": _l("Take a tag away"),
    "set_field": _l("Set a field"),
    "set_company": _l("Set the company"),
    "archive": _l("Archive"),
    "restore": _l("Restore"),
}
STATES = {
    "waiting": _l("Waiting"),
    "changed": _l("Changed"),
    "same": _l("As before"),
    "refused": _l("Refused"),
    "undone": _l("Put back"),
    "left": _l("Left as it is"),
}


@contact_edits.post("/")
@requires(Permission.CONTACTS_WRITE)
def create() -> Response | BaseResponse:
    form = request.form
    is_all = form.get("all") == "1"
    chosen = choosing.typed(form.getlist("contact_id"), form, is_all=is_all)
    edit = editing.start(current_user, form.get("what", ""), form, chosen)
    if edit.status == "running" or editing.counts(edit).get("refused"):
        return web.go(".show", edit_id=edit.id)
    return _told(edit, _said(edit), undo=url_for(".undo", edit_id=edit.id))


@contact_edits.get("/<int:edit_id>")
@requires(Permission.CONTACTS_WRITE)
def show(edit_id: int) -> Response:
    edit = _load(edit_id)
    return web.page_or_fragment(
        "contact_edits/show.html", "contact_edits/_state.html",
        edit=edit, words=WORDS, states=STATES, counts=editing.counts(edit),
        refused=editing.refused(edit), may_undo=editing.may_undo(edit),
    )  # fmt: skip


@contact_edits.post("/<int:edit_id>/undo")
@requires(Permission.CONTACTS_WRITE)
def undo(edit_id: int) -> Response | BaseResponse:
    edit = _load(edit_id)
    editing.undo(edit)
    if edit.status == "undoing" or editing.counts(edit).get("left"):
        return web.go(".show", edit_id=edit.id)
    return _told(edit, _("It is as it was."))


def _load(edit_id: int) -> ContactEdit:
    return ContactEdit.by_id(edit_id) or abort(404)


def _said(edit: ContactEdit) -> str:
    count = editing.counts(edit).get("changed", 0)
    return ngettext("%(num)d contact changed.", "%(num)d contacts changed.", count)


def _told(edit: ContactEdit, words: str, undo: str = "") -> Response | BaseResponse:
    if web.is_htmx():
        return web.told(Response(status=204), words, "contacts:done", undo=undo)
    flash(words, "success")
    return web.go(".show", edit_id=edit.id)
