"""A local server that speaks the Messages API to the real anthropic library, and refuses what it refuses."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KNOWN = {
    "model", "max_tokens", "messages", "system", "stream", "tools", "tool_choice", "thinking",
    "output_config", "metadata", "stop_sequences", "cache_control", "service_tier",
}  # fmt: skip
KEY = "sk-stand-in"


def says(text: str, *, cites: tuple[int, ...] = ()) -> dict[str, Any]:
    """One text block that cites the search results of these numbers."""
    citations = [
        {
            "type": "search_result_location",
            "source": f"chunk-{index}",
            "title": "A page",
            "cited_text": "…",
            "search_result_index": index,
            "start_block_index": 0,
            "end_block_index": 1,
        }
        for index in cites
    ]
    return {"type": "text", "text": text, "citations": citations}


@dataclass
class Claude:
    """`script` holds the next answers: {"blocks": […]}, {"status", "etype"}, or {"blocks", "breaks": true}
    for a stream that ends in an error. `requests` is what was asked."""

    script: list[dict[str, Any]] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""


@contextmanager
def running() -> Iterator[Claude]:
    claude = Claude()

    class Handler(_Handler):
        state = claude

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    claude.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield claude
    finally:
        server.shutdown()


def refusal(asked: dict[str, Any], authorization: str) -> tuple[int, str, str] | None:
    """What the real one answers with an error: (status, type, message)."""
    if authorization != f"Bearer {KEY}":
        return 401, "authentication_error", "invalid key"
    unknown = asked.keys() - KNOWN
    if unknown:
        return 400, "invalid_request_error", f"{sorted(unknown)}: Extra inputs are not permitted"
    messages = asked["messages"]
    if not messages or messages[0]["role"] != "user" or messages[-1]["role"] == "assistant":
        return 400, "invalid_request_error", "messages must begin and end with the user's"
    if any(not _is_filled(message["content"]) for message in messages):
        return 400, "invalid_request_error", "text content blocks must be non-empty"
    if not _results_agree(messages):
        return (
            400,
            "invalid_request_error",
            "citations must be enabled on all or none of the results",
        )
    return None


def _is_filled(content: Any) -> bool:
    if isinstance(content, str):
        return bool(content.strip())
    return bool(content) and all(
        block["text"].strip() for block in content if block["type"] == "text"
    )


def _results_agree(messages: list[dict[str, Any]]) -> bool:
    enabled = {
        bool(block.get("citations", {}).get("enabled"))
        for message in messages
        if isinstance(message["content"], list)
        for block in message["content"]
        if block["type"] == "search_result"
    }
    return len(enabled) <= 1


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state: Claude

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.state.requests.append(asked)
        refused = refusal(asked, self.headers.get("authorization", ""))
        step = (
            self.state.script.pop(0)
            if not refused and self.state.script
            else {"blocks": [says("ok")]}
        )
        if refused:
            self._fail(*refused)
        elif "status" in step:
            self._fail(step["status"], step["etype"], "scripted")
        else:
            self._stream(asked, step)

    def _fail(self, status: int, kind: str, message: str) -> None:
        body = {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_1"}
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _stream(self, asked: dict[str, Any], step: dict[str, Any]) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        usage = {"input_tokens": 812, "output_tokens": 37,
                 "cache_read_input_tokens": 0, "cache_creation_input_tokens": 0}  # fmt: skip
        message = {"id": "msg_1", "type": "message", "role": "assistant", "model": asked["model"],
                   "content": [], "stop_reason": None, "stop_sequence": None, "usage": usage}  # fmt: skip
        self._event("message_start", message=message)
        for index, block in enumerate(step["blocks"]):
            self._block(index, block)
        if step.get("breaks"):
            self._event("error", error={"type": "overloaded_error", "message": "Overloaded"})
        else:
            stop = {"stop_reason": step.get("stop", "end_turn"), "stop_sequence": None}
            self._event("message_delta", delta=stop, usage={"output_tokens": 37})
            self._event("message_stop")
        self.wfile.write(b"0\r\n\r\n")

    def _block(self, index: int, block: dict[str, Any]) -> None:
        self._event("content_block_start", index=index, content_block={"type": "text", "text": ""})
        for number, word in enumerate(block["text"].split(" ")):
            text = word if number == 0 else f" {word}"
            self._event(
                "content_block_delta", index=index, delta={"type": "text_delta", "text": text}
            )
        for citation in block["citations"]:
            delta = {"type": "citations_delta", "citation": citation}
            self._event("content_block_delta", index=index, delta=delta)
        self._event("content_block_stop", index=index)

    def _event(self, kind: str, **data: Any) -> None:
        chunk = f"event: {kind}\ndata: {json.dumps({'type': kind, **data})}\n\n".encode()
        self.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
        self.wfile.flush()

    def log_message(self, *_args: Any) -> None:
        """Quiet."""
