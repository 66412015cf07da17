"""Files kept for a contact: putting one there, taking it out, deleting it."""

from typing import Any

from flask import Blueprint, Response, abort, flash, request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.contacts import keeping
from app.contacts.models import ContactFile
from app.core import downloads, web
from app.core.access import Permission, requires
from app.core.errors import Invalid
from app.core.storage import File
from app.extensions import db
from app.pages.contacts import load, record_page

contact_files = Blueprint("contact_files", __name__)

MULTIPART_BYTES = 1024 * 1024  # what a form weighs beside its file


@contact_files.url_value_preprocessor
def _limit_upload(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    if endpoint == "contact_files.create":
        request.max_content_length = keeping.MAX_FILE_BYTES + MULTIPART_BYTES


@contact_files.post("/")
@requires(Permission.CONTACTS_WRITE)
def create(contact_id: int) -> Response | BaseResponse:
    contact, sent = load(contact_id), request.files.get("file")
    try:
        if sent is None or not sent.filename:
            raise Invalid(_("Choose a file first."), code="file")
        keeping.keep(contact, sent.stream, sent.filename, current_user)
    except Invalid as refusal:
        return record_page(contact, 422, refused="files", problem=refusal)
    flash(_("The file is kept."), "success")
    return web.go("contacts.show", contact_id=contact.id, _anchor="files")


@contact_files.get("/<int:file_id>")
@requires(Permission.CONTACTS_READ)
def show(contact_id: int, file_id: int) -> Response:
    """Always saved, never shown: whatever it says it is, it can't run here."""
    row = ContactFile.one_of(load(contact_id).id, file_id) or abort(404)
    return downloads.answer(db.session.get_one(File, (row.business_id, row.file_id)), row.name)


@contact_files.post("/<int:file_id>/deletion")
@requires(Permission.CONTACTS_WRITE)
def delete(contact_id: int, file_id: int) -> BaseResponse:
    contact = load(contact_id)
    row = ContactFile.one_of(contact.id, file_id) or abort(404)
    name = row.name
    keeping.discard(row, contact, current_user)
    flash(_("%(name)s is deleted.", name=name), "success")
    return web.go("contacts.show", contact_id=contact_id, _anchor="files")
