"""Exports of contacts: asking for one, how it goes, and the file; everything of one person, too."""

from flask import Blueprint, Response, abort, request
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.contact_data import choosing
from app.contact_data.exporting import services
from app.contact_data.models import ContactExport
from app.core import downloads, web
from app.core.access import Permission, requires
from app.core.storage import File
from app.extensions import db
from app.pages.contacts import load

contact_exports = Blueprint("contact_exports", __name__)


@contact_exports.get("/")
@requires(Permission.CONTACTS_EXPORT)
def index() -> Response:
    return web.page("contact_exports/index.html", exports=ContactExport.newest())


@contact_exports.post("/")
@requires(Permission.CONTACTS_EXPORT)
def create() -> BaseResponse:
    form = request.form
    is_all = form.get("all") == "1" or not form.getlist("contact_id")
    chosen = choosing.typed(form.getlist("contact_id"), form, is_all=is_all)
    made = services.start(current_user, form.get("format", ""), chosen)
    return web.go(".show", export_id=made.id)


@contact_exports.post("/people/<int:contact_id>")
@requires(Permission.CONTACTS_EXPORT)
def create_person(contact_id: int) -> BaseResponse:
    made = services.start_person(current_user, load(contact_id))
    return web.go(".show", export_id=made.id)


@contact_exports.get("/<int:export_id>")
@requires(Permission.CONTACTS_EXPORT)
def show(export_id: int) -> Response:
    return web.page_or_fragment(
        "contact_exports/show.html", "contact_exports/_state.html", of=_load(export_id)
    )


@contact_exports.get("/<int:export_id>/file")
@requires(Permission.CONTACTS_EXPORT)
def download(export_id: int) -> Response:
    of = _load(export_id)
    if of.file_id is None:
        abort(404)
    return downloads.answer(db.session.get_one(File, (of.business_id, of.file_id)), of.name)


def _load(export_id: int) -> ContactExport:
    return ContactExport.by_id(export_id) or abort(404)
