"""How many tokens a prompt has at most. Never too low: a token of text is never shorter than a byte."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from app.assistant.language_models.border import Prompt, Reply, Round

FRAME = 1_000  # what a provider adds by itself: how tools, results and citations are to be used
PER_PIECE = 32  # around each message, passage, tool and call


def most_tokens(prompt: Prompt, rounds: Sequence[Round]) -> int:
    asked = [_of(prompt.system, prompt.facts, prompt.question)]
    asked += [_of(turn.text) for turn in prompt.history]
    asked += [_of(passage.title, passage.text) for passage in prompt.passages]
    asked += [_of(tool.name, tool.description, _json(tool.schema)) for tool in prompt.tools]
    return FRAME + sum(asked) + sum(_of_round(each) for each in rounds)


def _of_round(each: Round) -> int:
    """A reply goes back as it came, with its thinking: then what was counted is more than its words."""
    said = sum(
        _of(answer.text, *_texts(answer.passages), answer.call_id) for answer in each.answers
    )
    return said + max(each.reply.usage.written, _of_reply(each.reply)) + PER_PIECE


def _of_reply(reply: Reply) -> int:
    calls = sum(_of(call.id, call.name, _json(call.input)) for call in reply.calls)
    return _of(*(part.text for part in reply.parts)) + calls


def _texts(passages: Iterable[Any]) -> list[str]:
    return [text for passage in passages for text in (passage.title, passage.text, " " * PER_PIECE)]


def _of(*texts: str) -> int:
    return PER_PIECE + sum(len(text.encode()) for text in texts)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
