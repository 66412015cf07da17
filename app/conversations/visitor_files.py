"""Files that a visitor of the website sends: looked at before anything is kept, then a message each."""

from typing import cast
from uuid import UUID

from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from app.channels.adapters import MOST_OWN_BYTES, OWN_MEDIA
from app.channels.content import Media
from app.channels.models import Channel
from app.conversations import sending, services
from app.conversations.models import Conversation, Message
from app.conversations.uploads import Kind, Upload
from app.core import storage
from app.core.errors import Invalid
from app.lib import file_types

# What a browser's chooser offers. A phone that knows JPEG makes one of its own kind of picture.
ACCEPT = (
    "image/jpeg,image/png,image/gif,image/webp,audio/*,application/pdf,"
    ".doc,.docx,.xls,.xlsx,.ppt,.pptx,.txt,.csv"
)


def look_at(sent: FileStorage) -> Upload:
    """By its first bytes, whatever it is called. Raises Invalid."""
    name = file_types.plain_name(sent.filename or "")
    mime = file_types.mime_of(sent.stream.read(file_types.HEAD_BYTES), name)
    sent.stream.seek(0)
    sha256, length = storage.digest(sent.stream)
    if not length:
        raise Invalid(_("%(name)s is empty.", name=name), code="file")
    if length > MOST_OWN_BYTES:
        most = file_types.size_in_words(MOST_OWN_BYTES)
        raise Invalid(
            _(
                "%(name)s is larger than %(size)s. Please send a smaller file.",
                name=name,
                size=most,
            ),
            code="file",
        )
    kind = next((each for each, mimes in OWN_MEDIA.items() if mime in mimes), None)
    if kind is None:
        raise Invalid(
            _(
                "%(name)s can’t be sent here. Pictures, sound, PDF, Word, Excel, PowerPoint and text can.",
                name=name,
            ),
            code="file",
        )
    return Upload(cast(Kind, kind), mime, name, sent.stream, sha256, length)


def receive(
    channel: Channel,
    visitor_uuid: UUID,
    upload: Upload,
    client_key: str,
    page: str | None = None,
    *,
    not_in: int | None = None,
) -> tuple[Message, bool]:
    """Stored once per client key, with its message. True when it is new."""
    content = Media(kind=upload.kind, mime=upload.mime, name=upload.name)
    message, is_new = services.receive(
        channel, visitor_uuid, content.plain(), client_key, page, not_in=not_in, content=content
    )
    if is_new:
        _show(message, upload)
    return message, is_new


def add(conversation: Conversation, upload: Upload, client_key: str) -> bool:
    """To a locked one. True when it is new."""
    content = Media(kind=upload.kind, mime=upload.mime, name=upload.name)
    message, is_new = services.take_in(
        conversation.channel, conversation.visitor, content.plain(), client_key,
        into=conversation, content=content,
    )  # fmt: skip
    if is_new:
        _show(message, upload)
    return is_new


def _show(message: Message, upload: Upload) -> None:
    kept = upload.keep("")
    assert kept.file_id is not None
    sending.show_file(message, kept, kept.file_id)
