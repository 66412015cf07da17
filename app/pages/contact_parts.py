"""The parts of a contact's record: addresses, tags and notes. Each is a small form of its own."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, abort, flash, request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.contacts import keeping, records, tags
from app.contacts.models import Contact, ContactNote
from app.core import web
from app.core.access import Permission, requires
from app.core.errors import Conflict, Invalid
from app.pages.contacts import load, record_page

contact_parts = Blueprint("contact_parts", __name__)


@contact_parts.post("/identities")
@requires(Permission.CONTACTS_WRITE)
def add_identity(contact_id: int) -> Response | BaseResponse:
    contact, form = load(contact_id), request.form
    return _done(
        contact, "identities", _("Added."),
        lambda: records.add_identity(
            contact, form.get("kind", ""), form.get("value", ""), current_user
        ),
    )  # fmt: skip


@contact_parts.post("/identities/<int:identity_id>/primary")
@requires(Permission.CONTACTS_WRITE)
def make_primary(contact_id: int, identity_id: int) -> Response | BaseResponse:
    contact = load(contact_id)
    identity = records.identity_of(contact, identity_id) or abort(404)
    words = _("%(shown)s is used first from now on.", shown=identity.shown)
    return _done(contact, "identities", words, lambda: records.make_primary(contact, identity))


@contact_parts.post("/identities/<int:identity_id>/removal")
@requires(Permission.CONTACTS_WRITE)
def remove_identity(contact_id: int, identity_id: int) -> Response | BaseResponse:
    contact = load(contact_id)
    identity = records.identity_of(contact, identity_id) or abort(404)
    words = _("%(shown)s is removed.", shown=identity.shown)
    return _done(
        contact, "identities", words,
        lambda: records.remove_identity(contact, identity, current_user),
    )  # fmt: skip


@contact_parts.post("/tags")
@requires(Permission.CONTACTS_WRITE)
def add_tag(contact_id: int) -> Response | BaseResponse:
    contact = load(contact_id)
    name = request.form.get("tag", "")
    return _done(contact, "tags", _("Tagged."), lambda: tags.put(contact, name, current_user))


@contact_parts.post("/tags/<int:tag_id>/removal")
@requires(Permission.CONTACTS_WRITE)
def remove_tag(contact_id: int, tag_id: int) -> Response | BaseResponse:
    contact, tag = load(contact_id), tags.by_id(tag_id) or abort(404)
    return _done(contact, "tags", _("Tag removed."), lambda: tags.take(contact, tag, current_user))


@contact_parts.post("/notes")
@requires(Permission.CONTACTS_WRITE)
def add_note(contact_id: int) -> Response | BaseResponse:
    contact = load(contact_id)
    body = request.form.get("body", "")
    return _done(contact, "notes", _("Noted."), lambda: keeping.write(contact, body, current_user))


@contact_parts.get("/notes/<int:note_id>/edit")
@requires(Permission.CONTACTS_WRITE)
def edit_note(contact_id: int, note_id: int) -> Response:
    contact = load(contact_id)
    return record_page(contact, editing=_own_note(contact, note_id))


@contact_parts.post("/notes/<int:note_id>")
@requires(Permission.CONTACTS_WRITE)
def change_note(contact_id: int, note_id: int) -> Response | BaseResponse:
    contact = load(contact_id)
    note = _own_note(contact, note_id)
    body = request.form.get("body", "")
    return _done(contact, "note", _("Saved."), lambda: keeping.rewrite(note, body), editing=note)


@contact_parts.post("/notes/<int:note_id>/deletion")
@requires(Permission.CONTACTS_WRITE)
def delete_note(contact_id: int, note_id: int) -> Response | BaseResponse:
    contact = load(contact_id)
    note = _own_note(contact, note_id)
    return _done(
        contact, "notes", _("The note is deleted."),
        lambda: keeping.strike(note, contact, current_user),
    )  # fmt: skip


def _own_note(contact: Contact, note_id: int) -> ContactNote:
    """Others' notes are theirs."""
    note = ContactNote.one_of(contact.id, note_id) or abort(404)
    return note if note.user_id == current_user.id else abort(403)


def _done(
    contact: Contact, part: str, words: str, change: Callable[[], object], **more: Any
) -> Response | BaseResponse:
    """Back to the record; or it stands there with what was typed, and why it was refused."""
    try:
        change()
    except (Invalid, Conflict) as refusal:
        return record_page(contact, 422, refused=part, problem=refusal, typed=request.form, **more)
    flash(words, "success")
    return web.go("contacts.show", contact_id=contact.id, _anchor=part)
