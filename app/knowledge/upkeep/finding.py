"""What upkeep finds, before it is stored."""

import hashlib
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Found:
    """`said` is what the passages say: as long as it stays the same, so does the finding."""

    kind: str
    source_id: int
    said: tuple[str, ...]
    detail: dict[str, Any]
    chunk_id: int | None = None
    other_chunk_id: int | None = None
    weight: float = 0.0

    @property
    def key(self) -> str:
        told = "\x1f".join((self.kind, *sorted(self.said)))
        return hashlib.blake2b(told.encode(), digest_size=16).hexdigest()
