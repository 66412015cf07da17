"""Tables that a page builder makes of <div>s: a service beside its price, a name beside its hours."""

from lxml import etree

from app.knowledge.parsing.clean import one_line
from app.knowledge.parsing.tables import row_text

MIN_ROWS = 2  # below a row that names the columns, or three without one
MAX_CELLS = 6
CELL_CHARACTERS = 90  # a longer one is text, which stands for itself
_ROWS = frozenset({"div", "li"})
_CELLS = frozenset({"div", "span", "p", "strong", "b", "em", "h3", "h4", "h5", "h6"})
_LINE = frozenset({"br", "a", "strong", "b", "em", "i", "small", "span", "sup"})


def join_rows(tree: etree._Element) -> None:
    """Each row becomes one line, "White filling: £125", with its columns' names where a row gives them."""
    for parent in list(tree.iter("div", "section", "ul")):
        rows = _rows(parent)
        if rows:
            _join(rows)


def _rows(parent: etree._Element) -> list[etree._Element]:
    """All its children, when they are built alike."""
    children = [child for child in parent if isinstance(child.tag, str)]
    if len(children) <= MIN_ROWS or len({child.tag for child in children}) > 1:
        return []
    widths = {len(child) for child in children}
    is_grid = len(widths) == 1 and 2 <= widths.pop() <= MAX_CELLS
    return children if is_grid and all(map(_is_row, children)) else []


def _is_row(row: etree._Element) -> bool:
    if row.tag not in _ROWS or one_line(row.text or ""):
        return False
    return all(_is_cell(cell) for cell in row)


def _is_cell(cell: etree._Element) -> bool:
    is_flat = all(inner.tag in _LINE for inner in cell.iterdescendants())
    return cell.tag in _CELLS and is_flat and 0 < len(_text(cell)) <= CELL_CHARACTERS


def _join(rows: list[etree._Element]) -> None:
    headers: list[str] = []
    if "head" in f"{rows[0].get('class') or ''} {rows[0].get('role') or ''}".lower():
        headers = _texts(rows[0])
        rows[0].drop_tree()
        rows = rows[1:]
    for row in rows:
        text = row_text(_texts(row), headers)
        for cell in list(row):
            row.remove(cell)
        row.text = text


def _texts(row: etree._Element) -> list[str]:
    return [_text(cell) for cell in row]


def _text(cell: etree._Element) -> str:
    return one_line(cell.xpath("string()"))
