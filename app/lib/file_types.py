"""Files that members send: their type by their first bytes, their name and size as they are told."""

from pathlib import PurePath

from flask_babel import gettext as _

from app.lib import media_types

HEAD_BYTES = media_types.HEAD_BYTES
UNKNOWN = "application/octet-stream"
MOST_NAME = 120
# Office files are archives of one kind: their name has to say which.
_OFFICE = "application/vnd.openxmlformats-officedocument."
_ARCHIVES = {
    ".docx": _OFFICE + "wordprocessingml.document",
    ".xlsx": _OFFICE + "spreadsheetml.sheet",
    ".pptx": _OFFICE + "presentationml.presentation",
}
_OLD_OFFICE = {
    ".doc": "application/msword",
    ".xls": "application/vnd.ms-excel",
    ".ppt": "application/vnd.ms-powerpoint",
}
_TEXTS = {".txt": "text/plain", ".csv": "text/csv"}


def mime_of(head: bytes, name: str) -> str:
    """A name and a browser's word can be anything. UNKNOWN for what people don't send each other."""
    ending = PurePath(name).suffix.lower()
    if head[4:12] == b"ftypqt  ":
        return "video/quicktime"
    if head.startswith(b"%PDF-"):
        return "application/pdf"
    if head.startswith(b"PK\x03\x04"):
        return _ARCHIVES.get(ending, UNKNOWN)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return _OLD_OFFICE.get(ending, UNKNOWN)
    if known := media_types.sniffed(head):
        return known
    return _TEXTS.get(ending, UNKNOWN) if b"\0" not in head else UNKNOWN


def plain_name(name: str) -> str:
    """As it is shown and kept: the last part of a path, without control characters."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(each for each in last if each.isprintable()).strip()[:MOST_NAME] or _("File")


def ending_of(name: str) -> str:
    """“PDF”; "" for a name without one."""
    return PurePath(name).suffix.removeprefix(".").upper()[:8]


def size_in_words(byte_count: int) -> str:
    """As providers count: 1 MB is 1024 times 1024."""
    size, unit = float(byte_count), "bytes"
    for unit in ("bytes", "KB", "MB", "GB"):
        if size < 1024 or unit == "GB":
            break
        size /= 1024
    return f"{size:.1f}".removesuffix(".0") + f" {unit}"
