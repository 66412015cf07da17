"""The events of a streamed chat completion, put together again."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

_BYTES_A_TOKEN = 3  # fewer than most texts have, so that an estimate is rather too high


class Unreadable(Exception):
    """What came is no chat completion."""


@dataclass(slots=True)
class Call:
    index: int | None
    id: str
    name: str = ""
    arguments: str = ""

    @property
    def input(self) -> Any:
        """Arguments that are no JSON stay the text that they are; whoever checks them says so."""
        try:
            return json.loads(self.arguments or "{}")
        except ValueError:
            return self.arguments


@dataclass(slots=True)
class Answer:
    """What has come so far. `finish` is empty until the model has come to its end."""

    text: str = ""
    refusal: str = ""
    calls: list[Call] = field(default_factory=list)
    finish: str = ""
    model: str = ""
    usage: dict[str, Any] = field(default_factory=dict)
    error: Any = None

    def take(self, event: dict[str, Any]) -> None:
        """Raises Unreadable."""
        try:
            self._take(event)
        except (AttributeError, TypeError, KeyError, IndexError) as error:
            raise Unreadable("an event of another shape") from error

    def _take(self, event: dict[str, Any]) -> None:
        self.error = event.get("error")
        self.model = event.get("model") or self.model
        self.usage = event.get("usage") or self.usage
        choice = (event.get("choices") or [{}])[0]
        delta = choice.get("delta") or choice.get("message") or {}
        self.finish = choice.get("finish_reason") or self.finish
        self.refusal += delta.get("refusal") or ""
        for piece in delta.get("tool_calls") or []:
            self._take_call(piece)
        self.text += delta.get("content") or ""

    def _take_call(self, piece: dict[str, Any]) -> None:
        function = piece.get("function") or {}
        name, arguments = function.get("name") or "", function.get("arguments") or ""
        call = self._call_of(piece.get("index"), piece.get("id") or "", begins=bool(name))
        call.name = call.name or name
        call.arguments += arguments if isinstance(arguments, str) else json.dumps(arguments)

    def _call_of(self, index: int | None, given: str, *, begins: bool) -> Call:
        """OpenAI numbers its calls and names each once; Ollama has given all the number 0 and each an id;
        others send whole calls with neither."""
        for call in reversed(self.calls):
            if index is None and begins:
                break
            if given in ("", call.id) and index in (None, call.index):
                return call
        self.calls.append(Call(index, given or f"call_{len(self.calls)}"))
        return self.calls[-1]


def events(lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """Raises Unreadable. Comments, by which some servers keep the line open, are skipped."""
    for line in lines:
        name, _, data = line.partition(b":")
        if name != b"data":
            continue
        if data.strip() == b"[DONE]":
            return
        yield json_object(data)


def json_object(data: bytes) -> dict[str, Any]:
    """Raises Unreadable."""
    try:
        found = json.loads(data)
    except ValueError as error:
        raise Unreadable("no JSON") from error
    if not isinstance(found, dict):
        raise Unreadable("no object")
    return found


def estimated_tokens(*texts: str) -> int:
    return sum(len(text.encode()) for text in texts) // _BYTES_A_TOKEN + 1
