"""What an answer is made of, and the steps of a script: says(), calls(), thinks(); fails(), refuses()."""

from collections.abc import Callable
from typing import Any

Block = dict[str, Any]
Step = dict[str, Any]

ETYPES = {
    400: "invalid_request_error", 401: "authentication_error", 402: "billing_error",
    403: "permission_error", 404: "not_found_error", 413: "request_too_large",
    429: "rate_limit_error", 500: "api_error", 504: "timeout_error", 529: "overloaded_error",
}  # fmt: skip


def says(text: str, *, cites: tuple[int, ...] = (), holding: str = "") -> Block:
    """One text block. It cites the search results of these numbers, or each that holds these words."""
    return {"type": "text", "text": text, "cites": cites, "holding": holding}


def calls(name: str, /, *, lax: bool = False, **given: Any) -> Block:
    """A tool call. `lax` may break the tool's schema, as a model without strict tools does."""
    return {"type": "tool_use", "name": name, "input": given, "lax": lax}


def thinks(text: str) -> Block:
    return {"type": "thinking", "thinking": text}


def fails(
    status: int, *, etype: str = "", code: str = "", retry_after: float | None = None
) -> Step:
    """An HTTP error. `code` names the cause: enforced_spend_limit_reached …"""
    return {
        "status": status, "etype": etype or ETYPES[status], "code": code, "retry_after": retry_after,
    }  # fmt: skip


def refuses(*blocks: Block) -> Step:
    """A classifier stops the answer, perhaps after some words."""
    return {"blocks": list(blocks), "stop": "refusal"}


def breaks(*blocks: Block, after: int | None = None, etype: str = "overloaded_error") -> Step:
    """The stream ends in an error event, after so many words; without a number, after all."""
    return {"blocks": list(blocks), "ends": ("breaks", etype), "after": after}


def cuts(*blocks: Block, after: int | None = None) -> Step:
    """The connection is closed in the middle."""
    return {"blocks": list(blocks), "ends": ("cuts", ""), "after": after}


def hangs(*blocks: Block, after: int | None = None) -> Step:
    """Nothing more comes, and the connection stays open. Without blocks not even the headers come."""
    return {"blocks": list(blocks), "ends": ("hangs", ""), "after": after}


def slowly(*blocks: Block, pause: float = 0.0, delay: float = 0.0) -> Step:
    """So many seconds between two words, and before the first byte."""
    return {"blocks": list(blocks), "pause": pause, "delay": delay}


def meanwhile(*blocks: Block, after: int = 1, do: Callable[[], object]) -> Step:
    """`do` is called when so many words have gone out, and again after a ping while it answers True; then the rest
    follows."""
    return {"blocks": list(blocks), "after": after, "do": do}
