"""The numbered marks in an answer's text, and the sources that they name."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

JOINER = "\u200d"  # holds two characters together as one


@dataclass(frozen=True, slots=True)
class Source:
    """`at` are the places in the text after which its mark stands, as they were written down."""

    number: int
    citation: dict[str, Any]
    at: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the text, and whose marks stand after it."""

    text: str
    sources: tuple[Source, ...]


def sources(citations: Iterable[dict[str, Any]]) -> list[Source]:
    """Numbered in order. Two sentences of one passage are one source; older answers have no places."""
    by_passage: dict[Any, list[dict[str, Any]]] = {}
    for citation in citations:
        by_passage.setdefault(citation.get("chunk_id"), []).append(citation)
    return [
        Source(number, same[0], tuple(at for each in same for at in each.get("at") or ()))
        for number, same in enumerate(by_passage.values(), 1)
    ]


def pieces(text: str, citations: Iterable[dict[str, Any]]) -> list[Piece]:
    """The text cut where marks stand. A place that isn't in the text has no mark."""
    marks: dict[int, list[Source]] = {}
    for source in sources(citations):
        for at in dict.fromkeys(_place(text, at) for at in source.at):
            if at:
                marks.setdefault(at, []).append(source)
    edges = [0, *sorted(marks), len(text)]
    cut = [Piece(text[start:end], tuple(marks.get(end, ()))) for start, end in pairwise(edges)]
    return [piece for piece in cut if piece.text]


def _place(text: str, at: Any) -> int:
    """Where a mark can stand: at the end of a word, never inside a character. 0: nowhere."""
    if type(at) is not int or not 0 < at <= len(text):
        return 0
    following = text[at : at + 1]
    is_inside = following == JOINER or text[at - 1] == JOINER
    if is_inside or (following and unicodedata.category(following).startswith("M")):
        return 0
    return len(text[:at].rstrip())
