"""The border to language models: what one is given, and what it gives back, whoever makes it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from app.assistant.prices import Price
from app.core.errors import OutsideError


class Trouble(StrEnum):
    RATE_LIMITED = "rate_limited"
    OVERLOADED = "overloaded"
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    BROKEN = "broken"  # the stream was cut in the middle
    KEY = "key"  # refused, unpaid or not allowed
    SPEND_LIMIT = "spend_limit"
    BAD_REQUEST = "bad_request"
    SERVER = "server"


class ProviderError(OutsideError):
    """`words` say to the owner what happened; `retry_after` is what the provider asks for, in seconds."""

    def __init__(self, kind: Trouble, words: str, retry_after: float | None = None) -> None:
        super().__init__(words, permanent=kind in (Trouble.KEY, Trouble.BAD_REQUEST))
        self.kind = kind
        self.words = words
        self.retry_after = retry_after


class Stopped(Exception):
    """The visitor doesn't want the rest of this answer."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What was said before: role is user or assistant."""

    role: str
    text: str


@dataclass(frozen=True, slots=True)
class Passage:
    """`number` counts from 1 within a turn, over all of its searches. `hit` is the knowledge's."""

    number: int
    chunk_id: int
    title: str
    text: str
    hit: Any = None


@dataclass(frozen=True, slots=True)
class ToolSpec:
    name: str
    description: str
    schema: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ToolCall:
    id: str
    name: str
    input: Any  # a dict, unless the model wrote something else


@dataclass(frozen=True, slots=True)
class ToolAnswer:
    call_id: str
    text: str
    passages: tuple[Passage, ...] = ()
    is_error: bool = False


@dataclass(frozen=True, slots=True)
class Prompt:
    """`system` and `tools` are the same for every turn of a business, so that a provider can cache them.
    What changes stands behind them: `facts` are the date, the hours and what is known of the visitor."""

    system: str
    tools: tuple[ToolSpec, ...]
    history: tuple[Turn, ...]
    passages: tuple[Passage, ...]
    facts: str
    question: str
    version: str
    schema: dict[str, Any] | None = None  # of an answer in JSON, where the model can be held to it


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of an answer, and the numbers of the passages that it stands on."""

    text: str
    cited: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens. `read` is without those that came from the cache or went into it."""

    read: int = 0
    written: int = 0
    from_cache: int = 0
    into_cache: int = 0
    is_estimated: bool = False  # by us, where the provider doesn't count


class Stop(StrEnum):
    DONE = "done"
    TOOLS = "tools"
    LENGTH = "length"  # the answer grew beyond its limit
    TOO_LONG = "too_long"  # the conversation did
    REFUSED = "refused"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Reply:
    """`raw` is the provider's own form, given back verbatim in the next round of the same turn."""

    parts: tuple[Part, ...]
    calls: tuple[ToolCall, ...]
    stop: Stop
    usage: Usage
    model: str
    raw: Any = field(default=None, repr=False)

    @property
    def text(self) -> str:
        return "".join(part.text for part in self.parts).strip()


@dataclass(frozen=True, slots=True)
class Round:
    """A reply that asked for tools, and what they said."""

    reply: Reply
    answers: tuple[ToolAnswer, ...]


OnParts = Callable[[Sequence[Part]], None]  # told the whole answer so far; may raise Stopped


class LanguageModel(Protocol):
    """One request to one model. It retries nothing: app/assistant/calling.py does, who also pays."""

    provider: str  # claude, own
    model: str
    endpoint: str  # tells one account at one address from another, for the breaker; holds no secret
    price: Price | None
    max_tokens: int  # that a reply may have, thinking included

    def write(
        self, prompt: Prompt, rounds: Sequence[Round], on_parts: OnParts, *, seconds: float
    ) -> Reply:
        """`seconds` is how long it may stay silent: before the first word, and between two. Raises
        ProviderError, and lets Stopped through."""
        ...
