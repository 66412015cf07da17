"""Contacts → Import: a file, what its columns are, a dry run, the import, and taking it back."""

import csv
import io
from typing import Any

from flask import Blueprint, Response, abort, flash, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.models import User
from app.contact_data.exporting import cells
from app.contact_data.importing import running, services, settings, undoing
from app.contact_data.importing.settings import Settings
from app.contact_data.models import ContactImport
from app.contact_data.reading import limits
from app.contacts import fields
from app.contacts.models import ContactField
from app.core import web
from app.core.access import Permission, may, requires
from app.core.db import now
from app.core.errors import Conflict, Invalid
from app.extensions import db

contact_imports = Blueprint("contact_imports", __name__)

MULTIPART_BYTES = 1024 * 1024  # what a form weighs beside its file
OUTCOMES = {
    "new": _l("New"),
    "updated": _l("Changed"),
    "unchanged": _l("Unchanged"),
    "skipped": _l("Left as they are"),
    "error": _l("With errors"),
}
DELIMITERS = {",": _l("Comma"), ";": _l("Semicolon"), "\t": _l("Tab"), "|": "|"}


@contact_imports.url_value_preprocessor
def _limit_upload(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    if endpoint == "contact_imports.create":
        request.max_content_length = limits.MAX_FILE_BYTES + MULTIPART_BYTES


@contact_imports.get("/")
@requires(Permission.CONTACTS_WRITE)
def index() -> Response:
    return _index()


@contact_imports.post("/")
@requires(Permission.CONTACTS_WRITE)
def create() -> Response | BaseResponse:
    sent = request.files.get("file")
    try:
        if sent is None or not sent.filename:
            raise Invalid(_("Choose a file first."), code="file")
        made = services.take(sent.stream, sent.filename, current_user)
    except Invalid as refusal:
        return _index(refusal)
    return web.go(".show", import_id=made.id)


@contact_imports.get("/<int:import_id>")
@requires(Permission.CONTACTS_WRITE)
def show(import_id: int) -> Response:
    return _show(_load(import_id))


@contact_imports.post("/<int:import_id>/reading")
@requires(Permission.CONTACTS_WRITE)
def read_again(import_id: int) -> Response | BaseResponse:
    of, form = _load(import_id), request.form
    try:
        chosen = (form.get(each, "") for each in ("encoding", "delimiter", "sheet"))
        services.read_again(of, *chosen)
    except Invalid as refusal:
        return _show(of, refusal)
    return web.go(".show", import_id=of.id)


@contact_imports.post("/<int:import_id>/trial")
@requires(Permission.CONTACTS_WRITE)
def try_out(import_id: int) -> Response | BaseResponse:
    of = _load(import_id)
    try:
        may_make = may(Permission.SETTINGS_WRITE)
        services.try_out(of, request.form, may_make_fields=may_make)
    except Invalid as refusal:
        return _show(of, refusal, services.chosen_of(of, request.form))
    return web.go(".show", import_id=of.id)


@contact_imports.post("/<int:import_id>/run")
@requires(Permission.CONTACTS_WRITE)
def run(import_id: int) -> BaseResponse:
    of = _load(import_id)
    services.run(of)
    return web.go(".show", import_id=of.id)


@contact_imports.post("/<int:import_id>/undo")
@requires(Permission.CONTACTS_WRITE)
def undo(import_id: int) -> BaseResponse:
    of = _load(import_id)
    services.undo(of)
    return web.go(".show", import_id=of.id)


@contact_imports.post("/<int:import_id>/deletion")
@requires(Permission.CONTACTS_WRITE)
def delete(import_id: int) -> BaseResponse:
    services.remove(_load(import_id))
    flash(_("The file is deleted. No contact was changed."), "success")
    return web.go(".index")


@contact_imports.get("/<int:import_id>/errors.csv")
@requires(Permission.CONTACTS_WRITE)
def errors(import_id: int) -> Response:
    """The lines that can't be imported, with the reason, to be mended and imported again."""
    of, out = _load(import_id), io.StringIO()
    table, first = csv.writer(out), running.first_rows(of, 1)
    has_header = Settings.model_validate(of.settings).has_header
    header = first[0].cells if first and has_header else []
    table.writerow(cells.safe([*header, _("Line"), _("Why not")]))
    width = len(header)
    for row in services.error_rows(of):
        padded = [*row.cells, *[""] * (width - len(row.cells))]
        table.writerow(cells.safe([*padded, str(row.number), row.reason]))
    answer = Response(cells.BOM + out.getvalue(), mimetype="text/csv")
    answer.headers.set("Content-Disposition", "attachment", filename=f"errors-{of.id}.csv")
    return answer


def _load(import_id: int) -> ContactImport:
    return ContactImport.by_id(import_id) or abort(404)


def _index(refusal: Invalid | None = None) -> Response:
    return web.page(
        "contact_imports/index.html", refusal.status if refusal else 200,
        imports=services.newest(), refusal=refusal, states=STATES,
    )  # fmt: skip


def _show(
    of: ContactImport, refusal: Invalid | Conflict | None = None, chosen: Settings | None = None
) -> Response:
    chosen = chosen or Settings.model_validate(of.settings)
    own = ContactField.all()
    first = running.first_rows(of, running.SAMPLE + 1)
    outcome = request.args.get("rows", "")
    page, more = services.rows(of, outcome, _after()) if outcome in OUTCOMES else ([], 0)
    return web.page_or_fragment(
        "contact_imports/show.html", "contact_imports/_state.html", refusal.status if refusal else 200,
        of=of, begun=_begun(of), chosen=chosen, refusal=refusal, first=first, width=max((len(row.cells) for row in first), default=0),
        targets=settings.targets(own), kinds=fields.KIND_LABELS, counts=running.counts(of),
        outcomes=OUTCOMES, outcome=outcome, page=page, people=services.people(page), more=more, may_undo=running.may_undo(of, now()),
        earlier=services.earlier(of), left=undoing.left(of) if of.status == "undone" else 0,
        by=db.session.get(User, of.user_id) if of.user_id else None,
        encodings=limits.ENCODINGS, delimiters=DELIMITERS, new_kinds=[k for k in fields.KIND_LABELS if k != "choice"],
    )  # fmt: skip


def _begun(of: ContactImport) -> int:
    """Lines that are in, of one that got stuck."""
    return services.done_rows(of) if of.status in ("ready", "checking", "checked") else 0


def _after() -> int:
    text = request.args.get("after", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


STATES = {
    "reading": _l("Being read"),
    "ready": _l("Say what the columns are"),
    "checking": _l("Being tried"),
    "checked": _l("Tried, not imported yet"),
    "running": _l("Being imported"),
    "done": _l("Imported"),
    "undoing": _l("Being undone"),
    "undone": _l("Undone"),
    "failed": _l("Can’t be read"),
}
