"""The parent's side: a file's rows as they come out of the child, a batch at a time."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.contact_data.reading import limits
from app.knowledge.parsing.child import died, lines, running
from app.knowledge.parsing.errors import UnreadableFile

SECONDS = 120
MEMORY_MB = 1024
_ENTRY = Path(__file__).with_name("__main__.py")
_MAX_LINE_BYTES = limits.MAX_COLUMNS * limits.MAX_CELL * 12 + 4096  # as escaped JSON
Row = tuple[int, list[str]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """`found`: encoding, delimiter, sheets, sheet."""

    found: dict[str, Any]
    rows: Iterator[Row]


@contextmanager
def opened(path: Path, name: str, **settings: str) -> Iterator[Sheet]:
    """Raises UnreadableFile, also while its rows are taken."""
    arguments = [str(path), name, str(SECONDS), str(MEMORY_MB), json.dumps(settings)]
    with running(_ENTRY, arguments, SECONDS) as (process, late):
        assert process.stdout
        told = lines(process.stdout, _MAX_LINE_BYTES)
        first = next(told, None)
        if first is None:
            raise died(process, late)
        _refuse(first)

        def rows() -> Iterator[Row]:
            for line in told:
                _refuse(line)
                if "end" in line:
                    return
                yield line["n"], line["c"]
            raise died(process, late)

        yield Sheet(first, rows())


def _refuse(line: dict[str, Any]) -> None:
    if "error" in line:
        raise UnreadableFile(line["error"], line["message"], detail=line["detail"])
