"""A customer's file, for members: shown in the page when its bytes are a picture, sound or film; else saved."""

from flask import Blueprint, Response, abort

from app.conversations.models import Conversation, Message, MessageFile
from app.core import downloads
from app.core.access import Permission, requires
from app.core.storage import File
from app.extensions import db
from app.lib.media_types import HEAD_BYTES, sniffed

files = Blueprint("files", __name__)


@files.get("/<int:file_id>")
@requires(Permission.INBOX_READ)
def show(file_id: int) -> Response:
    row = MessageFile.by_id(file_id) or abort(404)
    file = _stored(row) or abort(404)
    return downloads.answer(file, row.name, sniffed(downloads.part(file.id, 0)[:HEAD_BYTES]))


def _stored(row: MessageFile) -> File | None:
    """None too when its conversation isn't in the inbox."""
    message = db.session.get_one(Message, (row.business_id, row.message_id))
    if row.file_id is None or Conversation.in_inbox(message.conversation_id) is None:
        return None
    return db.session.get(File, (row.business_id, row.file_id))
