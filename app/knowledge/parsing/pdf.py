"""PDF: text by page, put together into paragraphs by layout.py."""

import logging
import os
import re
from pathlib import Path
from typing import IO, Any

import pypdf
from pypdf import PdfReader, _page
from pypdf.errors import DependencyError, FileNotDecryptedError, LimitReachedError, PyPdfError

from app.knowledge.blocks import ParsedDocument
from app.knowledge.parsing import limits
from app.knowledge.parsing.clean import one_line
from app.knowledge.parsing.columns import with_tables
from app.knowledge.parsing.errors import UnreadableFile
from app.knowledge.parsing.layout import LETTER_WIDTH, Line, blocks_of
from app.lib.marking import kept

_TAIL_BYTES = 64 * 1024  # mail gateways and web servers append rubbish after the end mark
_SCAN_PAGES = 20  # looked at for pictures, when there is no text at all
_SCANS_TOLD = 2  # pages, from which on it is said that they are missing
_MAX_SPACE_WIDTH = 320  # thousandths of the font size; a real space is 220 to 300
_MONOSPACE_WIDTH = 600
_LETTER_OF_TYPEWRITER = 0.6  # of the size; listings then have no gaps that look like columns
_TYPEWRITER = re.compile(r"mono|courier|typewriter|consol|cmtt|lmtt|menlo", re.I)

logging.getLogger("pypdf").setLevel(logging.ERROR)


class _Font(_page.Font):  # type: ignore[name-defined,misc]
    """TeX's fonts have no space; the width guessed for it is then a letter's, and words run together."""

    @classmethod
    def from_font_resource(cls, *args: Any, **kwargs: Any) -> Any:
        font = super().from_font_resource(*args, **kwargs)
        if font.space_width < _MONOSPACE_WIDTH:
            font.space_width = min(font.space_width, _MAX_SPACE_WIDTH)
        return font


_page.Font = _Font  # type: ignore[attr-defined,misc]


def read_pdf(path: Path) -> ParsedDocument:
    with path.open("rb") as file:
        return _read(file)


def _read(file: IO[bytes]) -> ParsedDocument:
    length = file.seek(0, os.SEEK_END)
    file.seek(max(0, length - _TAIL_BYTES))
    if b"%%EOF" not in file.read():
        raise UnreadableFile("broken", detail="no end mark")
    try:
        reader = _opened(file)
        pages = [_lines(page) for page in reader.pages]
        blocks = blocks_of(pages)
        if not blocks:
            raise UnreadableFile("scan" if _has_pictures(reader) else "no_text")
        return ParsedDocument(_title(reader), blocks, _language(reader), _notice(reader, pages))
    except LimitReachedError as error:
        raise UnreadableFile("too_large", detail=repr(error)) from error
    except (FileNotDecryptedError, DependencyError) as error:
        raise UnreadableFile("password", detail=repr(error)) from error
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise UnreadableFile("broken", detail=repr(error)) from error
    except RecursionError as error:
        raise UnreadableFile("broken", detail="nested without end") from error


def _opened(file: IO[bytes]) -> PdfReader:
    reader = PdfReader(file, strict=False)
    # Many files are locked against changes only: they open with an empty password.
    if reader.is_encrypted and not reader.decrypt(""):
        raise UnreadableFile(
            "password",
            kept("This PDF is protected by a password. Remove the password and upload it again."),
        )
    if len(reader.pages) > limits.MAX_PAGES:
        raise UnreadableFile(
            "too_large",
            kept(
                "This PDF has more than %(most)s pages. Split it and upload the parts.",
                most=f"{limits.MAX_PAGES:,}",
            ),
        )
    return reader


def _lines(page: pypdf.PageObject) -> list[Line]:
    """The visitor hears the text in pieces, with the place and the size of each."""
    lines = [Line()]

    def hear(text: str, place: list[float], matrix: list[float], font: Any, size: float) -> None:
        height = matrix[4] * place[1] + matrix[5] * place[3] + place[5]
        left = matrix[4] * place[0] + matrix[5] * place[2] + place[4]
        letter = _LETTER_OF_TYPEWRITER if _is_typewriter(font) else LETTER_WIDTH
        scale = abs(matrix[3] * place[3]) or abs(matrix[1] * place[2]) or 1.0
        for index, part in enumerate(text.split("\n")):
            if index:
                lines.append(Line())
            lines[-1].add(part, height, abs(size) * scale, left, letter)

    page.extract_text(visitor_text=hear)
    return with_tables([line for line in lines if line.text.strip()])


def _is_typewriter(font: Any) -> bool:
    name = str(font.get("/BaseFont", "")) if font else ""
    return bool(_TYPEWRITER.search(name))


def _has_pictures(reader: PdfReader) -> bool:
    return any(_shows_picture(page) for page in reader.pages[:_SCAN_PAGES])


def _shows_picture(page: pypdf.PageObject) -> bool:
    resources = page.get("/Resources")
    objects = resources.get_object().get("/XObject") if resources is not None else None
    found = objects.get_object().values() if objects is not None else ()
    return any(item.get_object().get("/Subtype") in {"/Image", "/Form"} for item in found)


def _notice(reader: PdfReader, pages: list[list[Line]]) -> str:
    """A cover or a photo without words is no loss; a tenth of the pages may be."""
    scans = sum(
        not lines and _shows_picture(page) for page, lines in zip(reader.pages, pages, strict=True)
    )
    if scans < _SCANS_TOLD or scans < len(pages) / 10:
        return ""
    return kept(
        "%(scans)s of %(count)s pages are pictures of text and could not be read.",
        scans=f"{scans:,}",
        count=f"{len(pages):,}",
    )


def _title(reader: PdfReader) -> str:
    """The file's own, unless a program left its rubbish there."""
    title = one_line((reader.metadata.title if reader.metadata else "") or "")
    rubbish = title.lower().startswith(("microsoft word", "untitled", "unknown", "print"))
    is_file_name = title.lower().endswith(
        (".doc", ".docx", ".pdf", ".indd", ".odt", ".ppt", ".tex")
    )
    return "" if rubbish or is_file_name or len(title) < 4 else title


def _language(reader: PdfReader) -> str:
    declared = str(reader.root_object.get("/Lang") or "").strip().lower()
    primary = declared.replace("_", "-").split("-")[0]
    return primary if len(primary) == 2 and primary.isascii() and primary.isalpha() else ""
