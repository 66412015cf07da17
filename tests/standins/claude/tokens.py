"""Tokens by the length of the text, and the prompt cache: a prefix that was marked before is read, not stored again."""

import hashlib
import json
import math
import threading
from dataclasses import dataclass, field
from typing import Any

from tests.standins.claude.models import MODELS

LOOKBACK = 20  # blocks before a mark in which an older mark is found


def count(value: Any) -> int:
    text = value if isinstance(value, str) else _canonical(value)
    return math.ceil(len(text.encode()) / 3)


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def as_blocks(content: Any) -> list[dict[str, Any]]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def blocks_of(asked: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """All that is read, in the order of the cache: tools, system, messages."""
    blocks = [("tools", tool) for tool in asked.get("tools", [])]
    blocks += [("system", block) for block in as_blocks(asked.get("system") or [])]
    for message in asked["messages"]:
        blocks += [(message["role"], block) for block in as_blocks(message["content"])]
    return blocks


def read_tokens(asked: dict[str, Any]) -> int:
    return sum(count(_unmarked(block)) for _, block in blocks_of(asked))


def _unmarked(block: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in block.items() if key != "cache_control"}


def marks(asked: dict[str, Any]) -> list[dict[str, Any]]:
    """Every cache_control of a request, in order."""
    inner = [
        part for _, block in blocks_of(asked) if isinstance(block.get("content"), list)
        for part in block["content"]
    ]  # fmt: skip
    marked = [*(block for _, block in blocks_of(asked)), *inner, asked]
    return [each["cache_control"] for each in marked if each.get("cache_control")]


@dataclass
class Cache:
    """`entries` are the digests of prefixes that ended at a mark."""

    entries: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def usage(self, asked: dict[str, Any]) -> dict[str, int]:
        """What reading this request costs, and remember its marks."""
        prefixes = _prefixes(asked)
        marked = [index for index, (_, _, is_marked) in enumerate(prefixes) if is_marked]
        least = MODELS[asked["model"]].caches_from
        marked = [index for index in marked if prefixes[index][1] >= least]
        with self.lock:
            read = max(
                (prefixes[i][1] for i in _near(marked) if prefixes[i][0] in self.entries), default=0
            )
            self.entries.update(prefixes[index][0] for index in marked)
        stored = prefixes[marked[-1]][1] - read if marked else 0
        return {
            "input_tokens": prefixes[-1][1] - read - stored,
            "cache_read_input_tokens": read,
            "cache_creation_input_tokens": stored,
        }


def _near(marked: list[int]) -> set[int]:
    return {index for mark in marked for index in range(max(0, mark - LOOKBACK), mark + 1)}


def _prefixes(asked: dict[str, Any]) -> list[tuple[str, int, bool]]:
    """For each block: the digest and the tokens up to its end, and whether a mark stands on it."""
    found: list[tuple[str, int, bool]] = []
    digest, total = hashlib.sha256(asked["model"].encode()), 0
    level = "tools"
    blocks = blocks_of(asked)
    for number, (where, block) in enumerate(blocks, 1):
        if where in ("user", "assistant") and level in ("tools", "system"):  # the messages begin
            digest.update(_canonical([asked.get("thinking"), asked.get("tool_choice")]).encode())
        level = where
        digest.update(f"{where}{_canonical(_unmarked(block))}".encode())
        total += count(_unmarked(block))
        is_last = number == len(blocks)
        is_marked = bool(block.get("cache_control") or (is_last and asked.get("cache_control")))
        found.append((digest.hexdigest(), total, is_marked))
    return found
