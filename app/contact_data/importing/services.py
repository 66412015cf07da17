"""What a member does with an import: bringing the file, saying what its columns are, trying, running, undoing."""

from collections.abc import Iterator, Mapping
from typing import IO

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import selectinload

from app.accounts.models import User
from app.businesses import profile
from app.channels import consent_entries
from app.contact_data.importing import running, settings
from app.contact_data.importing.settings import NEW, OWN, Settings
from app.contact_data.models import ContactImport, ImportRow
from app.contact_data.reading import limits
from app.contacts import fields
from app.contacts.models import Contact, ContactField
from app.core import storage
from app.core.db import now
from app.core.errors import Conflict, Invalid
from app.core.jobs import enqueue
from app.core.storage import File
from app.extensions import db
from app.lib import file_types

SMALL_BYTES = 512 * 1024  # read and tried before anybody gets impatient
SHOWN = 20  # imports in the list
PAGE_ROWS = 50
KNOWN = ("fill", "overwrite", "skip")


def take(stream: IO[bytes], name: str, by: User) -> ContactImport:
    """Raises Invalid."""
    name = file_types.plain_name(name)
    sha256, length = storage.digest(stream)
    if not length:
        raise Invalid(_("%(name)s is empty.", name=name), code="file")
    if length > limits.MAX_FILE_BYTES:
        raise Invalid(_("This file is larger than 20 MB. Split it, and import the parts."), code="file")  # fmt: skip
    file = storage.store(stream, name, sha256, length)
    made = ContactImport(user_id=by.id, file_id=file.id, name=name, sha256=sha256)
    made.settings = Settings(country=profile.home_country() or "").model_dump(mode="json")
    db.session.add(made)
    db.session.flush()
    _ask("read_import", made)
    return made


def earlier(of: ContactImport) -> ContactImport | None:
    """The same file, imported before and not undone."""
    query = select(ContactImport).where(
        ContactImport.sha256 == of.sha256,
        ContactImport.id != of.id,
        ContactImport.status == "done",
    )
    return db.session.scalar(query.order_by(ContactImport.id.desc()).limit(1))


def newest() -> list[ContactImport]:
    query = select(ContactImport).order_by(ContactImport.id.desc())
    return list(db.session.scalars(query.limit(SHOWN)))


def read_again(of: ContactImport, encoding: str, delimiter: str, sheet: str) -> None:
    """Another way. Raises Conflict once lines of it are in."""
    _refuse(of, "ready", "checking", "checked", "failed")
    _refuse_begun(of)
    if encoding and encoding not in limits.ENCODINGS:
        raise Invalid(_("Choose one of the encodings."), code="encoding")
    if len(delimiter) > 1 or (delimiter and delimiter in '"\r\n'):
        raise Invalid(_("A delimiter is one character."), code="delimiter")
    chosen = Settings.model_validate(of.settings)
    chosen.encoding, chosen.delimiter, chosen.sheet = encoding, delimiter, sheet[:100]
    chosen.columns = {}
    of.settings, of.status = chosen.model_dump(mode="json"), "reading"
    _begin(of, "read_import")


def try_out(of: ContactImport, typed: Mapping[str, str], *, may_make_fields: bool) -> None:
    """The dry run of what was chosen. Raises Invalid; its code is the field's name."""
    _refuse(of, "ready", "checking", "checked")
    chosen = chosen_of(of, typed)
    if problem := settings.problem_with(chosen):
        raise Invalid(problem[1], code=problem[0])
    if chosen.wants_consent:
        chosen.consent_words = consent_entries.clean(chosen.consent_words, is_needed=True)
    _make_fields(of, chosen, may_make_fields=may_make_fields)
    of.settings, of.status = chosen.model_dump(mode="json"), "checking"
    running.reset(of)
    _begin(of, "check_import")


def chosen_of(of: ContactImport, typed: Mapping[str, str]) -> Settings:
    """What is typed, of what can be chosen; not checked yet."""
    chosen = Settings.model_validate(of.settings)
    known = settings.targets(ContactField.all())
    new = {f"{NEW}{kind}" for kind in fields.KIND_LABELS if kind != "choice"}
    for at in chosen.columns:
        target = typed.get(f"column-{at}", "")
        chosen.columns[at] = target if target in known or target in new else ""
    chosen.has_header = typed.get("has_header") == "yes"
    chosen.known = typed["known"] if typed.get("known") in KNOWN else "fill"  # type: ignore[assignment]
    chosen.dates = "month" if typed.get("dates") == "month" else "day"
    chosen.country = typed.get("country", "").strip().upper()[:2]
    chosen.tag = typed.get("tag", "")[:40]
    chosen.consent_words = typed.get("consent_words", "")[:500]
    return chosen


def _make_fields(of: ContactImport, chosen: Settings, *, may_make_fields: bool) -> None:
    headers = running.first_rows(of, 1)[0].cells if chosen.has_header else []
    for at, target in chosen.columns.items():
        if target.startswith(NEW):
            if not may_make_fields:
                raise Invalid(_("Ask an owner or manager to make new fields."), code="columns")
            label = (
                headers[at]
                if at < len(headers) and headers[at]
                else _("Column %(number)s", number=at + 1)
            )
            made = fields.create(label[: fields.MAX_LABEL], target.removeprefix(NEW))
            chosen.columns[at] = OWN + made.key


def run(of: ContactImport) -> None:
    """Safe to repeat. Raises Conflict before a dry run."""
    if of.status == "running":
        return
    _refuse(of, "checked")
    of.status = "running"
    _begin(of, "run_import")
    of.done_count = done_rows(of)


def undo(of: ContactImport) -> None:
    if of.status == "undoing":
        return
    if not running.may_undo(of, now()):
        raise Conflict(_("This import can’t be undone any more."))
    of.status = "undoing"
    _begin(of, "undo_import")


def remove(of: ContactImport) -> None:
    """One that was never run, with its file."""
    _refuse(of, "reading", "ready", "checking", "checked", "failed")
    _refuse_begun(of)
    if of.file_id:
        db.session.execute(delete(File).where(File.id == of.file_id))
    db.session.execute(delete(ContactImport).where(ContactImport.id == of.id))


def rows(of: ContactImport, outcome: str, after: int = 0) -> tuple[list[ImportRow], int]:
    """A page of lines, and the last one's number when there are more."""
    query = select(ImportRow).where(*_of(of, outcome), ImportRow.number > after)
    found = list(db.session.scalars(query.order_by(ImportRow.number).limit(PAGE_ROWS + 1)))
    page = found[:PAGE_ROWS]
    return page, page[-1].number if len(found) > PAGE_ROWS else 0


def people(rows: list[ImportRow]) -> dict[int, str]:
    """What the contacts of these lines are called."""
    ids = [row.contact_id for row in rows if row.contact_id]
    query = select(Contact).where(Contact.id.in_(ids)).options(selectinload(Contact.identities))
    return {each.id: each.display_name for each in db.session.scalars(query)} if ids else {}


def error_rows(of: ContactImport) -> Iterator[ImportRow]:
    after = 0
    while True:
        page, last = rows(of, "error", after)
        yield from (row for row in page if row.cells)  # those of the erased are blank
        if not last:
            return
        after = last


def _of(of: ContactImport, outcome: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return ImportRow.import_id == of.id, ImportRow.outcome == outcome


def _refuse(of: ContactImport, *states: str) -> None:
    db.session.refresh(of, with_for_update=True)
    if of.status not in states:
        raise Conflict(_("This import is at another step by now. Look at it again."))


def _refuse_begun(of: ContactImport) -> None:
    """One that got stuck on the way."""
    if done_rows(of):
        raise Conflict(
            _("Some lines are in already. Go on with the import; then it can be undone.")
        )


def done_rows(of: ContactImport) -> int:
    done = select(func.count()).where(ImportRow.import_id == of.id, ImportRow.is_done)
    return db.session.scalar(done) or 0


def _begin(of: ContactImport, job: str) -> None:
    of.revision, of.problem, of.done_count = of.revision + 1, "", 0
    _ask(job, of)
    running.tell()


def _ask(job: str, of: ContactImport) -> None:
    small = of.row_count <= 2_000 if of.row_count else _bytes(of) <= SMALL_BYTES
    queue = "interactive" if small else "bulk"
    enqueue(f"contact_data.{job}", of.id, of.revision, queue=queue, key=f"{job}-{of.id}-{of.revision}")  # fmt: skip


def _bytes(of: ContactImport) -> int:
    return db.session.scalar(select(File.byte_count).where(File.id == of.file_id)) or 0
