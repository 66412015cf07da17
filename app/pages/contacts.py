"""Contacts: the list, and the record of one: looking, making, changing, archiving."""

from typing import Any

from flask import Blueprint, Response, abort, flash, request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.contact_data import choosing
from app.contacts import companies, listing, merging, records, services, tags, timeline
from app.contacts.listing import SORTS
from app.contacts.models import Company, Contact, ContactField, ContactFile, ContactNote, Tag
from app.conversations import people
from app.core import web
from app.core.access import Permission, requires
from app.core.db import now
from app.core.errors import Conflict, Invalid
from app.core.pagination import Cursor
from app.pages import contact_form, contact_sides, contact_words
from app.pages.contact_edits import WORDS
from app.pages.contact_form import ContactRecordForm, NewContactForm
from app.segments.models import Segment

contacts = Blueprint("contacts", __name__)

contact_words.register(contacts)


def load(contact_id: int) -> Contact:
    """Of this business, and not merged into another."""
    contact = Contact.by_id(contact_id)
    return contact if contact and not contact.is_merged else abort(404)


@contacts.get("/")
@requires(Permission.CONTACTS_READ)
def index() -> Response:
    filter = choosing.read(request.args)
    page = listing.page(filter, request.args.get("after", "")[:400])
    return web.page_or_fragment(
        "contacts/index.html", "contacts/_block.html",
        filter=filter,
        page=page,
        count=listing.count(filter),
        is_any=bool(page.rows) or listing.is_any(),
        sorts=SORTS,
        all_tags=Tag.all(),
        company=Company.by_id(filter.company_id) if filter.company_id else None,
        segments=Segment.all(),
        bulk_words=WORDS,
        own_fields=ContactField.all(),
    )  # fmt: skip


@contacts.get("/new")
@requires(Permission.CONTACTS_WRITE)
def new() -> Response:
    return _form(None, contact_form.blank(formdata=None))


@contacts.post("/")
@requires(Permission.CONTACTS_WRITE)
def create() -> Response | BaseResponse:
    form = contact_form.blank()
    if not form.validate():
        return _form(None, form, 422)
    try:
        details = services.read(form.name.data, form.email.data, form.phone.data)
        contact = records.create(current_user, form.read(), details)
    except (Invalid, Conflict) as refusal:
        form.refuse(refusal)
        return _form(None, form, 422, known=_owner(form, refusal))
    flash(_("%(display_name)s is in your contacts.", display_name=contact.display_name), "success")
    return web.go(".show", contact_id=contact.id)


@contacts.get("/<int:contact_id>")
@requires(Permission.CONTACTS_READ)
def show(contact_id: int) -> Response | BaseResponse:
    """One that was merged leads to where everything of it is."""
    contact = Contact.by_id(contact_id) or abort(404)
    if contact.is_merged:
        return web.go(".show", contact_id=services.followed(contact).id)
    return record_page(contact)


@contacts.get("/<int:contact_id>/timeline")
@requires(Permission.CONTACTS_READ)
def history(contact_id: int) -> Response | BaseResponse:
    contact = load(contact_id)
    if not web.is_htmx():
        return record_page(contact)
    return web.fragment("contacts/_timeline.html", contact=contact, timeline=_timeline(contact))


@contacts.get("/<int:contact_id>/edit")
@requires(Permission.CONTACTS_WRITE)
def edit(contact_id: int) -> Response:
    contact = load(contact_id)
    return _form(contact, contact_form.of(contact))


@contacts.post("/<int:contact_id>")
@requires(Permission.CONTACTS_WRITE)
def change(contact_id: int) -> Response | BaseResponse:
    contact, form = load(contact_id), contact_form.typed()
    if not form.validate():
        return _form(contact, form, 422)
    try:
        records.change(contact, current_user, form.version.data or 0, form.read())
    except records.Outdated:
        return _outdated(contact, form)
    except (Invalid, Conflict) as refusal:
        form.refuse(refusal)
        return _form(contact, form, 422)
    people.tell_of(contact)
    flash(_("Saved."), "success")
    return web.go(".show", contact_id=contact.id)


@contacts.post("/<int:contact_id>/archive")
@requires(Permission.CONTACTS_WRITE)
def archive(contact_id: int) -> BaseResponse:
    contact = load(contact_id)
    records.archive(contact, current_user)
    flash(_("%(display_name)s is archived. Everything is kept; the list shows it under “Archived”.", display_name=contact.display_name), "success")  # fmt: skip
    return web.go(".show", contact_id=contact.id)


@contacts.post("/<int:contact_id>/restoration")
@requires(Permission.CONTACTS_WRITE)
def restore(contact_id: int) -> BaseResponse:
    contact = load(contact_id)
    records.restore(contact, current_user)
    flash(_("%(display_name)s is back in the list.", display_name=contact.display_name), "success")
    return web.go(".show", contact_id=contact.id)


def record_page(contact: Contact, status: int = 200, **more: Any) -> Response:
    """`more`: what was typed into one of its small forms, and why that was refused."""
    return web.page(
        "contacts/show.html", status,
        contact=contact,
        tags=tags.of(contact.id),
        fields=ContactField.all(),
        notes=ContactNote.of(contact.id),
        files=ContactFile.of(contact.id),
        suggestions=merging.suggestions(contact),
        merges=merging.undoable(contact),
        timeline=_timeline(contact),
        languages=records.LANGUAGES,
        **contact_sides.of(contact),
        **more,
    )  # fmt: skip


def _timeline(contact: Contact) -> timeline.Timeline:
    area = request.args.get("show", "")
    area = area if area in timeline.AREAS else ""
    return timeline.of(contact.id, area, Cursor.parse(request.args.get("before")))


def _form(
    contact: Contact | None, form: ContactRecordForm, status: int = 200, **more: Any
) -> Response:
    return web.page(
        "contacts/form.html", status,
        contact=contact, form=form, companies=companies.suggested(), **more,
    )  # fmt: skip


def _outdated(contact: Contact, form: ContactRecordForm) -> Response:
    """What was typed stays; what the other one saved stands beside it. Saving again takes what is typed."""
    theirs = timeline.of(contact.id, "record").rows
    form.version.data = contact.version
    form.version.raw_data = None
    changed = next((each for each in theirs if each.kind == "contact.changed"), None)
    return _form(contact, form, 409, theirs=records.as_shown(contact), changed=changed, at=now())


def _owner(form: NewContactForm, refusal: Invalid | Conflict) -> Contact | None:
    """Whose the address is that can't be taken."""
    if not isinstance(refusal, Conflict) or refusal.code not in ("email", "phone"):
        return None
    typed = services.read(form.name.data, form.email.data, form.phone.data)
    return Contact.by_identities([each for each in typed.identities if each[0] == refusal.code])
