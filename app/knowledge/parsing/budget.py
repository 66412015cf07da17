"""What one file may hold, counted while it is read, so that a huge one ends early."""

from collections.abc import Iterable, Iterator

from app.knowledge.blocks import Block
from app.knowledge.parsing import limits
from app.knowledge.parsing.errors import UnreadableFile
from app.lib.marking import kept


def counted(blocks: Iterable[Block]) -> Iterator[Block]:
    """The same blocks. Raises UnreadableFile past the limits."""
    characters = 0
    for count, block in enumerate(blocks, start=1):
        characters += len(block.text) + len(block.question)
        if count > limits.MAX_BLOCKS or characters > limits.MAX_CHARACTERS:
            raise UnreadableFile(
                "too_large",
                kept(
                    "This file holds more text than can be read at once. Split it into smaller files and upload them."
                ),
            )
        yield block
