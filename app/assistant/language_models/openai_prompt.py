"""A prompt as chat completions take it. They know no citations, so passages are numbered texts."""

import re
from collections.abc import Sequence
from itertools import dropwhile, groupby
from typing import Any

from app.assistant.language_models.border import Passage, Prompt, Round, ToolAnswer, ToolSpec, Turn

CITE = """

Search results are passages: they stand in the customer's message and in what tools give back, each with a number.
After each statement that rests on a passage, write that number in square brackets, like [1], or [1][3] for two. Cite no
number that doesn't stand there, and use square brackets for nothing else."""

_TAG = re.compile(r"<(?=/?\s*(?:passage|facts|question)\b)", re.IGNORECASE)


def messages_of(prompt: Prompt, rounds: Sequence[Round]) -> list[dict[str, Any]]:
    """What stays the same comes first, so that a server that keeps prefixes can reuse its work."""
    later = [message for each in rounds for message in _round(each)]
    system = {"role": "system", "content": prompt.system + CITE}
    return [system, *_alternating([*prompt.history, Turn("user", _question(prompt))]), *later]


def _alternating(turns: Sequence[Turn]) -> list[dict[str, Any]]:
    """From the customer's first words on, by turns: templates of local models refuse two in a row."""
    begun = dropwhile(lambda turn: turn.role != "user", turns)
    return [
        {"role": role, "content": "\n\n".join(turn.text for turn in together)}
        for role, together in groupby(begun, key=lambda turn: turn.role)
    ]


def tools_of(specs: Sequence[ToolSpec]) -> list[dict[str, Any]]:
    """Without `strict`: OpenAI's wants every field to be required, and the server checks inputs anyway."""
    return [
        {
            "type": "function",
            "function": {
                "name": spec.name,
                "description": spec.description,
                "parameters": spec.schema,
            },
        }
        for spec in specs
    ]


def numbers_in(prompt: Prompt, rounds: Sequence[Round]) -> set[int]:
    """Of all passages that may be cited."""
    found = [passage for each in rounds for answer in each.answers for passage in answer.passages]
    return {passage.number for passage in [*prompt.passages, *found]}


def _question(prompt: Prompt) -> str:
    facts = f"<facts>\n{_plain(prompt.facts)}\n</facts>" if prompt.facts else ""
    question = f"<question>\n{_plain(prompt.question)}\n</question>"
    return "\n\n".join(filter(None, [_passages(prompt.passages), facts, question]))


def _passages(passages: Sequence[Passage]) -> str:
    return "\n".join(
        f"<passage number={each.number}>\n{_plain(each.title)}\n{_plain(each.text)}\n</passage>"
        for each in passages
    )


def _plain(text: str) -> str:
    """No text can end the place it stands in, and begin another."""
    return _TAG.sub("‹", text)


def _round(done: Round) -> list[dict[str, Any]]:
    return [done.reply.raw, *map(_tool_answer, done.answers)]


def _tool_answer(answer: ToolAnswer) -> dict[str, Any]:
    told = "\n".join(filter(None, [answer.text, _passages(answer.passages)]))
    error = "Error: " if answer.is_error else ""
    return {"role": "tool", "tool_call_id": answer.call_id, "content": error + told}
