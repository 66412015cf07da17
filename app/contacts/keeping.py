"""Notes and files of a contact. Who wrote a note changes it and takes it away; a file goes by whoever may write."""

from typing import IO

from flask_babel import gettext as _
from sqlalchemy import delete, func, select

from app.accounts.models import User
from app.contacts import activities
from app.contacts.models import Contact, ContactFile, ContactNote
from app.core import storage
from app.core.db import now
from app.core.errors import Invalid
from app.core.storage import File
from app.extensions import db
from app.lib import file_types

MAX_NOTE = 5000  # characters
MAX_FILE_BYTES = 25 * 1024 * 1024


def write(contact: Contact, body: str, by: User) -> ContactNote:
    """Raises Invalid."""
    body = _clean(body)
    if _count(ContactNote, contact) >= ContactNote.MOST:
        raise Invalid(
            _(
                "%(most_notes)s notes fit. Delete one that you no longer need.",
                most_notes=ContactNote.MOST,
            ),
            code="body",
        )
    note = ContactNote(contact_id=contact.id, user_id=by.id, body=body)
    db.session.add(note)
    db.session.flush()
    _tell("note.written", contact, by, body, f"note-{note.id}")
    return note


def rewrite(note: ContactNote, body: str) -> None:
    """The timeline says its new words, too."""
    body = _clean(body)
    if body != note.body:
        note.body, note.edited_at = body, now()
        activities.reword(f"note-{note.id}", body)


def strike(note: ContactNote, contact: Contact, by: User) -> None:
    """What it said goes with it, also from the timeline."""
    db.session.delete(note)
    activities.forget_words(f"note-{note.id}")
    _tell("note.deleted", contact, by)


def keep(contact: Contact, stream: IO[bytes], name: str, by: User) -> ContactFile:
    """Looked at before anything is kept. Raises Invalid."""
    name = file_types.plain_name(name)
    sha256, length = storage.digest(stream)
    if not length:
        raise Invalid(_("%(name)s is empty.", name=name), code="file")
    if length > MAX_FILE_BYTES:
        most = file_types.size_in_words(MAX_FILE_BYTES)
        raise Invalid(_("%(name)s has %(size_in_words)s; at most %(most)s fit.", name=name, size_in_words=file_types.size_in_words(length), most=most), code="file")  # fmt: skip
    if _count(ContactFile, contact) >= ContactFile.MOST:
        raise Invalid(
            _(
                "%(most_files)s files fit. Delete one that you no longer need.",
                most_files=ContactFile.MOST,
            ),
            code="file",
        )
    mime = file_types.mime_of(stream.read(file_types.HEAD_BYTES), name)
    stream.seek(0)
    stored = storage.store(stream, name, sha256, length)
    file = ContactFile(
        contact_id=contact.id, file_id=stored.id, name=name, mime=mime, byte_count=length,
        user_id=by.id,
    )  # fmt: skip
    db.session.add(file)
    db.session.flush()
    _tell("file.added", contact, by, name, f"contact-file-{file.id}")
    return file


def discard(file: ContactFile, contact: Contact, by: User) -> None:
    """With its bytes."""
    _tell("file.deleted", contact, by, file.name)
    db.session.execute(delete(File).where(File.id == file.file_id))
    db.session.expire_all()


def _clean(body: str) -> str:
    body = "".join(c for c in body.replace("\r\n", "\n") if c in "\n\t" or c.isprintable()).strip()
    if not body:
        raise Invalid(_("Write the note first."), code="body")
    if len(body) > MAX_NOTE:
        raise Invalid(_("A note may have %(most)s characters; this one has %(count)s.", most=f"{MAX_NOTE:,}", count=f"{len(body):,}"), code="body")  # fmt: skip
    return body


def _count(table: type[ContactNote | ContactFile], contact: Contact) -> int:
    counted = select(func.count()).select_from(table).where(table.contact_id == contact.id)
    return db.session.scalar(counted) or 0


def _tell(kind: str, contact: Contact, by: User, summary: str = "", key: str | None = None) -> None:
    activities.record(
        kind, contact_id=contact.id, actor="member", user_id=by.id, summary=summary, source_key=key
    )
