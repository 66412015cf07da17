"""What a file really is: by its content first, then by its name."""

import mmap
import re
import zipfile
from pathlib import Path, PurePath
from typing import Literal

from app.knowledge.parsing.encoding import looks_like_text
from app.knowledge.parsing.errors import SUPPORTED, UnreadableFile
from app.lib.marking import kept

Kind = Literal["pdf", "docx", "xlsx", "pptx", "html", "markdown", "text", "csv"]

KINDS: dict[str, Kind] = {
    ".pdf": "pdf",
    ".docx": "docx",
    ".xlsx": "xlsx",
    ".pptx": "pptx",
    ".html": "html",
    ".htm": "html",
    ".md": "markdown",
    ".markdown": "markdown",
    ".txt": "text",
    ".csv": "csv",
    "": "text",
}
_NAMES: dict[Kind, str] = {
    "pdf": kept("a PDF"),
    "docx": kept("a Word document"),
    "xlsx": kept("an Excel workbook"),
    "pptx": kept("a PowerPoint file"),
    "html": kept("a web page"),
    "markdown": kept("Markdown text"),
    "text": kept("plain text"),
    "csv": kept("a CSV table"),
}
_SIGNATURES = (
    (b"\x89PNG", kept("a picture")),
    (b"\xff\xd8\xff", kept("a picture")),
    (b"GIF8", kept("a picture")),
    (b"RIFF", kept("a picture or a sound")),
    (b"{\\rtf", kept("a rich text (RTF) document")),
    (b"\x1f\x8b", kept("a compressed archive")),
    (b"7z\xbc\xaf", kept("a compressed archive")),
    (b"Rar!", kept("a compressed archive")),
    (b"MZ", kept("a program")),
    (b"\x7fELF", kept("a program")),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # Office before 2007, and any encrypted Office file
_ENCRYPTED_OFFICE = "EncryptedPackage".encode("utf-16-le")
_OFFICE_PARTS: dict[str, Kind] = {
    "word/document.xml": "docx",
    "xl/workbook.xml": "xlsx",
    "ppt/presentation.xml": "pptx",
}
_SAVE_AS = kept("Save it as .docx, .xlsx, .pptx or PDF and upload that.")
_HTML_START = re.compile(
    rb"\s*(?:<\?xml[^>]*>|<!--.*?-->|\s)*<(?:!doctype\s+html|html|head|body)\b", re.I | re.S
)
_ANY_TAG = re.compile(rb"<[a-z!/][^<>]*>", re.I)
_HEAD_BYTES = 4096


def detect(path: Path, name: str) -> Kind:
    """Raises UnreadableFile for what can't be read, and where name and content contradict."""
    suffix = PurePath(name.strip().lower()).suffix
    found = _packed(path, suffix)
    if found:
        return _agreed(found, suffix)
    data = path.read_bytes()
    if not data.strip(b"\0 \t\r\n\f\v\xef\xbb\xbf\xfe\xff"):
        raise UnreadableFile("empty")
    if suffix not in KINDS:
        raise UnreadableFile("unsupported")
    return _text_kind(data, KINDS[suffix], suffix)


def _packed(path: Path, suffix: str) -> Kind | None:
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head.startswith(b"PK\x03\x04"):
        return _zipped(path, suffix)
    if head.startswith(_OLE):
        raise _old_office(path)
    for signature, what in _SIGNATURES:
        if head.startswith(signature) and not (signature.isalpha() and looks_like_text(head)):
            raise _mistaken(what, suffix)
    return None


def _zipped(path: Path, suffix: str) -> Kind:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError) as error:
        raise UnreadableFile("broken", detail=repr(error)) from error
    for part, kind in _OFFICE_PARTS.items():
        if part in names:
            return kind
    if "xl/workbook.bin" in names:
        raise _mistaken(
            kept("a binary Excel workbook"), suffix, kept("Save it as .xlsx and upload that.")
        )
    if "content.xml" in names:
        raise _mistaken(kept("an OpenDocument file"), suffix, _SAVE_AS)
    raise _mistaken(
        kept("a ZIP archive"), suffix, kept("Unpack it and upload the documents inside.")
    )


def _old_office(path: Path) -> UnreadableFile:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        if data.find(_ENCRYPTED_OFFICE) >= 0:
            return UnreadableFile("password")
    return UnreadableFile(
        "unsupported", kept("This is an old Office file. %(save_as)s", save_as=_SAVE_AS)
    )


def _mistaken(what: str, suffix: str, advice: str = "") -> UnreadableFile:
    """Named as something we read, it is a mistake worth telling; otherwise just not supported."""
    advice = advice or kept("You can upload %(supported)s.", supported=SUPPORTED)
    if suffix in KINDS and suffix:
        message = kept(
            "This file's name ends in %(suffix)s, but it is %(what)s. %(advice)s",
            suffix=suffix,
            what=what,
            advice=advice,
        )
        return UnreadableFile("not_what_it_says", message)
    return UnreadableFile(
        "unsupported",
        kept("This is %(what)s, which can't be read. %(advice)s", what=what, advice=advice),
    )


def _agreed(found: Kind, suffix: str) -> Kind:
    if KINDS.get(suffix, found) == found or not suffix:
        return found
    ending = "." + found
    raise _mistaken(
        _NAMES[found],
        suffix,
        kept("Rename it to end in %(ending)s and upload it again.", ending=ending),
    )


def _text_kind(data: bytes, named: Kind, suffix: str) -> Kind:
    if named in {"pdf", "docx", "xlsx", "pptx"}:
        what = kept("text") if looks_like_text(data[:_HEAD_BYTES]) else kept("something else")
        raise _mistaken(what, suffix, kept("Check that it is the right file."))
    if not looks_like_text(data):
        raise _mistaken(kept("not text"), suffix)
    if _HTML_START.match(data[:_HEAD_BYTES]):
        return "html"
    if (
        named == "html"
        and not data.startswith((b"\xff\xfe", b"\xfe\xff"))
        and not _ANY_TAG.search(data)
    ):
        return "text"
    return named
