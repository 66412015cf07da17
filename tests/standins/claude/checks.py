"""What the real API answers with an error, of a request's headers and parameters."""

import re
from typing import Any

from tests.standins.claude import schemas
from tests.standins.claude.conversation import check_messages
from tests.standins.claude.memory import Memory
from tests.standins.claude.models import KEY, MAX_OUTPUT, MODELS, VERSION, Model, refuse
from tests.standins.claude.tokens import as_blocks, marks

Asked = dict[str, Any]
KNOWN = {
    "model", "max_tokens", "messages", "system", "stream", "tools", "tool_choice", "thinking",
    "output_config", "metadata", "stop_sequences", "cache_control", "service_tier",
}  # fmt: skip
SAMPLING = {"temperature", "top_p", "top_k"}
EFFORTS = ("low", "medium", "high", "xhigh", "max")
MAX_MARKS = 4


def check_headers(headers: Any) -> None:
    refuse(
        headers.get("authorization", "") != f"Bearer {KEY}",
        "invalid bearer token", 401, "authentication_error",
    )  # fmt: skip
    refuse(headers.get("anthropic-version") != VERSION, "anthropic-version: unknown version")


def check(asked: Asked, memory: Memory) -> None:
    """Raises Refused."""
    sampling = sorted(SAMPLING & asked.keys())
    refuse(sampling, f"{sampling}: sampling parameters are not supported with this version")
    refuse(asked.keys() - KNOWN, f"{sorted(asked.keys() - KNOWN)}: Extra inputs are not permitted")
    for name in ("model", "max_tokens", "messages"):
        refuse(name not in asked, f"{name}: Field required")
    refuse(asked["model"] not in MODELS, f"model: {asked['model']}", 404, "not_found_error")
    is_count = isinstance(asked["max_tokens"], int) and 1 <= asked["max_tokens"] <= MAX_OUTPUT
    refuse(not is_count, f"max_tokens: must be between 1 and {MAX_OUTPUT}")
    _check_system(asked.get("system", "-"))
    _check_tools(asked.get("tools", []))
    _check_thinking(asked, MODELS[asked["model"]])
    _check_tool_choice(asked, MODELS[asked["model"]])
    _check_output(asked)
    _check_marks(asked)
    _check_small_things(asked)
    check_messages(asked, memory)


def thinking_is_on(asked: Asked) -> bool:
    return asked.get("thinking", {}).get("type") != "disabled"


def _check_system(system: Any) -> None:
    for block in as_blocks(system):
        refuse(block.get("type") != "text", "system: only text blocks")
        refuse(not block["text"].strip(), "system: text content blocks must be non-empty")


def _check_tools(tools: list[Asked]) -> None:
    names = [tool.get("name", "") for tool in tools]
    refuse(len(set(names)) < len(names), "tools: Tool names must be unique.")
    for index, tool in enumerate(tools):
        where = f"tools.{index}"
        extra = tool.keys() - {
            "name", "description", "input_schema", "strict", "cache_control", "type", "input_examples",
        }  # fmt: skip
        refuse(extra, f"{where}: {sorted(extra)}: Extra inputs are not permitted")
        refuse(not re.fullmatch(r"[a-zA-Z0-9_-]{1,128}", tool.get("name", "")), f"{where}.name")
        schema = tool.get("input_schema", {})
        refuse(schema.get("type") != "object", f"{where}.input_schema.type: must be 'object'")
        if tool.get("strict"):
            schemas.check_strict(schema, f"{where}.input_schema")


def _check_thinking(asked: Asked, model: Model) -> None:
    thinking, effort = asked.get("thinking", {"type": "adaptive"}), _effort(asked)
    kind = thinking.get("type")
    refuse(kind not in ("adaptive", "enabled", "disabled", "between_tools"), "thinking.type")
    refuse("budget_tokens" in thinking and kind != "enabled", "thinking.budget_tokens: not here")
    refuse(kind == "enabled" and model.always_thinks, "thinking.enabled: this model has no budget")
    refuse(
        kind == "disabled" and model.always_thinks, "thinking.disabled: this model always thinks"
    )
    refuse(
        kind == "disabled" and effort in ("xhigh", "max"),
        "thinking.disabled: only at an effort of high or lower",
    )
    budget = thinking.get("budget_tokens", 1024)
    refuse(kind == "enabled" and not 1024 <= budget < asked["max_tokens"], "thinking.budget_tokens")


def _effort(asked: Asked) -> str:
    return str(asked.get("output_config", {}).get("effort") or "medium")


def _check_tool_choice(asked: Asked, model: Model) -> None:
    choice = asked.get("tool_choice")
    if choice is None:
        return
    refuse(not asked.get("tools"), "tool_choice: may only be specified while providing tools")
    is_forced = choice.get("type") in ("any", "tool")
    refuse(is_forced and model.always_thinks, f"tool_choice '{choice.get('type')}': not supported")
    refuse(
        is_forced and thinking_is_on(asked),
        "Thinking may not be enabled when tool_choice forces tool use.",
    )
    known = choice.get("type") != "tool" or choice["name"] in [t["name"] for t in asked["tools"]]
    refuse(not known, "tool_choice: no such tool")


def _check_output(asked: Asked) -> None:
    output = asked.get("output_config", {})
    extra = output.keys() - {"effort", "format"}
    refuse(extra, f"output_config: {sorted(extra)}: Extra inputs are not permitted")
    refuse(_effort(asked) not in EFFORTS, "output_config.effort")
    wanted = output.get("format")
    if wanted:
        refuse(wanted.get("type") != "json_schema", "output_config.format.type")
        schemas.check_strict(wanted["schema"], "output_config.format.schema")


def _check_marks(asked: Asked) -> None:
    found = marks(asked)
    refuse(
        len(found) > MAX_MARKS,
        f"A maximum of {MAX_MARKS} blocks with cache_control may be provided.",
    )
    lives = [mark.get("ttl", "5m") for mark in found]
    refuse(any(mark.get("type") != "ephemeral" for mark in found), "cache_control.type")
    refuse(set(lives) - {"5m", "1h"}, "cache_control.ttl")
    refuse(lives != sorted(lives), "cache_control: a ttl of 1h must not come after one of 5m")


def _check_small_things(asked: Asked) -> None:
    user = asked.get("metadata", {}).get("user_id") or ""
    refuse(
        asked.get("metadata", {}).keys() - {"user_id"}, "metadata: Extra inputs are not permitted"
    )
    refuse("@" in user or len(user) > 256, "metadata.user_id: must be opaque")
    stops = asked.get("stop_sequences", [])
    refuse(any(not stop.strip() for stop in stops), "stop_sequences: must contain non-whitespace")
