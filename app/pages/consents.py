"""Settings → Consent: who said what, when and how; entering a list of people who agreed; the block list.

It names people and their numbers, so it wants the inbox's permission and not that of the settings alone.
"""

import csv
import io
from collections.abc import Iterator

from flask import Blueprint, Response, abort, flash, request
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy import func, select
from werkzeug.wrappers import Response as BaseResponse
from wtforms import SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired

from app.channels import consent_entries as entries
from app.channels.consent_entries import ADDRESS_KINDS, LABELS, Line
from app.channels.models import Consent
from app.channels.models.consents import SHOWN
from app.contacts.models import Visitor
from app.conversations import blocking
from app.conversations.models import Conversation
from app.core import tenancy, web
from app.core.access import Permission, requires
from app.core.errors import Invalid
from app.extensions import db

consents = Blueprint("consents", __name__)

MAX_ID = 2**63 - 1  # of a bigint
PAGE_ROWS = 50
MOST_EXPORTED = 20_000
CHUNK = 2000
VIEWS = {
    "": _l("Everything"),
    "in": _l("Said yes"),
    "out": _l("Said no"),
    "never": _l("Do not contact"),
}
COLUMNS = (
    _l("When"),
    _l("Channel"),
    _l("Address"),
    _l("Name"),
    _l("Says"),
    _l("How"),
    _l("Evidence"),
    _l("Entered by"),
)


class ListForm(FlaskForm):
    kind = SelectField(
        _l("Channel"), choices=[SelectChoice(kind, LABELS[kind]) for kind in ADDRESS_KINDS]
    )
    people = TextAreaField(
        _l("Numbers or addresses"),
        [DataRequired(_l("Paste at least one number or address."))],
        description=_l("One a line. Numbers with their country code."),
    )
    words = StringField(
        _l("How and when they agreed"),
        [DataRequired(_l("Say how and when they agreed."))],
        description=_l(
            "Kept with each of them as evidence: “Ticked the box on our sign-up form, May 2026”."
        ),
    )


@consents.get("/")
@requires(Permission.INBOX_READ)
def index() -> Response:
    show, kind, text = _filter()
    before = request.args.get("before", "")
    start = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
    addresses = entries.searched(text) if text else []
    query = Consent.listed(show, kind, addresses, start).limit(PAGE_ROWS + 1)
    rows = list(db.session.scalars(query))
    return web.page_or_fragment(
        "consents/index.html", "consents/_block.html",
        rows=rows[:PAGE_ROWS],
        last=rows[PAGE_ROWS - 1].id if len(rows) > PAGE_ROWS else None,
        conversations=_conversations(rows),
        filter={name: value for name, value in zip(("show", "kind", "q"), _filter(), strict=True) if value},
        views=VIEWS,
        kinds=LABELS,
        most_exported=MOST_EXPORTED,
    )  # fmt: skip


@consents.get("/export.csv")
@requires(Permission.INBOX_READ)
def export() -> Response:
    """What the filter shows, newest first."""
    show, kind, text = _filter()
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for consent in _all(show, kind, entries.searched(text) if text else []):
        writer.writerow([_harmless(value) for value in _cells(consent)])
    headers = {"Content-Disposition": 'attachment; filename="consent.csv"'}
    return Response("\ufeff" + out.getvalue(), mimetype="text/csv", headers=headers)


@consents.get("/new")
@requires(Permission.SETTINGS_WRITE)
def new() -> Response:
    return _form(ListForm(formdata=None))


@consents.post("/")
@requires(Permission.SETTINGS_WRITE)
def create() -> Response | BaseResponse:
    """First it is shown what would be kept; `confirmed` keeps it."""
    form = ListForm()
    if not form.validate():
        return _form(form, 422)
    try:
        words = entries.clean(form.words.data or "", is_needed=True)
        lines = entries.read_list(form.kind.data, form.people.data or "")
    except Invalid as refusal:
        (form.words if refusal.code == "words" else form.people).errors = [refusal.message]
        return _form(form, 422)
    if request.form.get("confirmed") != "1":
        return _form(form, lines=lines)
    count = entries.enter_list(form.kind.data, lines, words, current_user)
    flash(ngettext("%(num)s person noted.", "%(num)s people noted.", count), "success")
    return web.go(".index")


@consents.get("/blocked")
@requires(Permission.INBOX_READ)
def blocked() -> Response:
    people = blocking.blocked()
    return web.page("consents/blocked.html", people=people, conversations=_of_visitors(people))


@consents.post("/blocked/<int:visitor_id>/undo")
@requires(Permission.INBOX_REPLY)
def delete_block(visitor_id: int) -> BaseResponse:
    if visitor_id > MAX_ID:
        abort(404)
    visitor = db.session.get(Visitor, (tenancy.current_business_id(), visitor_id)) or abort(404)
    blocking.unblock(visitor, current_user._get_current_object())
    flash(gettext("%(display_name)s is unblocked.", display_name=visitor.display_name), "success")
    return web.go(".blocked")


def _filter() -> tuple[str, str, str]:
    """Unknown filters are none."""
    show, kind = request.args.get("show", ""), request.args.get("kind", "")
    text = request.args.get("q", "").strip()[:200]
    return show if show in SHOWN else "", kind if kind in LABELS else "", text


def _form(form: ListForm, status: int = 200, lines: list[Line] | None = None) -> Response:
    return web.page("consents/new.html", status, form=form, lines=lines)


def _all(show: str, kind: str, addresses: list[str]) -> Iterator[Consent]:
    before = None
    for _ in range(MOST_EXPORTED // CHUNK):
        rows = list(db.session.scalars(Consent.listed(show, kind, addresses, before).limit(CHUNK)))
        yield from rows
        if len(rows) < CHUNK:
            return
        before = rows[-1].id
        db.session.expunge_all()


def _cells(consent: Consent) -> list[str]:
    return [
        consent.occurred_at.isoformat(timespec="seconds"),
        LABELS.get(consent.channel_kind, consent.channel_kind),
        consent.address,
        consent.visitor.display_name if consent.visitor else "",
        entries.what_in_words(consent),
        consent.basis,
        entries.how_in_words(consent),
        consent.user.name if consent.user else "",
    ]


def _harmless(cell: str) -> str:
    """A spreadsheet reads what begins like that as a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def _conversations(rows: list[Consent]) -> dict[int, int]:
    return _newest_of({each.visitor_id for each in rows if each.visitor_id})


def _of_visitors(people: list[Visitor]) -> dict[int, int]:
    return _newest_of({each.id for each in people})


def _newest_of(visitor_ids: set[int]) -> dict[int, int]:
    """The newest conversation of each."""
    newest = (
        select(Conversation.visitor_id, func.max(Conversation.id))
        .where(Conversation.visitor_id.in_(visitor_ids), Conversation.is_preview.is_(False))
        .group_by(Conversation.visitor_id)
    )
    return {row[0]: row[1] for row in db.session.execute(newest)} if visitor_ids else {}
