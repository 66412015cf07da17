"""What the stand-in wrote before: signatures of its thinking, and which blocks a tool call came with."""

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from tests.standins.claude.models import KEY

ESSENCE = {
    "thinking": ("thinking", "signature"), "redacted_thinking": ("data",),
    "text": ("text",), "tool_use": ("id", "name", "input"),
}  # fmt: skip


def _digest(asked: dict[str, Any]) -> str:
    prefix = json.dumps([asked.get("tools"), asked.get("system")], sort_keys=True)
    return hashlib.sha256(prefix.encode()).hexdigest()


def _essence(blocks: list[dict[str, Any]]) -> list[Any]:
    return [
        [block["type"], *(block.get(name) for name in ESSENCE[block["type"]])] for block in blocks
    ]


@dataclass
class Memory:
    """`issued`: by the id of a tool call, the prefix it was asked over and the blocks of its answer."""

    issued: dict[str, tuple[str, list[Any]]] = field(default_factory=dict)
    numbers: Any = field(default_factory=lambda: count(1))

    def sign(self, thought: str) -> str:
        nonce = f"{next(self.numbers):08d}"
        return nonce + hmac.new(KEY.encode(), f"{nonce}{thought}".encode(), "sha256").hexdigest()

    def signed(self, thought: str, signature: str) -> bool:
        made = hmac.new(KEY.encode(), f"{signature[:8]}{thought}".encode(), "sha256").hexdigest()
        return hmac.compare_digest(signature[8:], made)

    def remember(self, asked: dict[str, Any], blocks: list[dict[str, Any]]) -> None:
        for block in blocks:
            if block["type"] == "tool_use":
                self.issued[block["id"]] = (_digest(asked), _essence(blocks))

    def changed(self, asked: dict[str, Any], blocks: list[dict[str, Any]]) -> str | None:
        """Why this message of a running tool loop isn't the one that was written, or None."""
        known = [
            self.issued[b["id"]]
            for b in blocks
            if b["type"] == "tool_use" and b["id"] in self.issued
        ]
        if not known or not any(kind == "thinking" for kind, *_ in known[0][1]):
            return None
        if _essence(blocks) != known[0][1]:
            return "thinking blocks and what follows them must be passed back unmodified"
        if known[0][0] != _digest(asked):
            return "system and tools changed inside a tool loop with thinking blocks"
        return None
