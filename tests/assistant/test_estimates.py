"""What a prompt may have in tokens is never too low."""

from dataclasses import replace

import pytest

from app.assistant.estimates import most_tokens
from app.assistant.language_models.border import (
    Part,
    Passage,
    Prompt,
    Reply,
    Round,
    Stop,
    ToolAnswer,
    ToolCall,
    ToolSpec,
    Turn,
    Usage,
)

EMPTY = Prompt(system="", tools=(), history=(), passages=(), facts="", question="", version="test")
LONG = "क्या आप शनिवार को खुले हैं? 🌱 " * 20
BYTES = len(LONG.encode())


@pytest.mark.parametrize(
    "more",
    [
        {"system": LONG},
        {"facts": LONG},
        {"question": LONG},
        {"history": (Turn("user", LONG),)},
        {"passages": (Passage(1, 1, "", LONG),)},
        {"passages": (Passage(1, 1, LONG, ""),)},
        {"tools": (ToolSpec("search", LONG, {}),)},
        {"tools": (ToolSpec("search", "", {"description": LONG}),)},
    ],
)
def test_every_part_counts_with_all_its_bytes(more: dict[str, object]) -> None:
    assert most_tokens(replace(EMPTY, **more), ()) >= most_tokens(EMPTY, ()) + BYTES


def test_a_round_counts_what_was_said_what_was_asked_and_what_was_thought() -> None:
    call = ToolCall("1", "search", {"query": LONG})
    usage = Usage(read=10, written=20)
    reply = Reply((Part(LONG),), (call,), Stop.TOOLS, usage, "claude")
    answer = ToolAnswer("1", LONG, (Passage(1, 1, LONG, LONG),))
    before = most_tokens(EMPTY, ())
    assert most_tokens(EMPTY, (Round(reply, (answer,)),)) >= before + 5 * BYTES
    thought = replace(reply, usage=Usage(read=10, written=100_000))
    assert most_tokens(EMPTY, (Round(thought, ()),)) >= before + 100_000
