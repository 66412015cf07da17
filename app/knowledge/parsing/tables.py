"""Table rows as text that makes sense alone: "Header: cell; Header: cell"."""

import re

from app.knowledge.parsing.limits import MAX_CELLS_IN_ROW

_FIGURE = re.compile(r"\d")
HEADER_CHARACTERS = 60  # a longer cell is content


def rows_as_text(rows: list[list[str]], *, header_rows: int | None = None) -> list[str]:
    """`header_rows` None means the table doesn't say, so the first row is judged by its look."""
    rows = [row[:MAX_CELLS_IN_ROW] for row in rows if any(row)]
    if header_rows is None:
        header_rows = 1 if looks_like_header(rows) else 0
    if header_rows >= len(rows):  # a table of nothing but headers still says something
        header_rows = 0
    headers = merged(rows[:header_rows])
    return [text for row in rows[header_rows:] if (text := row_text(row, headers))]


def looks_like_header(rows: list[list[str]]) -> bool:
    """Every column named, briefly, differently and without a figure, over at least one row."""
    if len(rows) < 2 or len(rows[0]) < 2 or not all(rows[0]):
        return False
    first = rows[0]
    brief = all(len(cell) <= HEADER_CHARACTERS and not _FIGURE.search(cell) for cell in first)
    return brief and len(set(first)) == len(first)


def merged(rows: list[list[str]]) -> list[str]:
    """Two header rows name a column together: "Summer" over "Opens" is "Summer Opens"."""
    width = max((len(row) for row in rows), default=0)
    columns = [[row[i] for row in rows if i < len(row) and row[i]] for i in range(width)]
    return [" ".join(dict.fromkeys(column)) for column in columns]


def row_text(row: list[str], headers: list[str]) -> str:
    filled = [(i, cell) for i, cell in enumerate(row) if cell]
    if len(filled) < 2 and len(row) > 1:  # a line across the table, or a name without a value
        return "; ".join(cell for _, cell in filled)
    if not headers:
        first, *rest = [cell for _, cell in filled]
        return f"{first.rstrip(':')}: {'; '.join(rest)}" if rest else first
    return "; ".join(_named(cell, headers, i) for i, cell in filled)


def _named(cell: str, headers: list[str], column: int) -> str:
    header = headers[column].rstrip(":") if column < len(headers) else ""
    return f"{header}: {cell}" if header else cell
