"""The rule engine: what the visitor asked and the tools said decides what is answered."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.standins.claude import schemas
from tests.standins.claude.blocks import Block, Step, calls, says
from tests.standins.claude.seen import Seen, in_words

Answer = list[Block] | Step
Answering = Callable[[Seen], Answer | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """`told`: for what the tools said last; without it the rule is for the first round of a turn."""

    asked: str
    told: str | None
    answer: Answering

    def fits(self, seen: Seen) -> bool:
        if (self.told is None) != (not seen.rounds):
            return False
        if self.told is not None and not re.search(self.told, seen.told, re.I | re.S):
            return False
        return bool(re.search(self.asked, seen.question, re.I | re.S))


def when(asked: str, *answer: Block | Step | Answering, told: str | None = None) -> Rule:
    """`when("deliver", calls("search_knowledge", query="delivery"))`; `when("deliver", says("Yes."), told="£4")`.
    The answer: blocks, one step (fails(529), breaks(…)), or a function of what is seen; None of it: not this rule."""
    if len(answer) == 1 and callable(answer[0]):
        return Rule(asked, told, answer[0])
    first = answer[0] if answer else {}
    if isinstance(first, dict) and first and "type" not in first:
        return Rule(asked, told, lambda _seen: first)
    blocks = [block for block in answer if isinstance(block, dict)]
    return Rule(asked, told, lambda _seen: list(blocks))


def answer(rules: list[Rule], seen: Seen) -> Answer:
    for rule in rules:
        if rule.fits(seen):
            found = rule.answer(seen)
            if found is not None:
                return found
    return front_desk(seen)


def front_desk(seen: Seen) -> list[Block]:
    """A sensible one: quotes the passage that shares words with the question, looks for one, or isn't sure."""
    if seen.schema:
        return [says(in_words(schemas.example(seen.schema, seen.question)))]
    nearest = seen.nearest()
    if nearest:
        return [says(nearest[0], cites=(nearest[1],))]
    if seen.latest and not any(result.is_error for result in seen.latest) and _is_plain(seen):
        return [says(seen.told)]
    search = seen.tools.get("search_knowledge")
    if search and not seen.rounds:
        return [calls("search_knowledge", **_filled(search["input_schema"], seen.question))]
    return [says(seen.unsure_mark)]


def _is_plain(seen: Seen) -> bool:
    """A tool answered in words of its own, not with passages."""
    return all(result.name != "search_knowledge" for result in seen.latest) and bool(seen.told)


def _filled(schema: dict[str, Any], words: str) -> dict[str, Any]:
    filled: dict[str, Any] = schemas.example(schema, words)
    return filled
