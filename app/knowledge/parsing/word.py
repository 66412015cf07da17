"""DOCX: headings, paragraphs, lists and tables in the order of the document."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docx
from docx.document import Document
from docx.oxml.ns import qn
from docx.table import Table
from lxml import etree

from app.knowledge.blocks import Block, ParsedDocument
from app.knowledge.parsing import limits
from app.knowledge.parsing.clean import lines_kept, one_line
from app.knowledge.parsing.errors import UnreadableFile
from app.knowledge.parsing.package import BROKEN, refuse_bombs
from app.knowledge.parsing.tables import rows_as_text

_HEADING = re.compile(r"heading (\d)", re.I)
_GLUE = {qn("w:tab"): " ", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}
_WRAPPERS = frozenset(map(qn, ("w:sdt", "w:sdtContent", "w:customXml", "w:ins", "w:moveTo")))
_BOX = qn("w:txbxContent")
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_NOT_SHOWN = frozenset([qn("w:del"), qn("w:moveFrom"), _BOX, _FALLBACK])


def read_docx(path: Path) -> ParsedDocument:
    refuse_bombs(path, xml_bytes=limits.MAX_UNPACKED_XML_BYTES)
    try:
        document = docx.Document(str(path))
        reader = _Reader(document)
        blocks = list(reader.blocks(document.element.body))
    except BROKEN as error:
        raise UnreadableFile("broken", detail=repr(error)) from error
    title = reader.title or one_line(document.core_properties.title or "")
    if not title:
        title = next((block.text for block in blocks if block.kind == "heading"), "")
    return ParsedDocument(title, blocks, _language(document))


def _language(document: Document) -> str:
    """Only what the author set: the default of the styles is that of whoever sold the program."""
    declared = document.core_properties.language or ""
    primary = re.split(r"[-_]", declared.strip().lower())[0]
    return primary if re.fullmatch(r"[a-z]{2}", primary) else ""


class _Reader:
    def __init__(self, document: Document) -> None:
        self.title = ""
        self._document = document
        self._styles = {style.style_id: style for style in document.styles}

    def blocks(self, parent: Any) -> Iterator[Block]:
        for child in parent:
            if child.tag == qn("w:p"):
                yield from self._paragraph(child)
            elif child.tag == qn("w:tbl"):
                yield from self._table(child)
            elif child.tag in _WRAPPERS:
                yield from self.blocks(child)

    def _paragraph(self, paragraph: Any) -> Iterator[Block]:
        text = lines_kept(_text(paragraph))
        if text:
            yield from self._styled(paragraph, text)
        for box in paragraph.iterdescendants(_BOX):
            if next(box.iterancestors(_FALLBACK), None) is None:
                yield from self.blocks(box)

    def _styled(self, paragraph: Any, text: str) -> Iterator[Block]:
        names = self._style_names(paragraph)
        if names and names[0].lower().startswith("toc "):
            return
        level = self._level(paragraph, names)
        if level:
            text = one_line(text)
            if "Title" in names and not self.title:
                self.title = text
            yield Block("heading", text, level=level)
        else:
            is_item = self._is_item(paragraph, names)
            yield Block("list_item" if is_item else "paragraph", text)

    def _style_names(self, paragraph: Any) -> list[str]:
        """The paragraph's style and those it is based on, nearest first."""
        found = paragraph.xpath("w:pPr/w:pStyle/@w:val")
        style = self._styles.get(found[0]) if found else None
        names: list[str] = []
        while style is not None and len(names) < 10:  # a circle of styles ends, too
            names.append(style.name or "")
            style = getattr(style, "base_style", None)
        return names

    def _level(self, paragraph: Any, names: list[str]) -> int:
        """Office keeps the English names of its own styles in every language."""
        if "Title" in names:
            return 1
        for name in names:
            if found := _HEADING.match(name):
                return min(max(int(found[1]), 1), 6)
        outline = paragraph.xpath("w:pPr/w:outlineLvl/@w:val")
        # Outline levels count from 0; 9 is body text.
        return (
            int(outline[0]) + 1 if outline and outline[0] in {"0", "1", "2", "3", "4", "5"} else 0
        )

    def _is_item(self, paragraph: Any, names: list[str]) -> bool:
        numbered = paragraph.xpath("w:pPr/w:numPr/w:numId/@w:val")
        if numbered:
            return bool(numbered[0] != "0")
        return any(name.startswith(("List Bullet", "List Number")) for name in names)

    def _table(self, element: Any) -> Iterator[Block]:
        table = Table(element, self._document)
        if len(table.columns) < 2 or element.xpath(".//w:tbl"):
            for cell in element.iterdescendants(qn("w:tc")):  # a box around text, not a table
                if next(cell.iterancestors(qn("w:tbl"))) is element:
                    yield from self.blocks(cell)
            return
        rows = [_row(row) for row in element.iterdescendants(qn("w:tr"))]
        marked = len(element.xpath("w:tr[w:trPr/w:tblHeader]"))
        for text in rows_as_text(rows, header_rows=marked or None):
            yield Block("table_row", text)


def _row(row: Any) -> list[str]:
    cells: list[str] = []
    for cell in row.iterdescendants(qn("w:tc")):
        paragraphs = (one_line(_text(p)) for p in cell.iterdescendants(qn("w:p")))
        cells.append(" ".join(filter(None, paragraphs)))
        span = cell.xpath("w:tcPr/w:gridSpan/@w:val")
        width = int(span[0]) if span and span[0].isdecimal() else 1
        cells += [""] * (min(width, limits.MAX_CELLS_IN_ROW) - 1)
    return cells


def _text(paragraph: Any) -> str:
    """Also of links, fields, insertions and controls; never of what is deleted or hidden."""
    pieces: list[str] = []
    walker = etree.iterwalk(paragraph, events=("start",))
    for _, element in walker:
        if element.tag in _NOT_SHOWN or _is_hidden_run(element):
            walker.skip_subtree()
        elif element.tag == qn("w:t"):
            pieces.append(element.text or "")
        else:
            pieces.append(_GLUE.get(element.tag, ""))
    return "".join(pieces)


def _is_hidden_run(element: Any) -> bool:
    if element.tag != qn("w:r"):
        return False
    vanish = element.find(f"{qn('w:rPr')}/{qn('w:vanish')}")
    return vanish is not None and vanish.get(qn("w:val"), "1") not in {"0", "false"}
