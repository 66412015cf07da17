"""From a step to the message that is sent: ids, thinking, citations, the length that is allowed, tokens."""

import json
from dataclasses import dataclass
from itertools import count
from typing import Any

from tests.standins.claude import schemas
from tests.standins.claude.blocks import Block, Step
from tests.standins.claude.checks import thinking_is_on
from tests.standins.claude.memory import Memory
from tests.standins.claude.seen import Seen
from tests.standins.claude.tokens import count as tokens

_ids = count(1)


@dataclass(slots=True)
class Written:
    blocks: list[Block]
    stop: str
    tokens: int


def write(asked: dict[str, Any], step: Step, thought: str, memory: Memory) -> Written:
    seen = Seen(asked)
    blocks = [_finished(block, seen) for block in step["blocks"]]
    has_thought = any(block["type"] == "thinking" for block in blocks)
    if thought and blocks and not has_thought and thinking_is_on(asked) and not step.get("is_bare"):
        blocks.insert(0, {"type": "thinking", "thinking": thought})
    for block in blocks:
        if block["type"] == "thinking":
            block["signature"] = memory.sign(block["thinking"])
    if seen.schema and "stop" not in step:
        _check_structured(blocks, seen, step)
    used, is_cut = _cut(blocks, asked["max_tokens"])
    has_calls = any(block["type"] == "tool_use" for block in blocks)
    stop = step.get("stop") or ("tool_use" if has_calls else "end_turn")
    memory.remember(asked, blocks)
    return Written(blocks, "max_tokens" if is_cut else stop, used)


def _finished(block: Block, seen: Seen) -> Block:
    if block["type"] == "tool_use":
        return _call(block, seen)
    if block["type"] == "text":
        return _text(block, seen)
    return dict(block)


def _call(block: Block, seen: Seen) -> Block:
    tool = seen.tools.get(block["name"])
    if not block.get("lax"):
        assert tool, f"no tool {block['name']!r} was offered: {sorted(seen.tools)}"
        reason = schemas.misfit(block["input"], tool["input_schema"])
        assert not reason, f"{block['name']}: {reason}; a strict tool is never called like this"
    return {
        "type": "tool_use", "id": f"toolu_{next(_ids):06d}", "name": block["name"],
        "input": block["input"],
    }  # fmt: skip


def _text(block: Block, seen: Seen) -> Block:
    numbers = [*block.get("cites", ())]
    if block.get("holding"):
        numbers += seen.holding(block["holding"])
    citations = [_citation(number, seen) for number in numbers]
    return {"type": "text", "text": block["text"], "citations": citations or None}


def _citation(number: int, seen: Seen) -> dict[str, Any]:
    """One of a number that nobody gave is nonsense, as a model may write it."""
    known = number < len(seen.passages)
    passage = seen.passages[number] if known else None
    return {
        "type": "search_result_location",
        "source": passage.source if passage else f"unknown-{number}",
        "title": passage.title if passage else "A page",
        "cited_text": passage.text if passage else "…",
        "search_result_index": number,
        "start_block_index": 0,
        "end_block_index": 1,
    }


def _check_structured(blocks: list[Block], seen: Seen, step: Step) -> None:
    if step.get("is_unfit"):
        return
    text = "".join(block["text"] for block in blocks if block["type"] == "text")
    reason = schemas.misfit(json.loads(text), seen.schema or {})
    assert not reason, f"a structured answer always fits its schema: {reason}"


def _cut(blocks: list[Block], most: int) -> tuple[int, bool]:
    """Shorten the blocks in place to what max_tokens leaves. Thinking counts."""
    used = 0
    for index, block in enumerate(blocks):
        kept = pieces(block)
        while kept and used + tokens("".join(kept)) > most:
            kept.pop()
        used += tokens("".join(kept))
        if len(kept) < len(pieces(block)):
            _shorten(block, kept)
            del blocks[index + 1 if kept else index :]
            return most, True
    return used, False


def _shorten(block: Block, kept: list[str]) -> None:
    if block["type"] == "tool_use":
        block["input"] = {}  # half of a JSON text is none
    else:
        block[block["type"]] = "".join(kept)


def pieces(block: Block) -> list[str]:
    """As a block is streamed: words, or the JSON in parts."""
    if block["type"] == "tool_use":
        text = json.dumps(block["input"], ensure_ascii=False) if block["input"] else ""
        return [text[at : at + 9] for at in range(0, len(text), 9)]
    first, *rest = block[block["type"]].split(" ")
    return [first, *(f" {word}" for word in rest)]
