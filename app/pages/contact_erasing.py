"""Deleting a contact for good: what goes is named first."""

from flask import Blueprint, Response, flash
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from app.contact_data import forgetting  # noqa: F401  who follows is known by its import
from app.conversations import erasing
from app.core import web
from app.core.access import Permission, requires
from app.pages.contacts import load

contact_erasing = Blueprint("contact_erasing", __name__)


@contact_erasing.get("/")
@requires(Permission.CONTACTS_DELETE)
def ask(contact_id: int) -> Response:
    contact = load(contact_id)
    return web.page("contacts/delete.html", contact=contact, goes=erasing.what_goes(contact))


@contact_erasing.post("/")
@requires(Permission.CONTACTS_DELETE)
def delete(contact_id: int) -> BaseResponse:
    contact = load(contact_id)
    name = contact.display_name
    erasing.erase(contact)
    flash(_("%(name)s and everything of them is deleted.", name=name), "success")
    return web.go("contacts.index")
