"""From an answer's parts to its text, with a numbered mark behind each stretch that stands on a passage."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.assistant.language_models.border import Part, Passage
from app.knowledge.answering import Citation, KnowledgeAnswer


@dataclass(frozen=True, slots=True)
class Marked:
    """`marks` are (offset in the text, number); numbers count the passages in the order of their use, and
    `cited` are those passages' own numbers in that order."""

    text: str
    marks: list[tuple[int, int]] = field(default_factory=list)
    cited: list[int] = field(default_factory=list)


def of_parts(parts: Iterable[Part]) -> Marked:
    """A mark stands behind the last visible letter of its part."""
    text, marks, cited = "", [], []
    for part in parts:
        text = (text + part.text).lstrip()
        at = len(text.rstrip())
        for number in part.cited:
            if number not in cited:
                cited.append(number)
            mark = (at, cited.index(number) + 1)
            if at and mark not in marks:
                marks.append(mark)
    return Marked(text.rstrip(), marks, cited)


def citations(marked: Marked, passages: Sequence[Passage]) -> list[dict[str, Any]]:
    """As a message keeps them: in the order of their numbers, each with the offsets of its marks."""
    known: Mapping[int, Passage] = {each.number: each for each in passages}
    return [
        Citation.of(known[number].hit, known[number].hit.text).as_dict()
        | {"at": [at for at, mark in marked.marks if mark == index]}
        for index, number in enumerate(marked.cited, start=1)
        if number in known
    ]


def of_quotes(found: KnowledgeAnswer) -> list[dict[str, Any]]:
    """Of an answer that quotes: each mark stands behind its quotation."""
    made, begin = [], 0
    for citation in found.citations:
        at = found.answer.find(citation.text, begin)
        begin = at + len(citation.text) if at >= 0 else begin
        made.append(citation.as_dict() | {"at": [begin] if at >= 0 else []})
    return made
