"""Files of people as rows of text. Runs in the child."""

import csv
import io
import re
import warnings
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from app.contact_data.reading import limits
from app.knowledge.parsing.clean import printable
from app.knowledge.parsing.detect import detect
from app.knowledge.parsing.encoding import decode
from app.knowledge.parsing.errors import UnreadableFile
from app.knowledge.parsing.sheet import best_delimiter, told_delimiter
from app.lib.marking import kept

Line = dict[str, Any]
_WORDS = re.compile(rb"[^\s,;|\"@]+")
SUPPORTED = kept("You can import CSV, TSV and Excel (.xlsx).")


def read(
    path: Path, name: str, encoding: str = "", delimiter: str = "", sheet: str = ""
) -> Iterator[Line]:
    """Raises UnreadableFile. An encoding or delimiter that isn't given is found out."""
    if path.stat().st_size > limits.MAX_FILE_BYTES:
        raise UnreadableFile("too_large", kept("This file is larger than 20 MB. Split it, and import the parts."))  # fmt: skip
    kind = detect(path, f"{name}.csv" if name.lower().endswith((".tsv", ".tab")) else name)
    if kind == "xlsx":
        yield from _read_book(path, sheet)
    elif kind in ("csv", "text"):
        yield from _read_text(path.read_bytes(), encoding, delimiter)
    else:
        raise UnreadableFile(
            "unsupported", kept("This is no table of people. %(supported)s", supported=SUPPORTED)
        )


def _read_text(data: bytes, encoding: str, delimiter: str) -> Iterator[Line]:
    text, found = _decoded(data, encoding)
    text, told = told_delimiter(printable(text))
    csv.field_size_limit(len(text) + 1)
    delimiter = delimiter or told or best_delimiter(text)
    yield {"encoding": found, "delimiter": delimiter, "sheets": [], "sheet": ""}
    try:
        yield from _numbered(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise UnreadableFile("broken", detail=repr(error)) from error


def _decoded(data: bytes, encoding: str) -> tuple[str, str]:
    """The text, and in what it is. Names tell an encoding, not the addresses beside them: whole words with letters
    beyond ASCII are looked at alone."""
    if encoding:
        return data.decode(encoding, "replace"), encoding
    telling = b" ".join(word for word in _WORDS.findall(data) if not word.isascii())
    if telling and (found := _name_of(telling, decode(telling))) not in ("utf-8", "utf-16"):
        return data.decode(found, "replace"), found
    text = decode(data)
    return text, _name_of(data, text)


def _name_of(data: bytes, text: str) -> str:
    """By which encoding the text is just these bytes."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    for encoding in limits.ENCODINGS:
        try:
            if data == text.encode(encoding) or data.decode(encoding) == text:
                return encoding
        except (UnicodeError, LookupError):
            continue
    return "utf-8"


def _read_book(path: Path, wanted: str) -> Iterator[Line]:
    from openpyxl import load_workbook

    from app.knowledge.parsing.limits import MAX_UNPACKED_BYTES
    from app.knowledge.parsing.package import BROKEN, refuse_bombs

    refuse_bombs(path, xml_bytes=MAX_UNPACKED_BYTES)
    try:
        with warnings.catch_warnings(), path.open("rb") as file:
            warnings.simplefilter("ignore")
            book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
            sheets = [each for each in book.worksheets if each.sheet_state == "visible"]
            chosen = next((each for each in sheets if each.title == wanted), sheets[0])
            titles = [each.title for each in sheets]
            yield {"encoding": "", "delimiter": "", "sheets": titles, "sheet": chosen.title}
            chosen.reset_dimensions()  # what a file says of its size may be wrong
            yield from _numbered(map(_texts, chosen.iter_rows(values_only=True)))
    except BROKEN as error:
        raise UnreadableFile("broken", detail=repr(error)) from error


def _texts(row: Iterable[Any]) -> list[str]:
    return [_text(each) for each in row]


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime) and value.time() == time():
        value = value.date()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def _numbered(rows: Iterable[list[str]]) -> Iterator[Line]:
    """With the line in which each stands; empty ones are left out, empty cells at the end too."""
    count = characters = 0
    for number, row in enumerate(rows, 1):
        cells = [printable(each[: limits.MAX_CELL]).strip() for each in row]
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            continue
        if len(cells) > limits.MAX_COLUMNS:
            raise UnreadableFile("too_large", kept("Line %(number)s has %(count)s columns; %(most)s are the most.", number=number, count=len(cells), most=limits.MAX_COLUMNS))  # fmt: skip
        length = sum(map(len, cells))
        if length > limits.MAX_LINE:
            raise UnreadableFile("too_large", kept("Line %(number)s has %(count)s characters; %(most)s are the most.", number=number, count=f"{length:,}", most=f"{limits.MAX_LINE:,}"))  # fmt: skip
        count, characters = count + 1, characters + length
        if characters > limits.MAX_CHARACTERS:
            raise UnreadableFile("too_large", kept("This file holds more text than fits. Split it, and import the parts."))  # fmt: skip
        if count > limits.MAX_ROWS + 1:
            raise UnreadableFile("too_large", kept("This file has more than %(most)s lines. Split it, and import the parts.", most=f"{limits.MAX_ROWS:,}"))  # fmt: skip
        yield {"n": number, "c": cells}
