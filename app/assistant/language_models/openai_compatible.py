"""A language model of the owner's own: whatever speaks OpenAI's chat completions (OpenAI, Ollama, vLLM …).

The owner types the address, so every request goes through app/core/http.py: to checked addresses alone,
never redirected, limited in size and time.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Any

from app.assistant.language_models import openai_errors
from app.assistant.language_models.border import (
    OnParts,
    Prompt,
    ProviderError,
    Reply,
    Round,
    Stop,
    ToolCall,
    Trouble,
    Usage,
)
from app.assistant.language_models.marks import parts_of
from app.assistant.language_models.openai_prompt import messages_of, numbers_in, tools_of
from app.assistant.language_models.openai_stream import (
    Answer,
    Unreadable,
    estimated_tokens,
    events,
    json_object,
)
from app.assistant.prices import Price
from app.core.http import PUBLIC, Allow, OutgoingError, Streamed, TooSlow, stream

MAX_TOKENS = 2000  # a model that thinks counts that too; small ones hold 4,096 with the prompt
MAX_SECONDS = 60.0  # for all of an answer, however steadily it comes
MAX_BYTES = 4 * 1024 * 1024  # some send 300 bytes around each word
_STOPS = {"length": Stop.LENGTH, "content_filter": Stop.REFUSED}


class _Refused(Exception):
    def __init__(self, told: openai_errors.Refused) -> None:
        self.told = told


class OpenAICompatible:
    """`price` is None where the owner gave none."""

    provider = "own"
    max_tokens = MAX_TOKENS

    def __init__(
        self,
        base_url: str,
        model: str,
        key: str = "",
        *,
        price: Price | None = None,
        allow: Allow = PUBLIC,
    ) -> None:
        self.model = model
        self.price = price
        self.endpoint = f"{base_url} {hashlib.sha256(key.encode()).hexdigest()[:12]}"
        self._url = f"{base_url.rstrip('/')}/chat/completions"
        self._key = key
        self._allow = allow
        self._without: set[str] = set()  # parameters that this endpoint has refused

    def write(
        self, prompt: Prompt, rounds: Sequence[Round], on_parts: OnParts, *, seconds: float
    ) -> Reply:
        numbers = numbers_in(prompt, rounds)
        while True:
            body = self._body(prompt, rounds)
            try:
                answer = self._ask(body, numbers, on_parts, seconds)
            except _Refused as refused:
                if refused.told.is_too_long:
                    return Reply((), (), Stop.TOO_LONG, Usage(), self.model)
                if not self._learn(refused.told, body):
                    raise refused.told.error(self.model, self._key) from refused
            else:
                return self._reply(answer, numbers, body)

    def _body(self, prompt: Prompt, rounds: Sequence[Round]) -> dict[str, Any]:
        limit = "max_completion_tokens" if "max_tokens" in self._without else "max_tokens"
        body: dict[str, Any] = {
            "model": self.model,
            "messages": messages_of(prompt, rounds),
            "stream": True,
            limit: MAX_TOKENS,
        }
        if "stream_options" not in self._without:
            body["stream_options"] = {"include_usage": True}
        if prompt.tools:
            body["tools"] = tools_of(prompt.tools)
        return body

    def _learn(self, told: openai_errors.Refused, body: dict[str, Any]) -> bool:
        """Newer models of OpenAI's refuse max_tokens, older servers stream_options: left out from now on."""
        names = ("max_tokens", "stream_options")
        refused = {name for name in names if name in body and told.refuses(name)}
        self._without |= refused
        return bool(refused)

    def _ask(
        self, body: dict[str, Any], numbers: set[int], on_parts: OnParts, seconds: float
    ) -> Answer:
        headers = {"Content-Type": "application/json", "Accept": "text/event-stream"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        try:
            with stream(
                self._url,
                max_bytes=MAX_BYTES,
                timeout=MAX_SECONDS,
                silent_seconds=seconds,
                headers=headers,
                body=json.dumps(body).encode(),
                allow=self._allow,
            ) as streamed:
                return _read(streamed, numbers, on_parts)
        except OutgoingError as error:
            raise openai_errors.of_the_line(error) from error
        except Unreadable as error:
            raise ProviderError(Trouble.BAD_REQUEST, openai_errors.NOT_UNDERSTOOD) from error

    def _reply(self, answer: Answer, numbers: set[int], body: dict[str, Any]) -> Reply:
        stop = _stop(answer)
        calls = answer.calls if stop is Stop.TOOLS else []
        return Reply(
            parts=parts_of(answer.text, numbers, is_whole=True),
            calls=tuple(ToolCall(each.id, each.name, each.input) for each in calls),
            stop=stop,
            usage=_usage(answer, body),
            model=answer.model or self.model,
            raw=_raw(answer),
        )


def _read(streamed: Streamed, numbers: set[int], on_parts: OnParts) -> Answer:
    """Raises _Refused, ProviderError, Unreadable, and what on_parts does."""
    if streamed.status != 200:
        raise _Refused(openai_errors.refused(streamed.status, streamed.headers, _body(streamed)))
    kind = streamed.headers.get("content-type", "")
    if "text/html" in kind:
        raise ProviderError(Trouble.BAD_REQUEST, openai_errors.WEB_PAGE)
    answer = Answer()
    begun = False
    try:
        for event in _events(streamed, kind):
            answer.take(event)
            begun = True
            if answer.error:
                raise _Refused(openai_errors.refused(0, {}, answer.error))
            on_parts(parts_of(answer.text, numbers, is_whole=False))
    except TooSlow:
        raise
    except (OutgoingError, Unreadable) as error:
        if not begun:
            raise
        raise ProviderError(Trouble.BROKEN, openai_errors.BROKE_OFF) from error
    if not answer.finish:
        raise ProviderError(Trouble.BROKEN, openai_errors.BROKE_OFF)
    return answer


def _events(streamed: Streamed, kind: str) -> Iterator[dict[str, Any]]:
    """One where the server can't stream. Raises Unreadable, also where there is none."""
    if "application/json" in kind:
        yield json_object(_body(streamed))
        return
    count = 0
    for count, event in enumerate(events(streamed.lines), start=1):  # noqa: B007
        yield event
    if not count:
        raise Unreadable("no events")


def _body(streamed: Streamed) -> bytes:
    return b"\n".join(streamed.lines)


def _stop(answer: Answer) -> Stop:
    """Some servers say "stop" where they call tools. Calls that were cut off are none."""
    if answer.finish in _STOPS:
        return _STOPS[answer.finish]
    if answer.refusal and not answer.text:
        return Stop.REFUSED
    return Stop.TOOLS if answer.calls else Stop.DONE


def _usage(answer: Answer, body: dict[str, Any]) -> Usage:
    """Estimated where the endpoint doesn't count."""
    told = answer.usage
    read, written = told.get("prompt_tokens"), told.get("completion_tokens")
    if not isinstance(read, int) or not isinstance(written, int):
        arguments = [call.arguments for call in answer.calls]
        return Usage(
            read=estimated_tokens(json.dumps(body["messages"], ensure_ascii=False)),
            written=estimated_tokens(answer.text, *arguments),
            is_estimated=True,
        )
    cached = (told.get("prompt_tokens_details") or {}).get("cached_tokens") or 0
    return Usage(read=max(read - cached, 0), written=written, from_cache=cached)


def _raw(answer: Answer) -> dict[str, Any]:
    """As the endpoint wants to see it again: servers read the arguments, and fail on what is no JSON."""
    message: dict[str, Any] = {"role": "assistant", "content": answer.text}
    if answer.calls:
        message["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {
                    "name": call.name,
                    "arguments": call.arguments if isinstance(call.input, dict) else "{}",
                },
            }
            for call in answer.calls
        ]
    return message
