"""What OpenAI, Ollama and vLLM refuse of a chat completion, in OpenAI's words: status, type, code, message."""

import json
import re
from typing import Any

KNOWN = {
    "model", "messages", "stream", "stream_options", "tools", "tool_choice", "parallel_tool_calls",
    "max_tokens", "max_completion_tokens", "temperature", "top_p", "stop", "user",
}  # fmt: skip
FIELDS = {
    "system": {"role", "content"},
    "user": {"role", "content"},
    "assistant": {"role", "content", "tool_calls"},
    "tool": {"role", "content", "tool_call_id"},
}
NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")

Refusal = tuple[int, str, str | None, str]


def refusal(asked: dict[str, Any], models: set[str], unsupported: dict[str, str]) -> Refusal | None:
    """None for what the real ones take. `unsupported` is what this model's server says of parameters."""
    for name, words in unsupported.items():
        if name in asked:
            return 400, "invalid_request_error", "unsupported_parameter", words
    if asked.get("model") not in models:
        words = f"The model `{asked.get('model')}` does not exist or you do not have access to it."
        return 404, "invalid_request_error", "model_not_found", words
    wrong = _request_problem(asked) or _messages_problem(asked["messages"])
    return (400, "invalid_request_error", None, wrong) if wrong else None


def _request_problem(asked: dict[str, Any]) -> str:
    if asked.keys() - KNOWN:
        return f"Unrecognized request argument supplied: {min(asked.keys() - KNOWN)}"
    if "stream_options" in asked and not asked.get("stream"):
        return "The 'stream_options' parameter is only allowed when 'stream' is enabled."
    if not isinstance(asked.get("messages"), list) or not asked["messages"]:
        return "Invalid 'messages': empty array. Expected an array with minimum length 1."
    if "tools" in asked and not asked["tools"]:
        return "Invalid 'tools': empty array. Expected an array with minimum length 1."
    return next(filter(None, map(_tool_problem, asked.get("tools", []))), "")


def _tool_problem(tool: dict[str, Any]) -> str:
    function = tool.get("function", {})
    if tool.keys() != {"type", "function"} or tool["type"] != "function":
        return "Invalid tool: expected an object with 'type' and 'function'."
    if not NAME.fullmatch(function.get("name", "")):
        return "Invalid 'tools[0].function.name': string does not match pattern."
    if function.get("parameters", {}).get("type") != "object":
        return f"Invalid schema for function '{function['name']}': schema must be of type 'object'."
    return ""


def _messages_problem(messages: list[dict[str, Any]]) -> str:
    awaited: list[str] = []
    for message in messages:
        if message.get("role") not in FIELDS:
            return f"Invalid value: '{message.get('role')}'."
        if message.keys() - FIELDS[message["role"]]:
            return f"Unknown parameter: {min(message.keys() - FIELDS[message['role']])}."
        if message["role"] == "tool":
            if message.get("tool_call_id") not in awaited:
                return "messages with role 'tool' must be a response to a preceding message with 'tool_calls'."
            awaited.remove(message["tool_call_id"])
        elif awaited:
            return _unanswered(awaited)
        wrong = _content_problem(message)
        if wrong:
            return wrong
        awaited += [call["id"] for call in message.get("tool_calls", [])]
    return _unanswered(awaited) if awaited else ""


def _unanswered(awaited: list[str]) -> str:
    return (
        "An assistant message with 'tool_calls' must be followed by tool messages responding to each "
        f"'tool_call_id'. The following tool_call_ids did not have response messages: {', '.join(awaited)}"
    )


def _content_problem(message: dict[str, Any]) -> str:
    if "tool_calls" in message and not message["tool_calls"]:
        return "Invalid 'messages[0].tool_calls': empty array."
    if not isinstance(message.get("content"), str) and "tool_calls" not in message:
        return "Invalid value for 'content': expected a string, got null."
    for call in message.get("tool_calls", []):
        try:
            json.loads(call["function"]["arguments"])  # vLLM's and Ollama's templates read it
        except ValueError:
            return "Value looks like object, but can't find closing '}' symbol"
    return ""
