"""Replies that are kept to be sent again: the team's, and each member's own."""

import re
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select, update
from werkzeug.datastructures import FileStorage

from app.accounts.models import User
from app.conversations import composing, kept_files, speech, uploads, variables
from app.conversations.models import TEAM, CannedFile, CannedReply, Conversation
from app.core import storage
from app.core.db import now
from app.core.errors import Conflict, Invalid
from app.core.storage import File
from app.extensions import db
from app.lib import file_types

SHORTCUT = re.compile(r"[\w-]{1,40}")
MAX_REPLIES = 500
MAX_FILES = 5
MAX_BYTES = composing.MOST_UPLOAD_BYTES


@dataclass(frozen=True, slots=True)
class Offered:
    """One as it would be inserted here. `left_out` names files that the channel doesn't take."""

    reply: CannedReply
    text: str
    notes: list[str]
    files: list[dict[str, Any]]


def offered(conversation: Conversation, by: User) -> list[Offered]:
    replies = CannedReply.seen_by(by.id)
    says_hours = any("business.hours_today" in each.body for each in replies)
    with speech.to(conversation) if says_hours else nullcontext():
        known = variables.values(conversation.visitor, by) if replies else {}
    composer = composing.of(conversation)
    return [_offer(each, known, composer) for each in replies]


def note_use(reply: CannedReply) -> None:
    used = {"used_count": CannedReply.used_count + 1, "last_used_at": now()}
    row = update(CannedReply).where(CannedReply.id == reply.id)
    # Being used is no change of it.
    db.session.execute(row.values(**used, updated_at=CannedReply.updated_at))


def create(by: User, *, is_shared: bool, **said: str) -> CannedReply:
    """Raises Invalid and Conflict; their code names the field."""
    if (db.session.scalar(select(func.count(CannedReply.id))) or 0) >= MAX_REPLIES:
        raise Invalid(
            _("%(most)s replies are kept already. Delete some that nobody uses.", most=MAX_REPLIES)
        )
    reply = CannedReply(owner_id=TEAM if is_shared else by.id, made_by=by.id)
    _set(reply, by, **said)
    db.session.add(reply)
    db.session.flush()
    return reply


def change(reply: CannedReply, by: User, *, is_shared: bool, **said: str) -> None:
    """Raises Invalid and Conflict; their code names the field."""
    reply.owner_id = TEAM if is_shared else by.id
    _set(reply, by, **said)
    db.session.flush()


def delete(reply: CannedReply) -> None:
    """What was sent with it stays."""
    for file in list(reply.files):
        remove_file(file)
    db.session.delete(reply)


def add_file(reply: CannedReply, sent: FileStorage) -> None:
    """Raises Invalid when no channel would take it."""
    if len(reply.files) >= MAX_FILES:
        raise Invalid(_("%(most)s files fit in one reply.", most=MAX_FILES), code="files")
    name = file_types.plain_name(sent.filename or "")
    mime = file_types.mime_of(sent.stream.read(file_types.HEAD_BYTES), name)
    sent.stream.seek(0)
    if mime == file_types.UNKNOWN:
        raise Invalid(_("%(name)s is no file that people are sent: pictures, films, sound, PDF, Office.", name=name), code="files")  # fmt: skip
    sha256, length = storage.digest(sent.stream)
    if not 0 < length <= MAX_BYTES:
        most = file_types.size_in_words(MAX_BYTES)
        raise Invalid(
            _("%(name)s is empty, or has more than %(most)s.", name=name, most=most), code="files"
        )
    file = storage.store(sent.stream, name, sha256, length)
    row = CannedFile(reply_id=reply.id, file_id=file.id, mime=mime, name=name, byte_count=length)
    db.session.add(row)
    db.session.flush()
    db.session.refresh(reply)


def remove_file(file: CannedFile) -> None:
    """Its row goes with the bytes."""
    stored = db.session.get(File, (file.business_id, file.file_id))
    if stored is not None:
        db.session.delete(stored)


def _set(reply: CannedReply, by: User, shortcut: str, title: str, body: str) -> None:
    shortcut = shortcut.strip().removeprefix("/").casefold()
    if not SHORTCUT.fullmatch(shortcut):
        raise Invalid(_("Letters, digits and hyphens, like opening-hours."), code="shortcut")
    with db.session.no_autoflush:
        other = CannedReply.with_shortcut(shortcut, by.id)
    if other is not None and other is not reply:
        said = {"shortcut": shortcut, "title": other.title}
        if other.is_shared:
            raise Conflict(
                _("The team has /%(shortcut)s already: “%(title)s”.", **said), code="shortcut"
            )
        raise Conflict(_("You have /%(shortcut)s already: “%(title)s”.", **said), code="shortcut")
    variables.refuse_unknown(body)
    reply.shortcut, reply.title, reply.body = shortcut, title.strip(), body
    reply.updated_by = by.id


def _offer(reply: CannedReply, known: dict[str, str], composer: composing.Composer) -> Offered:
    filled = variables.fill(reply.body, known)
    taken = [each for each in reply.files if uploads.kind_of(each.mime, composer)]
    left_out = [
        _("%(name)s can’t be sent here.", name=each.name)
        for each in reply.files
        if each not in taken
    ]
    files = [kept_files.of_canned(each) for each in taken]
    return Offered(reply, filled.text, filled.notes + left_out, files)
