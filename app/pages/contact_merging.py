"""Two contacts that are one person: choosing the other one, comparing, merging, and undoing it."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, flash, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.contact_data.choosing import MAX_WORDS
from app.contacts import fields, listing, merging, moving
from app.contacts.listing import Filter
from app.contacts.merging import Choice
from app.contacts.models import Company, Contact, ContactField, ContactMerge
from app.contacts.records import LABELS, LANGUAGES
from app.conversations import people
from app.core import web
from app.core.access import Permission, requires
from app.lib import dates
from app.lib.numbers import grouped
from app.pages import contact_sides
from app.pages.contacts import load

contact_merging = Blueprint("contact_merging", __name__)

MOST_FOUND = 10
SIDE = "side-"  # before a field, in the form
ADDRESSES = {"email": _l("First e-mail address"), "phone": _l("First phone number")}


@dataclass(frozen=True, slots=True)
class Row:
    """A field of the comparison; one that both have alike is nothing to choose."""

    field: str
    label: str
    kept: str
    gone: str
    chosen: str

    @property
    def is_open(self) -> bool:
        return bool(self.kept and self.gone) and self.kept != self.gone


@contact_merging.get("/")
@requires(Permission.CONTACTS_WRITE)
def choose(contact_id: int) -> Response:
    contact = load(contact_id)
    words = request.args.get("q", "").strip()[:MAX_WORDS]
    found = listing.page(Filter(words=words)).rows if words else merging.suggestions(contact, 10)
    return web.page_or_fragment(
        "contacts/merge_choose.html", "contacts/_merge_found.html",
        contact=contact,
        words=words,
        found=[each for each in found if each.id != contact.id][:MOST_FOUND],
    )  # fmt: skip


@contact_merging.get("/<int:other_id>")
@requires(Permission.CONTACTS_WRITE)
def preview(contact_id: int, other_id: int) -> Response:
    return _preview(*_two(contact_id, other_id))


@contact_merging.post("/<int:other_id>")
@requires(Permission.CONTACTS_WRITE)
def create(contact_id: int, other_id: int) -> Response | BaseResponse:
    kept, gone = _two(contact_id, other_id)
    name = gone.display_name
    merging.merge(kept, gone, current_user, _chosen())
    people.tell_of(kept)
    flash(
        _("Merged: everything of %(name)s is here now. You can undo this for 30 days.", name=name),
        "success",
    )
    return web.go("contacts.show", contact_id=contact_id)


@contact_merging.post("/<int:merge_id>/undo")
@requires(Permission.CONTACTS_WRITE)
def undo(contact_id: int, merge_id: int) -> BaseResponse:
    load(contact_id)
    done = ContactMerge.by_id(merge_id) or abort(404)
    if done.kept_id != contact_id:
        abort(404)
    back = merging.undo(done, current_user)
    people.tell_of(back)
    flash(
        _("Undone: %(display_name)s is a contact again.", display_name=back.display_name), "success"
    )
    return web.go("contacts.show", contact_id=contact_id)


def _two(contact_id: int, other_id: int) -> tuple[Contact, Contact]:
    kept, gone = load(contact_id), load(other_id)
    return (kept, gone) if kept.id != gone.id else abort(404)


def _preview(kept: Contact, gone: Contact) -> Response:
    own = {each.key: each for each in [*ContactField.all(), *ContactField.all(archived=True)]}
    talks = contact_sides.conversation_count(gone)
    conversations = ngettext(
        "%(count)s conversation", "%(count)s conversations", talks, count=grouped(talks)
    )
    return web.page(
        "contacts/merge.html",
        contact=kept,
        other=gone,
        rows=[_row(each, own) for each in merging.choices_of(kept, gone)],
        moved=[*([conversations] if talks else []), *moving.counts(gone.id)],
        side=SIDE,
    )  # fmt: skip


def _row(choice: Choice, own: dict[str, ContactField]) -> Row:
    field = own.get(choice.field.removeprefix("custom."))
    label = LABELS.get(choice.field) or ADDRESSES.get(choice.field)
    if choice.field == "company_id":
        label = LABELS["company"]
    label = label or (field.label if field else choice.field)
    kept, gone = (_shown(choice.field, value, field) for value in (choice.kept, choice.gone))
    return Row(choice.field, label, kept, gone, choice.chosen)


def _shown(name: str, value: Any, field: ContactField | None) -> str:
    if value in (None, ""):
        return ""
    if name == "company_id":
        company = Company.by_id(value)
        return company.name if company else ""
    if name in ADDRESSES:
        return str(value.shown)
    if name == "birthday":
        return dates.full(value)
    if name == "language":
        return LANGUAGES.get(value, value)
    return fields.shown(field, value) if field and name.startswith("custom.") else str(value)


def _chosen() -> dict[str, str]:
    """Unknown sides are none: what stands in the preview counts."""
    return {
        name.removeprefix(SIDE): value
        for name, value in request.form.items()
        if name.startswith(SIDE) and value in merging.SIDES
    }
