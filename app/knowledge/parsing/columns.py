"""Tables of a printed page: lines whose pieces stand under each other in columns become rows.

A PDF knows no tables, only places. Careful on purpose: what isn't plainly a table stays as it was.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from app.knowledge.parsing.clean import one_line
from app.knowledge.parsing.layout import Line
from app.knowledge.parsing.tables import rows_as_text

_MIN_ROWS = 3  # fewer may stand side by side by chance
_SAME_LINE = 0.35  # of the type's size, by which cells of one row may differ in height
_SAME_SIZE = 0.06  # part by which sizes of one font may differ by rounding
_SAME_EDGE = 3.0  # points, by which cells of a left-aligned column may differ
_MAX_SHIFT = 40.0  # points that a right-aligned or centred figure may stand off its header
_WRAP_GAP = 1.35  # of the size: the next line of one cell
_LONG_CELL = 28  # characters; two of them side by side are columns of running text
_BRIEF_WORDS = 3


@dataclass(slots=True)
class _Row:
    lines: list[Line] = field(default_factory=list)
    cells: list[tuple[float, str]] = field(default_factory=list)  # left edge, text

    @property
    def height(self) -> float:
        return self.lines[0].height

    @property
    def edges(self) -> list[float]:
        return [left for left, _ in self.cells]


def with_tables(lines: list[Line]) -> list[Line]:
    """The page's lines, those of each table replaced by a line for each row."""
    found: list[Line] = []
    rows = list(_rows(lines))
    start = 0
    while start < len(rows):
        table = _table_at(rows, start)
        found += _as_lines(table) if table else rows[start].lines
        start += table.length if table else 1
    return found


def _rows(lines: list[Line]) -> Iterator[_Row]:
    """Lines that follow each other at one height, from left to right, are one row."""
    row = _Row()
    for line in lines:
        if row.lines and not _continues(row, line):
            yield row
            row = _Row()
        row.lines.append(line)
        row.cells += line.cells
    if row.lines:
        yield row


def _continues(row: _Row, line: Line) -> bool:
    is_level = abs(line.height - row.height) <= _SAME_LINE * line.size
    return is_level and bool(line.cells and row.cells) and line.cells[0][0] > row.cells[-1][0]


@dataclass(slots=True)
class _Table:
    edges: list[float]
    grid: list[list[str]] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)  # one for each row of the grid
    wraps: list[list[int]] = field(default_factory=list)  # of the grid's cells, further lines
    spans: list[int] = field(default_factory=list)  # of the grid's rows, in rows of the page
    size: float = 0.0  # of its type
    column: int = -1  # of the last cell
    below: Line | None = None  # the last line of that cell

    def take(self, row: _Row) -> bool:
        """False where the row doesn't belong to this table."""
        if abs(row.lines[0].size - self.size) > _SAME_SIZE * self.size:
            return False
        columns = [self._column_of(left) for left in row.edges]
        if None in columns or len(set(columns)) < len(columns):
            return False
        first = columns[0]
        assert first is not None
        if first == 0 and abs(row.edges[0] - self.edges[0]) > _SAME_EDGE:
            return False
        if not self._goes_on(row, first):
            if first != 0:
                return False
            self.grid.append([""] * len(self.edges))
            self.lines.append(row.lines[0])
            self.wraps.append([-1] * len(self.edges))
            self.spans.append(0)
        for column, (_, text) in zip(columns, row.cells, strict=True):
            assert column is not None
            self.grid[-1][column] = one_line(f"{self.grid[-1][column]} {text}")
            self.wraps[-1][column] += 1
            self.column, self.below = column, row.lines[-1]
        self.spans[-1] += 1
        return True

    def _column_of(self, left: float) -> int | None:
        near = min(range(len(self.edges)), key=lambda column: abs(self.edges[column] - left))
        return near if abs(self.edges[near] - left) <= self._reach(near) else None

    def _reach(self, column: int) -> float:
        """Half the way to the next column, or less."""
        gaps = [abs(self.edges[column] - each) for each in self.edges if each != self.edges[column]]
        return min(_MAX_SHIFT, min(gaps) / 2)

    def _goes_on(self, row: _Row, column: int) -> bool:
        """The next line of the last cell, or the next cell of a row whose first one is wrapped."""
        if self.below is None:
            return False
        gap = self.below.height - row.height
        size = row.lines[0].size
        if column == self.column and len(row.cells) == 1:
            return 0 < gap <= _WRAP_GAP * size
        return column > self.column and abs(gap) <= _WRAP_GAP * size

    @property
    def length(self) -> int:
        return sum(self.spans)

    def end(self) -> None:
        """What stands alone below the last row is the text after the table."""
        while self.grid and sum(map(bool, self.grid[-1])) < 2:
            for rows in (self.grid, self.lines, self.wraps, self.spans):
                rows.pop()  # type: ignore[attr-defined]

    @property
    def is_plain(self) -> bool:
        """Enough rows of two cells, and what stands in them isn't running text."""
        if any(first > 0 and any(each > 0 for each in rest) for first, *rest in self.wraps):
            return False  # written column by column: which lines belong together is a guess
        whole = [row for row in self.grid if sum(map(bool, row)) > 1]
        if len(whole) < _MIN_ROWS or len(whole) * 4 < len(self.grid) * 3:
            return False
        prose = sum(sum(len(cell) > _LONG_CELL for cell in row) > 1 for row in whole)
        brief = sum(any(_is_brief(cell) for cell in row[1:]) for row in whole)
        return prose * 3 <= len(whole) and brief * 2 >= len(whole)


def _is_brief(cell: str) -> bool:
    return bool(cell) and len(cell.split()) <= _BRIEF_WORDS


def _table_at(rows: list[_Row], start: int) -> _Table | None:
    if len(rows[start].cells) < 2:
        return None
    table = _Table(rows[start].edges, size=rows[start].lines[0].size)
    for row in rows[start:]:
        if not table.take(row):
            break
    table.end()
    return table if table.is_plain else None


def _has_header(grid: list[list[str]]) -> bool:
    """Names over figures. A name may hold a figure itself ("Bundle of 25"), but not begin with it."""
    first, *rest = grid
    if not all(cell[:1].isalpha() for cell in first):
        return False
    columns = list(zip(*rest, strict=True))[1:]
    return any(all(not cell[:1].isalpha() for cell in column) for column in columns)


def _as_lines(table: _Table) -> list[Line]:
    texts = rows_as_text(table.grid, header_rows=1 if _has_header(table.grid) else None)
    lines = table.lines[len(table.lines) - len(texts) :]  # without the header's
    return [
        Line(text, line.height, line.size, is_row=True)
        for text, line in zip(texts, lines, strict=True)
    ]
