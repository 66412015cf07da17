"""Files that members send: looked at before anything is kept, stored beside everybody's."""

from dataclasses import dataclass
from typing import IO, Literal, get_args

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import FileStorage

from app.channels.content import Media
from app.conversations.composing import Composer
from app.core import storage
from app.core.errors import Invalid
from app.lib import file_types

# As people say them; what isn't here is said by its ending.
NAMES = {
    "image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WebP", "image/gif": "GIF",
    "video/mp4": "MP4", "video/3gpp": "3GP", "audio/ogg": "Ogg", "audio/mpeg": "MP3",
    "audio/mp4": "M4A", "audio/aac": "AAC", "audio/amr": "AMR", "application/pdf": "PDF",
    "text/plain": "text", "application/msword": "Word", "application/vnd.ms-excel": "Excel",
    "application/vnd.ms-powerpoint": "PowerPoint",
}  # fmt: skip
Kind = Literal["image", "video", "audio", "document"]
KINDS = {
    "image": _l("Pictures"),
    "video": _l("Videos"),
    "audio": _l("Sound"),
    "document": _l("Documents"),
}


@dataclass(frozen=True, slots=True)
class Upload:
    """`stream` is at its beginning."""

    kind: Kind
    mime: str
    name: str
    stream: IO[bytes]
    sha256: str
    byte_count: int

    def keep(self, caption: str) -> Media:
        file = storage.store(self.stream, self.name, self.sha256, self.byte_count)
        return Media(
            kind=self.kind, caption=caption, file_id=file.id, mime=self.mime, name=self.name
        )


def look_at(sent: FileStorage, composer: Composer) -> Upload:
    """A member's. Raises Invalid in words when the channel wouldn't take it."""
    name = file_types.plain_name(sent.filename or "")
    mime = file_types.mime_of(sent.stream.read(file_types.HEAD_BYTES), name)
    sent.stream.seek(0)
    kind = kind_of(mime, composer)
    if kind is None:
        raise Invalid(_("%(name)s can’t be sent here. %(takes)s", name=name, takes=takes(composer)))
    sha256, length = storage.digest(sent.stream)
    most = composer.most_bytes(kind)
    if not length:
        raise Invalid(_("%(name)s is empty.", name=name))
    if length > most:
        raise Invalid(
            _(
                "%(name)s has %(size)s; at most %(most)s fit.",
                name=name,
                size=file_types.size_in_words(length),
                most=file_types.size_in_words(most),
            )
        )
    return Upload(kind, mime, name, sent.stream, sha256, length)


def kind_of(mime: str, composer: Composer) -> Kind | None:
    media = composer.limits.media
    return next((kind for kind in get_args(Kind) if kind in media and mime in media[kind][0]), None)


def takes(composer: Composer) -> str:
    """“Pictures (JPEG, PNG) up to 5 MB; …”: said before anything is chosen, and with a refusal."""
    lines = []
    for kind, words in KINDS.items():
        if kind in composer.limits.media:
            mimes = composer.limits.media[kind][0]
            names = sorted({NAMES[mime] for mime in mimes if mime in NAMES})
            most = file_types.size_in_words(composer.most_bytes(kind))
            lines.append(
                _(
                    "%(kind)s (%(names)s) up to %(most)s",
                    kind=words,
                    names=", ".join(names),
                    most=most,
                )
                if names
                else _("%(kind)s up to %(most)s", kind=words, most=most)
            )
    return f"{'; '.join(lines)}."
