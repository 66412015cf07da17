"""Exports: asked for, written to a file, fetched for a week, then forgotten."""

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import delete, func, select

from app.accounts.models import User
from app.businesses.models import Business
from app.contact_data import choosing
from app.contact_data.choosing import Chosen
from app.contact_data.exporting import files, person, tables
from app.contact_data.models import ContactExport
from app.contacts.models import Contact
from app.core import mail, realtime, storage, tenancy
from app.core.db import now
from app.core.errors import Invalid
from app.core.jobs import commit_step, enqueue
from app.core.storage import File
from app.extensions import db

AT_ONCE = 500  # contacts of a CSV that is written while one waits
KEPT = timedelta(days=7)
SIGNAL = "contact-export"
FORMATS = {"csv": "csv", "excel-csv": "csv", "xlsx": "xlsx"}


def start(by: User, what: str, chosen: Chosen) -> ContactExport:
    """Raises Invalid; its code is the field's name."""
    if what not in FORMATS:
        raise Invalid(_("Choose a format."), code="format")
    meant = choosing.select_of(chosen).with_only_columns(Contact.id).subquery()
    count = db.session.scalar(select(func.count()).select_from(meant)) or 0
    if not count:
        raise Invalid(_("Nobody is chosen any more."), code="empty")
    made = ContactExport(
        user_id=by.id, format=FORMATS[what], name=_name(FORMATS[what]), row_count=count,
        chosen=chosen.model_dump(mode="json") | {"for_excel": what == "excel-csv"},
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    if count <= AT_ONCE and made.format == "csv":
        _write(made)
    else:
        enqueue("contact_data.export", made.id, queue="bulk", key=f"export-{made.id}")
    return made


def start_person(by: User, contact: Contact) -> ContactExport:
    made = ContactExport(
        user_id=by.id, format="person", contact_id=contact.id, row_count=1,
        name=f"person-{contact.id}.zip",
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    enqueue("contact_data.export", made.id, key=f"export-{made.id}")
    return made


def run(export_id: int) -> None:
    """Begins anew after a kill; nothing is there before it is whole."""
    of = ContactExport.by_id(export_id)
    if of is None or of.status != "running":
        return
    _write(of)
    of = ContactExport.by_id(export_id)
    if of is not None and of.status == "done":
        _tell_by_mail(of)


def fail(export_id: int, _reason: str) -> None:
    of = ContactExport.by_id(export_id)
    if of is not None:
        of.status, of.problem = "failed", _("This didn’t work. Try again.")
        _tell()


def forget(export_id: int, file_id: int) -> None:
    db.session.execute(delete(File).where(File.id == file_id))
    db.session.execute(delete(ContactExport).where(ContactExport.id == export_id))


def _write(of: ContactExport) -> None:
    export_id = of.id
    with TemporaryDirectory(prefix="frontdesk-") as folder:
        path = Path(folder, "file")
        if of.format == "person":
            person.write(path, db.session.get_one(Contact, (of.business_id, of.contact_id)))
        else:
            _write_table(of, path)
        of = ContactExport.by_id(export_id, locked=True)
        if of is None or of.status != "running":
            return  # somebody in it was erased meanwhile
        with path.open("rb") as stream:
            sha256, length = storage.digest(stream)
            file = storage.store(stream, of.name, sha256, length)
    of.file_id, of.status, of.finished_at, of.done_count = file.id, "done", now(), of.row_count
    enqueue("contact_data.forget_export", of.id, file.id, queue="bulk", at=now() + KEPT)
    _tell()


def _write_table(of: ContactExport, path: Path) -> None:
    export_id, is_long = of.id, of.row_count > AT_ONCE
    of.done_count = 0  # of a job that was cut off
    meant = choosing.select_of(Chosen.model_validate(of.chosen))
    header, pages = tables.of(meant)

    def told(count: int) -> None:
        if is_long:
            ContactExport.by_id(export_id, locked=True).done_count += count
            _tell()
            commit_step()

    if of.format == "xlsx":
        files.write_xlsx(path, header, pages, told)
    else:
        files.write_csv(path, header, pages, told, for_excel=bool(of.chosen.get("for_excel")))


def _name(kind: str) -> str:
    return f"contacts-{now():%Y-%m-%d}.{kind}"


def _tell_by_mail(of: ContactExport) -> None:
    by = db.session.get(User, of.user_id) if of.user_id else None
    business = db.session.get_one(Business, of.business_id)
    if by is not None:
        mail.send(
            "contacts_export", by.email, key=f"export-{of.id}", business=business.name, name=of.name,
            url=f"{current_app.config['PUBLIC_URL']}/b/{business.slug}/contacts/exports/{of.id}",
        )  # fmt: skip


def _tell() -> None:
    realtime.publish(f"business:{tenancy.current_business_id()}", name=SIGNAL)
