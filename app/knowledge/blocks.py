"""What a parser makes of a file and what the chunker reads: blocks in reading order."""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

BlockKind = Literal["heading", "paragraph", "list_item", "table_row", "qa"]


@dataclass(frozen=True, slots=True)
class Block:
    """One structural piece of a document, its text free of markup and of surplus white space.

    `level` is a heading's depth (1 to 6). A `table_row` reads "Header: cell; Header: cell", so that it
    makes sense alone. A `qa` carries the owner's question beside its answer in `text`.
    `page` is counted from 1 (PDF). `anchor` is the id of the nearest element above, for links (HTML).
    """

    kind: BlockKind
    text: str
    level: int = 0
    question: str = ""
    page: int | None = None
    anchor: str = ""

    def as_dict(self) -> dict[str, Any]:
        return {key: value for key, value in asdict(self).items() if value}


@dataclass(slots=True)
class ParsedDocument:
    """A file as read. `language` is what the file itself declares (an ISO 639-1 code), or "".
    `notice` is what its owner should know of it although it was read."""

    title: str
    blocks: list[Block] = field(default_factory=list)
    language: str = ""
    notice: str = ""
