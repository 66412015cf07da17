"""What a source holds in its own row, as a file would be read: a question, a note, a record."""

import re

from app.knowledge.blocks import Block, ParsedDocument
from app.knowledge.models import Source

_PARAGRAPHS = re.compile(r"\n\s*\n")


def parsed(source: Source) -> ParsedDocument:
    if source.is_question:
        question, answer = source.question or "", source.answer or ""
        return ParsedDocument(question, [Block("qa", answer, question=question)])
    if source.is_note:
        return ParsedDocument(source.name, _of_note(source))
    record = source.record or {"blocks": []}
    return ParsedDocument(source.name, [Block(**block) for block in record["blocks"]])


def url(source: Source) -> str | None:
    """Where customers find it."""
    return source.record["url"] if source.record else None


def _of_note(source: Source) -> list[Block]:
    """Its title, when it has one of its own, stands over each paragraph."""
    body = source.body or ""
    heading = [] if source.name == short(body) else [Block("heading", source.name, level=1)]
    return [*heading, *(Block("paragraph", text.strip()) for text in _PARAGRAPHS.split(body))]


def short(body: str) -> str:
    """What a note without a title is called: its first words."""
    line = " ".join(body.split())
    return line if len(line) <= 60 else line[:60].rpartition(" ")[0] + " …"
