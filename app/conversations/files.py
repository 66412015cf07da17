"""Files that people send: named by a provider at first, then fetched and kept.

What may be shown inside a page is decided by the first bytes, never by what the sender or a provider says.
"""

import hashlib
import io
import threading
from collections.abc import Iterable
from datetime import timedelta
from functools import partial

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, select

from app.channels.adapters import adapter, limits
from app.channels.border import IncomingFile, SendFailed
from app.channels.lines import line_of
from app.channels.models import Channel
from app.conversations.models import Message, MessageFile
from app.core import jobs, realtime, storage, tenancy
from app.core.db import now
from app.core.errors import OutsideError
from app.core.storage import File
from app.extensions import db

MAX_BYTES = 25 * 1024 * 1024  # whatever a channel allows: it is in memory once
AT_ONCE = 2  # of a worker, which has sixty jobs beside each other and no room for as many films
SOON = timedelta(seconds=1)
MAX_NAME_CHARACTERS = 200
TOO_LARGE = (
    "This file is too large to be kept here. Ask for a smaller one, or look at it in {where}."
)
DAMAGED = _l("This file arrived damaged. Ask for it again.")
GIVEN_UP = _l("This file could not be fetched. Ask for it again.")
_room = threading.BoundedSemaphore(AT_ONCE)


def expect(message: Message, incoming: Iterable[IncomingFile]) -> None:
    """A new message's files: kept at once where they came along, otherwise fetched by a job."""
    for each in incoming:
        row = MessageFile(
            message_id=message.id,
            kind=each.kind,
            mime=each.mime,
            name="".join(filter(str.isprintable, each.name))[-MAX_NAME_CHARACTERS:],
            byte_count=each.byte_count,
            sha256=each.sha256.lower() or None,
            provider_ref=each.provider_ref or None,
        )
        db.session.add(row)
        db.session.flush()
        if each.body is not None:
            _keep(row, each.body)
        else:
            jobs.enqueue("conversations.fetch_file", row.id, key=f"file-{row.id}")


def fetch(row_id: int) -> None:
    """The job. Safe to repeat; a failure for good is said on the file."""
    row = MessageFile.by_id(row_id)
    if row is None or row.state != "waiting":
        return
    channel = db.session.get_one(Message, (row.business_id, row.message_id)).conversation.channel
    line, most, ref = line_of(channel), _most(channel, row), row.provider_ref or ""
    where = adapter(channel.kind).label
    if row.byte_count and row.byte_count > most:
        _fail(row, TOO_LARGE.format(where=where))
        return
    jobs.commit_step()  # nothing is held while the provider is asked
    if not _room.acquire(blocking=False):
        at = now() + SOON
        jobs.enqueue_next("conversations.fetch_file", row_id, at=at, key=f"file-{row_id}")
        return
    try:
        body, mime = adapter(line.kind).download(line, ref, most)
    except SendFailed as problem:
        if not problem.permanent:
            raise OutsideError(problem.message, permanent=False) from problem
        _end(row_id, partial(_fail, why=problem.message))
    else:
        _end(row_id, partial(_keep_checked, body=body, mime=mime))
    finally:
        _room.release()


def give_up(row_id: int, _reason: str) -> None:
    """It was tried long enough."""
    _end(row_id, partial(_fail, why=str(GIVEN_UP)))


def forget(message: Message) -> None:
    """The bytes of a message's files; its rows are the caller's."""
    kept = select(MessageFile.file_id).where(
        MessageFile.message_id == message.id, MessageFile.file_id.is_not(None)
    )
    db.session.execute(delete(File).where(File.id.in_(kept)))


def _end(row_id: int, finish: "partial[None]") -> None:
    """The message may have been taken back meanwhile, and its files with it."""
    row = MessageFile.by_id(row_id, locked=True)
    if row is not None and row.state == "waiting":
        finish(row)


def _keep_checked(row: MessageFile, body: bytes, mime: str) -> None:
    if row.sha256 and hashlib.sha256(body).hexdigest() != row.sha256:
        _fail(row, str(DAMAGED))
    else:
        row.mime = row.mime or mime
        _keep(row, body)


def _keep(row: MessageFile, body: bytes) -> None:
    stream = io.BytesIO(body)
    sha256, length = storage.digest(stream)
    row.file_id = storage.store(stream, row.name, sha256, length).id
    row.byte_count, row.sha256, row.state, row.error = length, sha256, "stored", None
    _tell(row)


def _fail(row: MessageFile, why: str) -> None:
    row.state, row.error = "failed", why
    _tell(row)


def _most(channel: Channel, row: MessageFile) -> int:
    _, allowed = limits(channel.kind).media.get(row.kind, (frozenset(), MAX_BYTES))
    return min(allowed or MAX_BYTES, MAX_BYTES)


def _tell(row: MessageFile) -> None:
    db.session.flush()
    message = db.session.get_one(Message, (tenancy.current_business_id(), row.message_id))
    members = f"business:{tenancy.current_business_id()}"
    realtime.publish(members, name=f"changed-{message.conversation_id}", message=message.id)
