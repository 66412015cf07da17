"""The tools that the assistant may use: typed functions of the domains, under a name that a model can call.

A tool takes one checked value and gives text back. It is the same function whoever calls it: the assistant
in a conversation, or the owner's test bench as a dry run. A domain registers its own in its `tools.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from inspect import cleandoc
from typing import Any, get_type_hints

from pydantic import BaseModel, ConfigDict


class Grant(StrEnum):
    """What an assistant may be allowed to do in a conversation. A turn begins with a set of them, and
    nothing that is said or returned during it adds one."""

    KNOWLEDGE_READ = "knowledge:read"
    HOURS_READ = "hours:read"
    CONTACT_WRITE = "contact:write"
    MESSAGE_WRITE = "message:write"
    HAND_OFF = "hand-off"


class Asked(BaseModel):
    """The base of every tool's input: what isn't named is refused, text comes without outer white space."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


@dataclass(frozen=True, slots=True)
class Call:
    """Who asks. `question_id` is the message that is being answered. In a dry run there may be no
    conversation (0), and nothing is written."""

    conversation_id: int
    question_id: int
    visitor_id: int
    is_dry_run: bool = False


@dataclass(frozen=True, slots=True)
class ToolResult:
    """`passages` are hits of a search, which the answer may cite. After `ends_turn` the assistant has
    nothing to add."""

    text: str
    passages: tuple[Any, ...] = ()
    ends_turn: bool = False


@dataclass(frozen=True, slots=True)
class Tool:
    name: str
    title: str  # for the owner, who may switch it off
    grant: Grant
    writes: bool
    asked: type[Asked]
    run: Callable[[Call, Any], ToolResult]

    @property
    def description(self) -> str:
        """What a model reads: the function's docstring."""
        return " ".join(cleandoc(self.run.__doc__ or "").split())

    @property
    def schema(self) -> dict[str, Any]:
        """JSON schema of the input, in the strict form: every field stands in `required`."""
        return _schema_of(self.asked)


Run = Callable[[Call, Any], ToolResult]

registry: dict[str, Tool] = {}


def tool(name: str, title: str, *, grant: Grant, writes: bool = False) -> Callable[[Run], Run]:
    """Registers `def run(call: Call, asked: SomeAsked) -> ToolResult`. It may raise core.errors.Invalid,
    whose words the model gets to mend its input."""

    def register(run: Run) -> Run:
        asked = get_type_hints(run)["asked"]
        registry[name] = Tool(name, title, grant, writes, asked, run)
        return run

    return register


@cache
def _schema_of(asked: type[Asked]) -> dict[str, Any]:
    schema = asked.model_json_schema()
    schema["required"] = list(schema.get("properties", {}))
    plain: dict[str, Any] = _plain(schema)
    return plain


# pydantic names every field twice, and providers' strict form knows no limits: those we check ourselves.
_LEFT_OUT = {"title", "default", "minLength", "maxLength", "pattern", "minimum", "maximum", "format",
             "exclusiveMinimum", "exclusiveMaximum", "minItems", "maxItems"}  # fmt: skip


def _plain(schema: Any) -> Any:
    """A schema without what a model needn't or mustn't see. A field may bear one of those names."""
    if isinstance(schema, list):
        return [_plain(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: {name: _plain(each) for name, each in value.items()}
        if key in ("properties", "$defs")
        else _plain(value)
        for key, value in schema.items()
        if key not in _LEFT_OUT
    }
