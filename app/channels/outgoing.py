"""A delivery as its adapter gets it."""

from mimetypes import guess_type

from app.channels import content
from app.channels.border import Address, Outgoing, OutgoingFile
from app.channels.models import Delivery, VisitorAddress
from app.core import tenancy
from app.core.storage import File
from app.extensions import db


def of(delivery: Delivery, addresses: list[VisitorAddress]) -> Outgoing:
    return Outgoing(
        to=tuple(
            Address(each.kind, each.value)
            for each in addresses
            if each.channel_id == delivery.channel_id
        ),
        content=content.read(delivery.content),
        token=delivery.token,
        reply_to=delivery.reply_to,
        file=_file(delivery),
    )


def is_file_gone(delivery: Delivery) -> bool:
    file_id = _file_id(delivery)
    return file_id is not None and _stored(file_id) is None


def _file(delivery: Delivery) -> OutgoingFile | None:
    file_id = _file_id(delivery)
    stored = _stored(file_id) if file_id is not None else None
    if stored is None:
        return None
    mime = delivery.content.get("mime") or guess_type(stored.name)[0] or "application/octet-stream"
    return OutgoingFile(stored.name, mime, b"".join(stored.parts()))


def _file_id(delivery: Delivery) -> int | None:
    """Of a medium, or of the picture at a template's head."""
    return delivery.content.get("file_id") or delivery.content.get("header_file_id")


def _stored(file_id: int) -> File | None:
    return db.session.get(File, (tenancy.current_business_id(), file_id))
