"""A sheet's rows to blocks: which are headers, which headings, which questions with answers."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from app.knowledge.blocks import Block
from app.knowledge.parsing.limits import MAX_CELLS_IN_ROW
from app.knowledge.parsing.sheet import question_columns
from app.knowledge.parsing.tables import HEADER_CHARACTERS, merged, row_text

_HEADING_CHARACTERS = 80
_AHEAD = 4  # rows; a section's name may stand between the header and its first row


@dataclass(slots=True)
class Row:
    cells: list[str] = field(default_factory=list)
    figures: set[int] = field(default_factory=set)  # columns whose cell is a number or a date
    across: list[tuple[int, int]] = field(default_factory=list)  # merged from column to column
    is_bold: bool = False
    after_gap: bool = False  # empty rows stand above it

    def put(self, column: int, text: str) -> None:
        if text and column < MAX_CELLS_IN_ROW:
            self.cells += [""] * (column + 1 - len(self.cells))
            self.cells[column] = text

    @property
    def filled(self) -> list[int]:
        return [column for column, cell in enumerate(self.cells) if cell]

    def spread(self) -> list[str]:
        """A header over several columns stands over each of them."""
        cells = list(self.cells)
        for first, last in self.across:
            end = min(last + 1, MAX_CELLS_IN_ROW)
            cells += [""] * (end - len(cells))
            cells[first:end] = [cells[first]] * (end - first)
        return cells


def blocks_of(rows: Iterator[Row]) -> Iterator[Block]:
    """A few rows ahead, for a header is known by what stands below it."""
    table, ahead = _Table(), deque(islice(rows, _AHEAD))
    while ahead:
        row = ahead.popleft()
        ahead.extend(islice(rows, 1))
        if block := table.block(row, list(ahead)):
            yield block


@dataclass(slots=True)
class _Table:
    """The headers hold until another table begins: empty rows and headings may stand between."""

    header_rows: list[list[str]] = field(default_factory=list)
    headers: list[str] = field(default_factory=list)
    questions: tuple[int, int] | None = None
    is_beginning: bool = True

    def block(self, row: Row, ahead: list[Row]) -> Block | None:
        """None for a header, which is said with each of its rows."""
        self.is_beginning = self.is_beginning or row.after_gap
        if len(row.filled) == 1:
            return self._line(row, ahead[0] if ahead else None)
        if self.is_beginning and self._is_header(row, ahead):
            self._take_header(row)
            return None
        if self.is_beginning and not set(row.filled[:2]) <= set(self._columns):
            self.headers, self.questions = [], None
        self.is_beginning = False
        self.header_rows = []
        return self._data(row)

    @property
    def _columns(self) -> list[int]:
        return [column for column, header in enumerate(self.headers) if header]

    def _line(self, row: Row, following: Row | None) -> Block | None:
        """A cell alone: the heading of what follows, or text."""
        text = row.cells[row.filled[0]]
        is_over = following is not None and len(following.filled) > 1
        is_marked = row.is_bold or bool(row.across) or is_over
        if following and is_marked and not row.figures and len(text) <= _HEADING_CHARACTERS:
            self.is_beginning, self.header_rows = True, []
            return Block("heading", text, level=2)
        return Block("paragraph", text)

    def _is_header(self, row: Row, ahead: list[Row]) -> bool:
        """Brief, different names without a figure among them, over something else."""
        names = [row.cells[column] for column in row.filled]
        following = next((each for each in ahead if len(each.filled) > 1), None)
        if following is None or row.figures or max(map(len, names)) > HEADER_CHARACTERS:
            return False
        if self.header_rows:  # together they must tell the columns apart
            names = merged([*self.header_rows, row.spread()])
        if len(set(names)) < len(names) or not set(following.filled[1:]) & set(row.filled):
            return bool(row.across)
        has_digits = any(sign.isdigit() for name in names for sign in name)
        is_over_figures = bool(following.figures & set(row.filled))
        if self.headers and not self.header_rows:  # another table only where it plainly is one
            return is_over_figures or (row.is_bold and not following.is_bold)
        return is_over_figures or not has_digits

    def _take_header(self, row: Row) -> None:
        """A second row of headers comes only under names that stand over several columns."""
        self.header_rows.append(row.spread())
        self.headers = merged(self.header_rows)
        self.questions = question_columns(self.headers)
        self.is_beginning = bool(row.across)

    def _data(self, row: Row) -> Block | None:
        if self.questions:
            asked, answer = (_cell(row, column) for column in self.questions)
            if asked and answer:
                return Block("qa", answer, question=asked)
        text = row_text(row.cells[row.filled[0] :] if not self.headers else row.cells, self.headers)
        return Block("table_row", text)


def _cell(row: Row, column: int) -> str:
    return row.cells[column] if column < len(row.cells) else ""
