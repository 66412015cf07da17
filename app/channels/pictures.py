"""The picture in the head of a business's chat: small, and of a kind that can do nothing but be looked at."""

import io
from dataclasses import dataclass

from sqlalchemy import delete

from app.channels.models import Channel
from app.channels.website import WebsiteSettings
from app.core import storage, tenancy
from app.core.errors import Invalid
from app.core.storage import File
from app.extensions import db
from app.lib.marking import kept
from app.lib.media_types import HEAD_BYTES, sniffed

MAX_BYTES = 200 * 1024
KINDS = ("image/png", "image/jpeg", "image/webp")


@dataclass(frozen=True, slots=True)
class Picture:
    data: bytes
    mime: str


def put(settings: WebsiteSettings, data: bytes) -> None:
    """In place of the one before. Raises Invalid."""
    if len(data) > MAX_BYTES:
        raise Invalid(kept("This picture is larger than 200 KB."), code="picture")
    if sniffed(data[:HEAD_BYTES]) not in KINDS:
        raise Invalid(kept("Choose a PNG, JPEG or WebP picture."), code="picture")
    sha256, length = storage.digest(io.BytesIO(data))
    remove(settings)
    stored = storage.store(io.BytesIO(data), "chat-picture", sha256, length)
    settings.avatar_file_id, settings.avatar_sha256 = stored.id, sha256


def remove(settings: WebsiteSettings) -> None:
    if settings.avatar_file_id is not None:
        db.session.execute(delete(File).where(File.id == settings.avatar_file_id))
    settings.avatar_file_id, settings.avatar_sha256 = None, ""


def of(channel: Channel, sha256: str) -> Picture | None:
    settings = WebsiteSettings.of(channel)
    if settings.avatar_file_id is None or settings.avatar_sha256 != sha256:
        return None
    file = db.session.get(File, (tenancy.current_business_id(), settings.avatar_file_id))
    data = b"".join(file.parts()) if file else b""
    mime = sniffed(data[:HEAD_BYTES])
    return Picture(data, mime) if mime in KINDS else None
