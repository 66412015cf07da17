"""Blocks in reading order to the passages that search finds."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from app.knowledge.blocks import Block, ParsedDocument
from app.lib import sentences

TARGET_WORDS = 120  # 60 to 200 hardly matters, as sentences have vectors of their own
MAX_WORDS = 170  # a passage may grow to this to end with its paragraph; the model reads about 190
SEPARATOR = " › "
CHARACTERS_PER_WORD = 6  # where a script has no spaces, length is the only measure


@dataclass(frozen=True, slots=True)
class ChunkDraft:
    kind: Literal["prose", "qa"]
    text: str
    heading: str = ""  # path, "Delivery › Where we deliver"
    question: str = ""
    page: int | None = None
    anchor: str = ""


def chunk(parsed: ParsedDocument) -> list[ChunkDraft]:
    return list(_drafts(parsed))


@dataclass(slots=True)
class _Passage:
    """The passage being filled: lines of text, each a block or a part of one."""

    heading: str = ""
    page: int | None = None
    anchor: str = ""
    lines: list[str] = field(default_factory=list)
    size: int = 0

    def add(self, line: str) -> None:
        self.lines.append(line)
        self.size += size(line)

    def draft(self) -> ChunkDraft:
        text = "\n".join(self.lines)
        return ChunkDraft("prose", text, self.heading, page=self.page, anchor=self.anchor)


def _drafts(parsed: ParsedDocument) -> Iterator[ChunkDraft]:
    path: list[tuple[int, str]] = []
    passage = _Passage()
    for block in parsed.blocks:
        if not block.text.strip() and not block.question.strip():
            continue
        if block.kind in ("heading", "qa"):
            if passage.lines:
                yield passage.draft()
            passage = _Passage()
        if block.kind == "heading":
            path = [step for step in path if step[0] < block.level] + [(block.level, block.text)]
        elif block.kind == "qa":
            yield _qa(block, _join(path))
        else:
            for piece in _pieces(block):
                if passage.lines and _is_full(passage, piece):
                    yield passage.draft()
                    passage = _Passage()
                if not passage.lines:
                    passage = _Passage(_join(path), block.page, block.anchor)
                passage.add(piece)
    if passage.lines:
        yield passage.draft()


def size(text: str) -> int:
    """Words, or their worth in characters where words aren't spaced."""
    return max(text.count(" ") + 1, len(text) // (2 * CHARACTERS_PER_WORD))


def _qa(block: Block, heading: str) -> ChunkDraft:
    return ChunkDraft("qa", block.text, heading, block.question, block.page, block.anchor)


def _join(path: list[tuple[int, str]]) -> str:
    return SEPARATOR.join(text for _level, text in path)


def _is_full(passage: _Passage, piece: str) -> bool:
    """Full once it has its words; before that a piece may join while the whole stays readable."""
    if passage.size >= TARGET_WORDS * 2 // 3:
        return True
    return passage.size + size(piece) > MAX_WORDS


def _pieces(block: Block) -> list[str]:
    """A block whole, or in equal parts of whole sentences when it is longer than a passage may be."""
    words = size(block.text)
    if words <= MAX_WORDS:
        return [block.text]
    if block.kind == "table_row" and (rows := _row_pieces(block.text)):
        return rows
    parts = round(words / TARGET_WORDS) or 1
    goal = words / parts
    pieces: list[list[str]] = [[]]
    filled = 0
    for sentence in sentences.split(block.text):
        if pieces[-1] and filled + size(sentence) / 2 > goal * len(pieces):
            pieces.append([])
        pieces[-1].append(sentence)
        filled += size(sentence)
    return [" ".join(piece) for piece in pieces]


def _row_pieces(row: str) -> list[str]:
    """A row too wide for a passage, cell by cell: each part begins with the first, which says whose
    it is. Empty where a cell is as long as a text."""
    name, *cells = row.split("; ")
    if max(map(size, (name, *cells))) > TARGET_WORDS // 2:
        return []
    pieces = [[name]]
    for cell in cells:
        if sum(map(size, pieces[-1])) + size(cell) > TARGET_WORDS:
            pieces.append([name])
        pieces[-1].append(cell)
    return ["; ".join(piece) for piece in pieces]
