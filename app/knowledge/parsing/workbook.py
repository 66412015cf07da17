"""XLSX: each visible sheet a heading, each row "Header: cell; Header: cell", read row by row."""

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any

from openpyxl import load_workbook
from openpyxl.utils.cell import range_boundaries
from openpyxl.worksheet._reader import WorkSheetParser

from app.knowledge.blocks import Block, ParsedDocument
from app.knowledge.parsing import limits
from app.knowledge.parsing.budget import counted
from app.knowledge.parsing.clean import lines_kept, one_line
from app.knowledge.parsing.errors import UnreadableFile
from app.knowledge.parsing.formats import shown
from app.knowledge.parsing.package import BROKEN, refuse_bombs
from app.knowledge.parsing.sheetrows import Row, blocks_of

_WINDOW_BYTES = 1024 * 1024
_MERGED = re.compile(
    rb"""<(?:\w+:)?mergeCell\s[^>]{0,80}?\bref=["']([A-Z]{1,3}\d+:[A-Z]{1,3}\d+)"""
)
_MERGED_BYTES = 200  # no such mark is longer
_ORDINARY_NAME = re.compile(
    r"(?:sheet|tabelle|feuil|hoja|foglio|blad|ark|planilha|лист) ?\d*", re.I
)


def read_xlsx(path: Path) -> ParsedDocument:
    refuse_bombs(path, xml_bytes=limits.MAX_UNPACKED_BYTES)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about parts that hold no text
            with path.open("rb") as file:  # a path would have to end in .xlsx
                book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
                blocks = list(counted(_blocks(book)))
    except BROKEN as error:
        raise UnreadableFile("broken", detail=repr(error)) from error
    return ParsedDocument(one_line(book.properties.title or ""), blocks)


def _blocks(book: Any) -> Iterator[Block]:
    """Hidden sheets, rows and columns stay unsaid: owners keep purchase prices there."""
    sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    styles = _Styles(book)
    for sheet in islice(sheets, limits.MAX_PAGES):
        blocks = blocks_of(_Sheet(book, sheet, styles).rows())
        first = next(blocks, None)
        if first is None:
            continue
        name = one_line(sheet.title)
        if len(sheets) > 1 or not _ORDINARY_NAME.fullmatch(name):
            yield Block("heading", name, level=1)
        yield from chain([first], blocks)


class _Styles:
    """What a cell's style number says, found out once per number."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._known: dict[int, tuple[str, bool]] = {}

    def of(self, number: int) -> tuple[str, bool]:
        """The number format, and whether the type is bold."""
        if number not in self._known:
            self._known[number] = self._found(number)
        return self._known[number]

    def _found(self, number: int) -> tuple[str, bool]:
        from openpyxl.styles.numbers import BUILTIN_FORMATS, BUILTIN_FORMATS_MAX_SIZE

        style = self._book._cell_styles[number]
        own = style.numFmtId - BUILTIN_FORMATS_MAX_SIZE
        formats = self._book._number_formats
        code = formats[own] if 0 <= own < len(formats) else BUILTIN_FORMATS.get(style.numFmtId)
        return code or "General", bool(self._book._fonts[style.fontId].b)


@dataclass(slots=True)
class _Merges:
    """Merged cells of a sheet. They stand at its end, so a first pass looks for them."""

    starting: dict[int, list[tuple[int, int, int]]] = field(default_factory=dict)
    open: list[tuple[int, int, int, str]] = field(default_factory=list)  # last row, columns, text

    @classmethod
    def of(cls, stream: IO[bytes]) -> "_Merges":
        found, rest, count = cls(), b"", 0
        while window := stream.read(_WINDOW_BYTES):
            text = rest + window
            end = 0
            for match in _MERGED.finditer(text):
                left, top, right, bottom = range_boundaries(match[1].decode())
                found.starting.setdefault(top, []).append((bottom, left - 1, right - 1))
                end, count = match.end(), count + 1
            if count > limits.MAX_MERGED_CELLS:
                raise UnreadableFile("too_large", detail=f"{count} merged cells")
            rest = text[max(end, len(text) - _MERGED_BYTES) :]
        return found

    def fill(self, number: int, row: Row) -> None:
        """A cell merged downwards says the same in each row; one across is noted."""
        self.open = [each for each in self.open if each[0] >= number]
        for _, first, _, text in self.open:
            row.put(first, text)
        for bottom, first, last in self.starting.pop(number, ()):
            text = row.cells[first] if first < len(row.cells) else ""
            if text and last > first:
                row.across.append((first, last))
            if text and bottom > number:
                self.open.append((bottom, first, last, text))


class _Sheet:
    def __init__(self, book: Any, sheet: Any, styles: _Styles) -> None:
        self._book, self._sheet, self._styles = book, sheet, styles

    def rows(self) -> Iterator[Row]:
        """Those with something in them."""
        with self._sheet._get_source() as stream:
            merges = _Merges.of(stream)
        with self._sheet._get_source() as stream:
            parser = self._parser(stream)
            last = 0
            for number, cells in parser.parse():
                is_hidden = _is_set(parser.row_dimensions.pop(str(number), {}).get("hidden"))
                row = self._row(cells, parser)
                merges.fill(number, row)
                if is_hidden or not any(row.cells):
                    continue
                row.after_gap = number > last + 1
                last = number
                yield row

    def _parser(self, stream: IO[bytes]) -> Any:
        book = self._book
        return WorkSheetParser(
            stream,
            self._sheet._shared_strings,
            data_only=True,  # the values that formulas had when the file was saved
            epoch=book.epoch,
            date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )

    def _row(self, cells: list[dict[str, Any]], parser: Any) -> Row:
        hidden = _hidden_columns(parser.column_dimensions)
        row = Row()
        for cell in cells:
            column = cell["column"] - 1
            if cell["data_type"] == "e" or cell["value"] is None or column in hidden:
                continue
            code, is_bold = self._styles.of(cell["style_id"])
            text = lines_kept(shown(cell["value"], code)).replace("\n", " ")
            row.put(column, text)
            row.is_bold = row.is_bold or is_bold
            if text and cell["data_type"] != "s":
                row.figures.add(column)
        return row


def _hidden_columns(dimensions: dict[str, dict[str, str]]) -> set[int]:
    return {
        column
        for each in dimensions.values()
        if _is_set(each.get("hidden"))
        for column in range(int(each["min"]) - 1, min(int(each["max"]), limits.MAX_CELLS_IN_ROW))
    }


def _is_set(value: str | None) -> bool:
    return value in {"1", "true"}
