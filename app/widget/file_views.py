"""Files in the chat: what the visitor sends, and what both sides sent, shown to this visitor alone."""

from flask import Response, abort, g
from flask_babel import gettext as _

from app.channels.website import WebsiteSettings
from app.conversations import visitor_files
from app.core import downloads
from app.core.access import public
from app.core.errors import Invalid
from app.core.storage import File
from app.extensions import db, limiter
from app.frontdesk import services as frontdesk
from app.lib.media_types import HEAD_BYTES, sniffed
from app.widget import consenting, file_links, requests
from app.widget.door import widget
from app.widget.fragments import taken

PER_VISITOR = "10 per minute; 60 per hour; 100 per day"
PER_ADDRESS = "30 per minute; 120 per hour; 300 per day"


@widget.post("/files")
@public
@limiter.limit(PER_ADDRESS)
@limiter.limit(PER_VISITOR, key_func=requests.visitor_key)
def send_file() -> Response:
    """A message of its own. Safe to repeat."""
    if not WebsiteSettings.of(g.channel).files:
        raise Invalid(_("Files can’t be sent in this chat."), code="files_off")
    file, sent = requests.sent_file()
    uuid = requests.visitor_uuid()
    agreed = consenting.required(g.channel, uuid)
    message, is_new = frontdesk.receive_file(
        g.channel,
        uuid,
        visitor_files.look_at(file),
        sent.client_key,
        sent.page,
        not_in=sent.not_in,
    )
    return taken(message, sent, agreed, is_new=is_new)


@widget.get("/files/<signed>")
@public
def show_file(signed: str) -> Response:
    """The address is made for one visitor and some days: a picture's request can carry no token."""
    row = file_links.opened(signed) or abort(404)
    file = db.session.get(File, (row.business_id, row.file_id)) if row.file_id else None
    if file is None:
        abort(404)
    return downloads.answer(file, row.name, sniffed(downloads.part(file.id, 0)[:HEAD_BYTES]))
