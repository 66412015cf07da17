"""PPTX: each slide under its title, with its text and tables, one slide in memory at a time."""

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree

from app.knowledge.blocks import Block, ParsedDocument
from app.knowledge.parsing import limits
from app.knowledge.parsing.budget import counted
from app.knowledge.parsing.clean import lines_kept, one_line
from app.knowledge.parsing.errors import UnreadableFile
from app.knowledge.parsing.package import BROKEN, part, refuse_bombs, relations
from app.knowledge.parsing.tables import rows_as_text
from app.lib.marking import kept

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_D = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_DC_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_TITLES = frozenset(["title", "ctrTitle"])
_FRAME = frozenset(["sldNum", "dt", "ftr", "hdr"])  # what each slide repeats
_TITLE_CHARACTERS = 150


def read_pptx(path: Path) -> ParsedDocument:
    refuse_bombs(path, xml_bytes=limits.MAX_UNPACKED_BYTES)
    try:
        with zipfile.ZipFile(path) as archive:
            blocks = list(counted(_blocks(archive)))
            title = _title(archive)
    except BROKEN as error:
        raise UnreadableFile("broken", detail=repr(error)) from error
    first = next((block.text for block in blocks if block.kind == "heading"), "")
    return ParsedDocument(title or first, blocks)


def _title(archive: zipfile.ZipFile) -> str:
    """The file's own, unless it is the program's."""
    if "docProps/core.xml" not in archive.namelist():
        return ""
    title = one_line(part(archive, "docProps/core.xml").findtext(_DC_TITLE) or "")
    return "" if title.lower().startswith(("powerpoint", "untitled", "presentation")) else title


def _blocks(archive: zipfile.ZipFile) -> Iterator[Block]:
    main = "ppt/presentation.xml"
    targets = relations(archive, main)
    order = [each.get(f"{_R}id") for each in part(archive, main).iter(f"{_P}sldId")]
    if len(order) > limits.MAX_PAGES:
        raise UnreadableFile(
            "too_large",
            kept(
                "This presentation has more than %(most)s slides. Split it and upload the parts.",
                most=f"{limits.MAX_PAGES:,}",
            ),
        )
    for number, slide in enumerate(order, start=1):
        yield from _Slide(archive, targets[slide][1], number).blocks()


class _Slide:
    def __init__(self, archive: zipfile.ZipFile, name: str, number: int) -> None:
        self._archive, self._name, self._number = archive, name, number

    def blocks(self) -> Iterator[Block]:
        """Under a title of its own in any case, or it would stand under the slide before."""
        root = part(self._archive, self._name)
        if root.get("show") in {"0", "false"}:  # hidden from the audience
            return
        etree.strip_elements(root, _FALLBACK, with_tail=False)
        shapes = [shape for shape in root.iter(f"{_P}sp") if _place(shape) not in _FRAME]
        titles = [shape for shape in shapes if _place(shape) in _TITLES]
        title = " ".join(filter(None, (one_line(" ".join(_paragraphs(each))) for each in titles)))
        body = [block for block in self._body(root) if block.text]
        if not title and len(body) > 1 and len(body[0].text) <= _TITLE_CHARACTERS:
            title = one_line(body.pop(0).text) if body[0].kind == "paragraph" else ""
        if title or body:
            yield Block("heading", title or f"Slide {self._number}", level=1, page=self._number)
            yield from body

    def _body(self, root: Any) -> Iterator[Block]:
        for element in root.iter(f"{_P}sp", f"{_A}tbl", f"{_D}relIds"):
            if element.tag == f"{_A}tbl":
                yield from self._table(element)
            elif element.tag == f"{_D}relIds":
                yield from self._diagram(element.get(f"{_R}dm", ""))
            elif _place(element) not in _TITLES | _FRAME:
                yield from self._texts(element, _is_list(element))

    def _texts(self, element: Any, is_list: bool = False) -> Iterator[Block]:
        for text in _paragraphs(element):
            yield Block("list_item" if is_list else "paragraph", text, page=self._number)

    def _table(self, table: Any) -> Iterator[Block]:
        rows = _grid(table)
        look = table.find(f"{_A}tblPr")
        is_headed = look is not None and look.get("firstRow") in {"1", "true"}
        for text in rows_as_text(rows, header_rows=1 if is_headed else None):
            yield Block("table_row", text, page=self._number)

    def _diagram(self, relation: str) -> Iterator[Block]:
        """A drawing made of words keeps them in a part of its own."""
        kind, name = relations(self._archive, self._name).get(relation, ("", ""))
        if kind == "diagramData":
            yield from self._texts(part(self._archive, name), is_list=True)


def _place(shape: Any) -> str:
    """Which of the layout's places it fills, "" for none."""
    place = shape.find(f"{_P}nvSpPr/{_P}nvPr/{_P}ph")
    return "" if place is None else place.get("type", "body")


def _is_list(shape: Any) -> bool:
    return _place(shape) == "body" and len(list(_paragraphs(shape))) > 1


def _paragraphs(element: Any) -> Iterator[str]:
    for paragraph in element.iter(f"{_A}p"):
        pieces = [
            "\n" if each.tag == f"{_A}br" else each.text or ""
            for each in paragraph.iter(f"{_A}t", f"{_A}br")
        ]
        if text := lines_kept("".join(pieces)):
            yield text


def _grid(table: Any) -> list[list[str]]:
    """A cell merged downwards says the same in each of its rows."""
    rows: list[list[str]] = []
    for row in table.iter(f"{_A}tr"):
        above, cells = rows[-1] if rows else [], row.findall(f"{_A}tc")
        rows.append([_cell(cell, above, column) for column, cell in enumerate(cells)])
    return rows


def _cell(cell: Any, above: list[str], column: int) -> str:
    if cell.get("vMerge") in {"1", "true"} and column < len(above):
        return above[column]
    return one_line(" ".join(_paragraphs(cell)))
