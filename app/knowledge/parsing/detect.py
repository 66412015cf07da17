"""What a file really is: by its content first, then by its name."""

import re
import zipfile
from io import BytesIO
from pathlib import PurePath
from typing import Literal

from app.knowledge.parsing.encoding import looks_like_text
from app.knowledge.parsing.errors import SUPPORTED, UnreadableFile

Kind = Literal["pdf", "docx", "html", "markdown", "text", "csv"]

KINDS: dict[str, Kind] = {
    ".pdf": "pdf",
    ".docx": "docx",
    ".html": "html",
    ".htm": "html",
    ".md": "markdown",
    ".markdown": "markdown",
    ".txt": "text",
    ".csv": "csv",
    "": "text",
}
_NAMES: dict[Kind, str] = {
    "pdf": "a PDF",
    "docx": "a Word document",
    "html": "a web page",
    "markdown": "Markdown text",
    "text": "plain text",
    "csv": "a CSV table",
}
_SIGNATURES = (
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"RIFF", "a picture or a sound"),
    (b"{\\rtf", "a rich text (RTF) document"),
    (b"\x1f\x8b", "a compressed archive"),
    (b"7z\xbc\xaf", "a compressed archive"),
    (b"Rar!", "a compressed archive"),
    (b"MZ", "a program"),
    (b"\x7fELF", "a program"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # Office before 2007, and any encrypted Office file
_ENCRYPTED_OFFICE = "EncryptedPackage".encode("utf-16-le")
_HTML_START = re.compile(
    rb"\s*(?:<\?xml[^>]*>|<!--.*?-->|\s)*<(?:!doctype\s+html|html|head|body)\b", re.I | re.S
)
_ANY_TAG = re.compile(rb"<[a-z!/][^<>]*>", re.I)
_HEAD_BYTES = 4096


def detect(data: bytes, name: str) -> Kind:
    """Raises UnreadableFile for what can't be read, and where name and content contradict."""
    if not data.strip(b"\0 \t\r\n\f\v\xef\xbb\xbf\xfe\xff"):
        raise UnreadableFile("empty")
    suffix = PurePath(name.strip().lower()).suffix
    found = _packed(data, suffix)
    if found:
        return _agreed(found, suffix)
    if suffix not in KINDS:
        raise UnreadableFile("unsupported")
    return _text_kind(data, KINDS[suffix], suffix)


def _packed(data: bytes, suffix: str) -> Kind | None:
    head = data[:_HEAD_BYTES]
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head.startswith(b"PK\x03\x04"):
        return _zipped(data, suffix)
    if head.startswith(_OLE):
        raise _old_office(data)
    for signature, what in _SIGNATURES:
        if head.startswith(signature) and not (signature.isalpha() and looks_like_text(head)):
            raise _mistaken(what, suffix)
    return None


def _zipped(data: bytes, suffix: str) -> Kind:
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError) as error:
        raise UnreadableFile("broken", detail=repr(error)) from error
    if "word/document.xml" in names:
        return "docx"
    if "xl/workbook.xml" in names:
        raise _mistaken("an Excel workbook", suffix, "Save the sheet as CSV and upload that.")
    if "ppt/presentation.xml" in names:
        raise _mistaken("a PowerPoint file", suffix, "Save it as PDF and upload that.")
    if "content.xml" in names:
        raise _mistaken("an OpenDocument file", suffix, "Save it as .docx or PDF and upload that.")
    raise _mistaken("a ZIP archive", suffix, "Unpack it and upload the documents inside.")


def _old_office(data: bytes) -> UnreadableFile:
    if _ENCRYPTED_OFFICE in data:
        return UnreadableFile("password")
    return UnreadableFile(
        "unsupported", "This is an old Office file. Save it as .docx or PDF and upload that."
    )


def _mistaken(what: str, suffix: str, advice: str = "") -> UnreadableFile:
    """Named as something we read, it is a mistake worth telling; otherwise just not supported."""
    advice = advice or f"You can upload {SUPPORTED}."
    if suffix in KINDS and suffix:
        message = f"This file's name ends in {suffix}, but it is {what}. {advice}"
        return UnreadableFile("not_what_it_says", message)
    return UnreadableFile("unsupported", f"This is {what}, which can't be read. {advice}")


def _agreed(found: Kind, suffix: str) -> Kind:
    if KINDS.get(suffix, found) == found or not suffix:
        return found
    ending = "." + found
    raise _mistaken(_NAMES[found], suffix, f"Rename it to end in {ending} and upload it again.")


def _text_kind(data: bytes, named: Kind, suffix: str) -> Kind:
    if named in {"pdf", "docx"}:
        what = "text" if looks_like_text(data[:_HEAD_BYTES]) else "something else"
        raise _mistaken(what, suffix, "Check that it is the right file.")
    if not looks_like_text(data):
        raise _mistaken("not text", suffix)
    if _HTML_START.match(data[:_HEAD_BYTES]):
        return "html"
    if (
        named == "html"
        and not data.startswith((b"\xff\xfe", b"\xfe\xff"))
        and not _ANY_TAG.search(data)
    ):
        return "text"
    return named
