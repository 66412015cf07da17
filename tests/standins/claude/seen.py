"""What a request shows to the one who answers it: nothing else is known to the rules."""

import json
import re
from dataclasses import dataclass
from typing import Any

from tests.standins.claude.conversation import search_results
from tests.standins.claude.tokens import as_blocks

UNSURE = re.compile(r"\b[A-Z]{2,}_[A-Z_]*[A-Z]\b")
WORD = re.compile(r"\w{4,}")


@dataclass(frozen=True, slots=True)
class Passage:
    index: int
    source: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Result:
    """What a tool said in this turn."""

    name: str
    input: dict[str, Any]
    text: str
    is_error: bool


class Seen:
    """One request, read as the model reads it."""

    def __init__(self, asked: dict[str, Any]) -> None:
        self.asked = asked
        self.model: str = asked["model"]
        self.system = _text(as_blocks(asked.get("system") or []))
        self.tools = {tool["name"]: tool for tool in asked.get("tools", [])}
        self.passages = [
            Passage(index, each["source"], each["title"], _text(each["content"]))
            for index, each in enumerate(search_results(asked["messages"]))
        ]
        turn = max(i for i, m in enumerate(asked["messages"]) if _is_spoken(m))
        spoken = as_blocks(asked["messages"][turn]["content"])
        texts = [block["text"] for block in spoken if block["type"] == "text"]
        self.question = texts[-1] if texts else ""
        notes = [_text(as_blocks(m["content"])) for m in asked["messages"] if m["role"] == "system"]
        self.facts = "\n".join([*texts[:-1], *notes])
        self.history = [
            (m["role"], _text(as_blocks(m["content"]))) for m in asked["messages"][:turn]
        ]
        self.rounds = _rounds(asked["messages"][turn + 1 :])

    @property
    def results(self) -> list[Result]:
        """Of all tools of this turn."""
        return [result for each in self.rounds for result in each]

    @property
    def latest(self) -> list[Result]:
        return self.rounds[-1] if self.rounds else []

    @property
    def told(self) -> str:
        return "\n".join(result.text for result in self.latest)

    @property
    def unsure_mark(self) -> str:
        """As the system prompt asks for it."""
        found = UNSURE.search(self.system)
        return found.group() if found else "NO_ANSWER"

    @property
    def schema(self) -> dict[str, Any] | None:
        """Of the structured answer that is wanted."""
        wanted = self.asked.get("output_config", {}).get("format")
        return wanted["schema"] if wanted else None

    def holding(self, words: str) -> list[int]:
        """The numbers of the passages that hold these words. Without one the test is wrong, or the passage missing."""
        found = [each.index for each in self.passages if words in each.text]
        assert found, f"no passage holds {words!r}: {[each.text for each in self.passages]}"
        return found

    def nearest(self) -> tuple[str, int] | None:
        """The sentence that shares most words with the question, and its passage."""
        wanted = set(WORD.findall(self.question.lower()))
        ranked = [
            (len(wanted & set(WORD.findall(sentence.lower()))), -passage.index, sentence)
            for passage in self.passages
            for sentence in re.split(r"(?<=[.!])\s+|\n", passage.text)
            if sentence.strip() and not sentence.strip().endswith("?")
        ]
        shared, index, sentence = max(ranked, default=(0, 0, ""))
        return (sentence.strip(), -index) if shared else None


def _is_spoken(message: dict[str, Any]) -> bool:
    """The visitor's words, not a tool's results."""
    kinds = {block["type"] for block in as_blocks(message["content"])}
    return message["role"] == "user" and "tool_result" not in kinds


def _text(blocks: list[dict[str, Any]]) -> str:
    return "\n".join(block["text"] for block in blocks if block["type"] == "text")


def _rounds(messages: list[dict[str, Any]]) -> list[list[Result]]:
    """Of one turn: per answer of the assistant, what its tools said."""
    rounds: list[list[Result]] = []
    made: dict[str, dict[str, Any]] = {}
    for message in messages:
        blocks = as_blocks(message["content"])
        made |= {block["id"]: block for block in blocks if block["type"] == "tool_use"}
        results = [block for block in blocks if block["type"] == "tool_result"]
        if results:
            rounds.append([_result(block, made[block["tool_use_id"]]) for block in results])
    return rounds


def _result(block: dict[str, Any], call: dict[str, Any]) -> Result:
    content = as_blocks(block.get("content") or [])
    passages = [_text(each["content"]) for each in content if each["type"] == "search_result"]
    text = "\n".join([_text(content), *passages]).strip()
    return Result(call["name"], call["input"], text, bool(block.get("is_error")))


def in_words(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
