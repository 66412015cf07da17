"""HTML tables: data becomes rows, layout is left to the walk."""

from collections.abc import Iterator

from lxml import etree

from app.knowledge.blocks import BlockKind
from app.knowledge.parsing.limits import MAX_CELLS_IN_ROW
from app.knowledge.parsing.tables import rows_as_text
from app.knowledge.parsing.visible import is_dropped, visible_text

_LAYOUT_TAGS = ("table", "h1", "h2", "h3", "h4", "form", "pre", "article", "section")
_MAX_ROW_SPAN = 1000  # as HTML itself allows at most 65534; a table of one shop has less


def is_data_table(table: etree._Element) -> bool:
    """Two columns or more with words in them, and nothing inside that only a layout would hold."""
    if next(table.iterdescendants(*_LAYOUT_TAGS), None) is not None:
        return False
    return any(
        sum(bool(visible_text(cell)) for cell in _cells(row)) > 1
        for row in table.iterdescendants("tr")
    )


def table_rows(table: etree._Element) -> Iterator[tuple[BlockKind, str]]:
    caption = table.find("caption")
    if caption is not None and (text := visible_text(caption)):
        yield "paragraph", text
    rows = [row for row in table.iterdescendants("tr") if not _is_hidden(row, table)]
    headers = _header_rows(rows)
    for text in rows_as_text(_grid(rows, headers), header_rows=headers or None):
        yield "table_row", text


def _cells(row: etree._Element) -> list[etree._Element]:
    return [cell for cell in row if cell.tag in {"td", "th"} and not is_dropped(cell)]


def _is_hidden(row: etree._Element, table: etree._Element) -> bool:
    parents = [row, *row.iterancestors()]
    return any(is_dropped(parent) for parent in parents[: parents.index(table)])


def _header_rows(rows: list[etree._Element]) -> int:
    """The leading rows in <thead>, or of nothing but <th>."""
    count = 0
    for row in rows:
        cells = _cells(row)
        in_head = row.getparent() is not None and row.getparent().tag == "thead"
        if not in_head and not (cells and all(cell.tag == "th" for cell in cells)):
            break
        count += 1
    return count


def _grid(rows: list[etree._Element], headers: int) -> list[list[str]]:
    """Cells in their columns. One that spans rows is said in each of them; one that spans columns
    is said once, except in a header, where it names every column below."""
    waiting: dict[int, tuple[str, int]] = {}
    grid = []
    for index, row in enumerate(rows):
        line: list[str] = []
        for cell in _cells(row):
            _take_waiting(line, waiting)
            text = visible_text(cell)
            width = _span(cell, "colspan", MAX_CELLS_IN_ROW - len(line))
            height = _span(cell, "rowspan", _MAX_ROW_SPAN)
            texts = [text] * width if index < headers else [text] + [""] * (width - 1)
            for shown in texts:
                if height > 1:
                    waiting[len(line)] = (shown, height - 1)
                line.append(shown)
        _take_waiting(line, waiting)
        grid.append(line)
    return grid


def _take_waiting(line: list[str], waiting: dict[int, tuple[str, int]]) -> None:
    while len(line) in waiting:
        column = len(line)
        text, left = waiting.pop(column)
        if left > 1:
            waiting[column] = (text, left - 1)
        line.append(text)
        if left > 1 and column + 1 not in waiting:
            return


def _span(cell: etree._Element, name: str, most: int) -> int:
    value = (cell.get(name) or "1").strip()
    return max(1, min(int(value), most)) if value.isdecimal() and len(value) < 6 else 1
