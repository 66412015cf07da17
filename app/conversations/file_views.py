"""A customer's file, for members: shown in the page when its bytes are a picture, sound or film; else saved."""

from collections.abc import Iterator

from flask import Blueprint, Flask, Response, abort, current_app, request
from sqlalchemy import select

from app.conversations.models import Conversation, Message, MessageFile
from app.core import tenancy
from app.core.access import Permission, requires
from app.core.storage import PART_BYTES, File, FilePart
from app.core.tenancy import business_scope
from app.extensions import db
from app.lib.media_types import HEAD_BYTES, sniffed

files = Blueprint("files", __name__)

POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
KEPT_SECONDS = 24 * 3600  # by the browser; a message's file never changes


@files.get("/<int:file_id>")
@requires(Permission.INBOX_READ)
def show(file_id: int) -> Response:
    row = MessageFile.by_id(file_id) or abort(404)
    file = _stored(row) or abort(404)
    mime = sniffed(_part(file.id, 0)[:HEAD_BYTES])
    response = Response(
        _parts(file.id, file.byte_count), mimetype=mime or "application/octet-stream"
    )
    response.content_length = file.byte_count
    response.headers.set(
        "Content-Disposition", "inline" if mime else "attachment", filename=row.name or "file"
    )
    response.headers["Content-Security-Policy"] = POLICY
    response.cache_control.private = True
    response.cache_control.max_age = KEPT_SECONDS
    response.set_etag(file.sha256)
    response.make_conditional(request, accept_ranges=True, complete_length=file.byte_count)
    return response


def _stored(row: MessageFile) -> File | None:
    """None too when its conversation isn't in the inbox."""
    message = db.session.get_one(Message, (row.business_id, row.message_id))
    if row.file_id is None or Conversation.in_inbox(message.conversation_id) is None:
        return None
    return db.session.get(File, (row.business_id, row.file_id))


def _parts(file_id: int, byte_count: int) -> Iterator[bytes]:
    """Each read for itself: a slow reader holds neither the file nor a connection."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    business_id = tenancy.current_business_id()

    def read() -> Iterator[bytes]:
        for position in range(-(-byte_count // PART_BYTES)):
            with app.app_context(), business_scope(business_id):
                part = _part(file_id, position)
            yield part

    return read()


def _part(file_id: int, position: int) -> bytes:
    query = select(FilePart.data).where(FilePart.file_id == file_id, FilePart.position == position)
    return db.session.scalar(query) or b""
