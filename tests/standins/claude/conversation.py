"""What the real API answers with an error, of a request's messages: roles, blocks, tools and their results."""

from typing import Any

from tests.standins.claude.memory import Memory
from tests.standins.claude.models import refuse
from tests.standins.claude.tokens import as_blocks

Message = dict[str, Any]
ALLOWED = {
    "user": {"text", "image", "document", "search_result", "tool_result"},
    "assistant": {"text", "thinking", "redacted_thinking", "tool_use"},
    "system": {"text"},
}
FIELDS = {
    "text": {"text", "citations"},
    "search_result": {"source", "title", "content", "citations"},
    "tool_result": {"tool_use_id", "content", "is_error"},
    "tool_use": {"id", "name", "input", "caller", "toolset_name"},
    "thinking": {"thinking", "signature"},
    "redacted_thinking": {"data"},
}


def check_messages(asked: dict[str, Any], memory: Memory) -> None:
    messages = asked["messages"]
    refuse(not messages, "messages: at least one message is required")
    refuse(messages[0]["role"] != "user", 'messages: first message must use the "user" role')
    refuse(
        messages[-1]["role"] == "assistant",
        "This model does not support assistant message prefill. The conversation must end with a user message.",
    )
    for index, message in enumerate(messages):
        _check_role(messages, index)
        _check_content(message, f"messages.{index}")
    _check_pairs(messages)
    _check_tools_are_named(asked)
    _check_citations(asked)
    _check_thinking(asked, memory)


def _check_role(messages: list[Message], index: int) -> None:
    role = messages[index]["role"]
    extra = messages[index].keys() - {"role", "content"}
    refuse(extra, f"messages.{index}: {sorted(extra)}: Extra inputs are not permitted")
    refuse(role not in ALLOWED, f"messages.{index}.role: {role}")
    after_user = index > 0 and messages[index - 1]["role"] in ("user", "system")
    refuse(role == "system" and not after_user, "a system message must follow a user message")


def _check_content(message: Message, where: str) -> None:
    refuse(not message["content"], f"{where}: all messages must have non-empty content")
    for number, block in enumerate(as_blocks(message["content"])):
        kind, at = block.get("type"), f"{where}.content.{number}"
        refuse(kind not in ALLOWED[message["role"]], f"{at}: '{kind}' not allowed here")
        extra = block.keys() - FIELDS.get(kind, block.keys()) - {"type", "cache_control"}
        refuse(extra, f"{at}: {sorted(extra)}: Extra inputs are not permitted")
        refuse(
            "thinking" in kind and block.get("cache_control"), f"{at}: cache_control not allowed"
        )
        if kind == "text":
            _check_text(block, message["role"], at)
        elif kind == "search_result":
            _check_search_result(block, at)
        elif kind == "tool_result":
            _check_result(block, at)


def _check_text(block: Message, role: str, at: str) -> None:
    refuse(not block["text"].strip(), f"{at}: text content blocks must be non-empty")
    cites = role == "user" and block.get("citations")
    refuse(cites, f"{at}: text blocks in user messages can't have citations")


def _check_search_result(block: Message, at: str) -> None:
    for name in ("source", "title"):
        refuse(not isinstance(block.get(name), str) or not block[name], f"{at}.{name}: required")
    refuse(not block.get("content"), f"{at}.content: at least one block")
    for part in block["content"]:
        refuse(part.get("type") != "text" or not part["text"].strip(), f"{at}.content: text only")


def _check_result(block: Message, at: str) -> None:
    refuse(not block.get("tool_use_id"), f"{at}.tool_use_id: Field required")
    content = as_blocks(block.get("content") or [])
    refuse(
        block.get("is_error") and not content, f"{at}: content cannot be empty if is_error is true"
    )
    for part in content:
        refuse(part["type"] not in ("text", "image", "search_result", "document"), f"{at}.content")
        if part["type"] == "search_result":
            _check_search_result(part, at)
        elif part["type"] == "text":
            _check_text(part, "user", at)


def _check_pairs(messages: list[Message]) -> None:
    """Each call has its result first in the next message, each result its call in the one before."""
    called: list[str] = []
    for index, message in enumerate(messages):
        blocks = as_blocks(message["content"])
        results = [b["tool_use_id"] for b in blocks if b["type"] == "tool_result"]
        refuse(message["role"] == "system" and called, "tool_use blocks need their results next")
        strange = set(results) - set(called)
        refuse(
            strange, f"messages.{index}: unexpected tool_use_id {sorted(strange)} in tool_result"
        )
        missing = set(called) - set(results)
        refuse(missing, f"messages.{index}: tool_use ids without tool_result: {sorted(missing)}")
        refuse(len(results) > len(set(results)), "each tool_use must have a single result")
        first = [b["type"] for b in blocks[: len(results)]]
        refuse(
            set(first) - {"tool_result"}, f"messages.{index}: tool_result blocks must come first"
        )
        called = [b["id"] for b in blocks if b["type"] == "tool_use"]


def _check_tools_are_named(asked: dict[str, Any]) -> None:
    uses = any(b["type"] == "tool_use" for m in asked["messages"] for b in as_blocks(m["content"]))
    refuse(
        uses and not asked.get("tools"), "Requests which include tool_use blocks must define tools"
    )


def search_results(messages: list[Message]) -> list[Message]:
    """In the order of their index, those inside of tool results too."""
    found = []
    for block in (b for m in messages for b in as_blocks(m["content"])):
        inside = (
            as_blocks(block.get("content") or []) if block["type"] == "tool_result" else [block]
        )
        found += [each for each in inside if each["type"] == "search_result"]
    return found


def _check_citations(asked: dict[str, Any]) -> None:
    enabled = {
        bool(result.get("citations", {}).get("enabled"))
        for result in search_results(asked["messages"])
    }
    refuse(len(enabled) > 1, "citations must be enabled on all or none of the results")
    wants_json = asked.get("output_config", {}).get("format")
    refuse(True in enabled and wants_json, "citations are not compatible with output_config.format")


def _check_thinking(asked: dict[str, Any], memory: Memory) -> None:
    """Inside a tool loop what the assistant wrote comes back as it was, over the same system and tools."""
    for index, message in enumerate(asked["messages"]):
        for block in as_blocks(message["content"]):
            if block["type"] == "thinking":
                genuine = memory.signed(block["thinking"], block["signature"])
                refuse(not genuine, f"messages.{index}: Invalid `signature` in `thinking` block")
    for index in loop(asked["messages"]):
        reason = memory.changed(asked, as_blocks(asked["messages"][index]["content"]))
        refuse(reason, f"messages.{index}: {reason}")


def loop(messages: list[Message]) -> list[int]:
    """The assistant's messages since the user's last words, by index."""
    found: list[int] = []
    for index, message in enumerate(messages):
        blocks = as_blocks(message["content"])
        if message["role"] == "assistant":
            found.append(index)
        elif message["role"] == "user" and all(b["type"] != "tool_result" for b in blocks):
            found = []
    return found
