"""What a file is, by its first bytes: a name and a browser's word can be anything."""

from pathlib import PurePath

HEAD_BYTES = 64  # that mime_of() looks at
UNKNOWN = "application/octet-stream"
MOST_NAME = 120
_STARTS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF8", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"\xff\xf3", "audio/mpeg"),
    (b"\xff\xf1", "audio/aac"),
    (b"\xff\xf9", "audio/aac"),
    (b"#!AMR", "audio/amr"),
)
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
    """UNKNOWN for what is none of the kinds that people send each other."""
    ending = PurePath(name).suffix.lower()
    for start, mime in _STARTS:
        if head.startswith(start):
            return mime
    if head[4:8] == b"ftyp":
        return _of_brand(head[8:12])
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head.startswith(b"PK\x03\x04"):
        return _ARCHIVES.get(ending, UNKNOWN)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return _OLD_OFFICE.get(ending, UNKNOWN)
    return _TEXTS.get(ending, UNKNOWN) if b"\0" not in head else UNKNOWN


def _of_brand(brand: bytes) -> str:
    if brand.startswith(b"M4A"):
        return "audio/mp4"
    if brand.startswith(b"3g"):
        return "video/3gpp"
    return "video/quicktime" if brand == b"qt  " else "video/mp4"


def plain_name(name: str) -> str:
    """As it is shown and kept: the last part of a path, without control characters."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(each for each in last if each.isprintable()).strip()[:MOST_NAME] or "File"


def size_in_words(byte_count: int) -> str:
    """As providers count: 1 MB is 1024 times 1024."""
    size, unit = float(byte_count), "bytes"
    for unit in ("bytes", "KB", "MB", "GB"):
        if size < 1024 or unit == "GB":
            break
        size /= 1024
    return f"{size:.1f}".removesuffix(".0") + f" {unit}"


def ending_of(name: str) -> str:
    """“PDF”; "" for a name without one."""
    return PurePath(name).suffix.removeprefix(".").upper()[:8]
