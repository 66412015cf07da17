"""A message as the events of its stream."""

from collections.abc import Iterator
from typing import Any

from tests.standins.claude.blocks import Block
from tests.standins.claude.writing import Written, pieces

Event = dict[str, Any]
WORDS = (
    "words"  # stands before each word of the answer that is seen: a place to pause, or to break off
)


def events(message: Event, written: Written, usage: dict[str, Any]) -> Iterator[Event]:
    start = {**message, "content": [], "stop_reason": None, "usage": {**usage, "output_tokens": 1}}
    yield {"type": "message_start", "message": start}
    yield {"type": "ping"}
    for index, block in enumerate(written.blocks):
        yield {"type": "content_block_start", "index": index, "content_block": _empty(block)}
        for delta in _deltas(block):
            if delta["type"] == "text_delta":
                yield {"type": WORDS}
            yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    stop = {"stop_reason": written.stop, "stop_sequence": None}
    if written.stop == "refusal":
        stop |= {"stop_details": {"type": "refusal", "category": None, "explanation": None}}
    yield {"type": "message_delta", "delta": stop, "usage": usage}
    yield {"type": "message_stop"}


def _empty(block: Block) -> Block:
    if block["type"] == "text":
        return {"type": "text", "text": ""}
    if block["type"] == "thinking":
        return {"type": "thinking", "thinking": "", "signature": ""}
    return {**block, "input": {}}


def _deltas(block: Block) -> Iterator[Event]:
    if block["type"] == "text":
        for piece in pieces(block):
            yield {"type": "text_delta", "text": piece}
        for citation in block["citations"] or []:
            yield {"type": "citations_delta", "citation": citation}
    elif block["type"] == "thinking":
        for piece in pieces(block):
            yield {"type": "thinking_delta", "thinking": piece}
        yield {"type": "signature_delta", "signature": block["signature"]}
    else:
        for piece in pieces(block):
            yield {"type": "input_json_delta", "partial_json": piece}
