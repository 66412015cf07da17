"""Claude through its own library: passages as search results, so that it cites them."""

import hashlib
from collections.abc import Sequence
from typing import Any

from app.assistant import prices
from app.assistant.language_models.border import (
    OnParts,
    Part,
    Passage,
    Prompt,
    ProviderError,
    Reply,
    Round,
    Stop,
    ToolCall,
    Trouble,
    Usage,
)
from app.lib.marking import kept

CONNECT_SECONDS = 3.0
PLAIN_TOKENS = 1_000  # of an answer; four short sentences in any script
THINKING_TOKENS = 4_000  # thinking counts too
STOPS = {
    "end_turn": Stop.DONE,
    "stop_sequence": Stop.DONE,
    "tool_use": Stop.TOOLS,
    "max_tokens": Stop.LENGTH,
    "model_context_window_exceeded": Stop.TOO_LONG,
    "refusal": Stop.REFUSED,
}
STATUSES = {
    200: Trouble.BROKEN,
    401: Trouble.KEY,
    403: Trouble.KEY,
    408: Trouble.SERVER,
    409: Trouble.SERVER,
    429: Trouble.RATE_LIMITED,
    529: Trouble.OVERLOADED,
}
WORDS = {
    Trouble.BAD_REQUEST: kept("Claude didn’t accept the request."),
    Trouble.BROKEN: kept("Claude’s answer broke off."),
    Trouble.KEY: kept("Claude refused the API key."),
    Trouble.OVERLOADED: kept("Claude is overloaded."),
    Trouble.RATE_LIMITED: kept("Claude’s rate limit is reached."),
    Trouble.SERVER: kept("Claude had an error of its own."),
    Trouble.SPEND_LIMIT: kept("The spending limit of the Claude account is reached."),
    Trouble.TIMEOUT: kept("Claude didn’t answer in time."),
    Trouble.UNREACHABLE: kept("Claude couldn’t be reached."),
}
EPHEMERAL = {"type": "ephemeral"}


class Claude:
    """One model of one account. `effort` and `thinking` are the API's; thinking stays on for models that
    can't go without."""

    provider = "claude"

    def __init__(self, client: Any, model: str, *, effort: str, thinking: bool) -> None:
        self.client = client
        self.model = model
        self.effort = effort
        self.price = prices.price_of(model)
        self.endpoint = f"{client.base_url} {_digest(client.api_key)}"
        is_always_on = self.price is not None and self.price.always_thinks
        self.thinks = thinking or is_always_on
        self.max_tokens = THINKING_TOKENS if self.thinks else PLAIN_TOKENS

    def write(
        self, prompt: Prompt, rounds: Sequence[Round], on_parts: OnParts, *, seconds: float
    ) -> Reply:
        from anthropic import APIConnectionError, APIStatusError, APITimeoutError
        from httpx2 import HTTPError, TimeoutException

        has_begun = False

        def heard(parts: Sequence[Part]) -> None:
            nonlocal has_begun
            has_begun = True
            on_parts(parts)

        try:
            return self._stream(prompt, rounds, heard, seconds)
        except APIStatusError as error:
            raise _of_status(error) from error
        except (APITimeoutError, TimeoutException) as error:
            raise _trouble_of(Trouble.TIMEOUT) from error
        except (APIConnectionError, HTTPError) as error:
            raise _trouble_of(Trouble.BROKEN if has_begun else Trouble.UNREACHABLE) from error

    def _stream(
        self, prompt: Prompt, rounds: Sequence[Round], on_parts: OnParts, seconds: float
    ) -> Reply:
        from anthropic import Timeout

        numbers = _numbers(prompt, rounds)
        written = _Written(numbers)
        with self.client.messages.stream(
            **self._request(prompt, rounds),
            timeout=Timeout(seconds, connect=CONNECT_SECONDS),
        ) as stream:
            for event in stream:
                if written.take(event):
                    on_parts(written.parts)
            final = stream.get_final_message()
        return Reply(
            parts=written.parts,
            calls=tuple(
                ToolCall(block.id, block.name, block.input)
                for block in final.content
                if block.type == "tool_use"
            ),
            stop=STOPS.get(final.stop_reason or "", Stop.OTHER),
            usage=_usage(final.usage),
            model=final.model,
            raw=final.to_param()["content"],
        )

    def _request(self, prompt: Prompt, rounds: Sequence[Round]) -> dict[str, Any]:
        """Tools, system and history stand first and stay the same: the cache holds up to the marks."""
        request: dict[str, Any] = {
            "model": self.model,
            "max_tokens": self.max_tokens,
            "system": [{"type": "text", "text": prompt.system, "cache_control": EPHEMERAL}],
            "messages": [
                *_history(prompt),
                _question(prompt),
                *(message for each in rounds for message in _round(each)),
            ],
            "output_config": {"effort": self.effort},
        }
        if prompt.schema:
            form = {"type": "json_schema", "schema": prompt.schema}
            request["output_config"]["format"] = form
        if prompt.tools:
            request["tools"] = [
                {
                    "name": each.name,
                    "description": each.description,
                    "input_schema": each.schema,
                    "strict": True,
                }
                for each in prompt.tools
            ]
        if not self.thinks:
            request["thinking"] = {"type": "disabled"}
        return request


def _digest(key: str) -> str:
    """Tells one account from another without the key."""
    return hashlib.sha256(key.encode()).hexdigest()[:16]


class _Written:
    """The answer's text blocks as they come, each with the numbers of the passages it cites."""

    def __init__(self, numbers: dict[str, int]) -> None:
        self._numbers = numbers
        self._parts: list[Part] = []

    @property
    def parts(self) -> tuple[Part, ...]:
        return tuple(self._parts)

    def take(self, event: Any) -> bool:
        """True when the answer has grown, and while it thinks: then is a moment to stop."""
        if event.type == "content_block_start" and event.content_block.type == "text":
            self._parts.append(Part(event.content_block.text))
        elif event.type == "content_block_delta" and event.delta.type == "text_delta":
            last = self._parts[-1]
            self._parts[-1] = Part(last.text + event.delta.text, last.cited)
            return True
        elif event.type == "content_block_delta" and event.delta.type == "citations_delta":
            return self._cite(event.delta.citation)
        return event.type in ("ping", "content_block_delta")

    def _cite(self, citation: Any) -> bool:
        number = self._numbers.get(getattr(citation, "source", ""))
        last = self._parts[-1]
        if number is None or number in last.cited:
            return False
        self._parts[-1] = Part(last.text, (*last.cited, number))
        return True


def _numbers(prompt: Prompt, rounds: Sequence[Round]) -> dict[str, int]:
    """By the `source` that each passage goes under."""
    later = (each for past in rounds for answer in past.answers for each in answer.passages)
    return {_source(each): each.number for each in (*prompt.passages, *later)}


def _source(passage: Passage) -> str:
    return f"chunk-{passage.chunk_id}"


def _history(prompt: Prompt) -> list[dict[str, Any]]:
    """The past as plain text, from the visitor's first words on; the cache holds up to its end."""
    turns = [{"role": turn.role, "content": turn.text} for turn in prompt.history]
    while turns and turns[0]["role"] != "user":
        turns.pop(0)
    past: list[dict[str, Any]] = list(turns)
    if past:
        words = {"type": "text", "text": past[-1]["content"], "cache_control": EPHEMERAL}
        past[-1] = {"role": past[-1]["role"], "content": [words]}
    return past


def _question(prompt: Prompt) -> dict[str, Any]:
    content = [_text(prompt.facts)] if prompt.facts else []
    content += [_search_result(each) for each in prompt.passages]
    return {"role": "user", "content": [*content, _text(prompt.question)]}


def _round(past: Round) -> list[dict[str, Any]]:
    results = [
        {
            "type": "tool_result",
            "tool_use_id": answer.call_id,
            "content": [*(_search_result(each) for each in answer.passages), _text(answer.text)],
            **({"is_error": True} if answer.is_error else {}),
        }
        for answer in past.answers
    ]
    return [{"role": "assistant", "content": past.reply.raw}, {"role": "user", "content": results}]


def _text(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


def _search_result(passage: Passage) -> dict[str, Any]:
    return {
        "type": "search_result",
        "source": _source(passage),
        "title": passage.title,
        "content": [_text(passage.text)],
        "citations": {"enabled": True},
    }


def _usage(usage: Any) -> Usage:
    return Usage(
        read=usage.input_tokens or 0,
        written=usage.output_tokens or 0,
        from_cache=usage.cache_read_input_tokens or 0,
        into_cache=usage.cache_creation_input_tokens or 0,
    )


def _of_status(error: Any) -> ProviderError:
    return _trouble_of(_trouble(error), _retry_after(error))


def _trouble_of(kind: Trouble, retry_after: float | None = None) -> ProviderError:
    return ProviderError(kind, WORDS[kind], retry_after)


def _trouble(error: Any) -> Trouble:
    """By status, and by the type where one status means several things. An `error` inside a stream comes
    with status 200."""
    status, kind = error.status_code, str(getattr(error, "type", "") or "")
    if status == 402 or "spend_limit" in kind or "SpendLimit" in type(error).__name__:
        return Trouble.SPEND_LIMIT
    if status in STATUSES:
        return STATUSES[status]
    return Trouble.SERVER if status >= 500 else Trouble.BAD_REQUEST


def _retry_after(error: Any) -> float | None:
    value = error.response.headers.get("retry-after", "")
    return float(value) if value.replace(".", "", 1).isdigit() else None
