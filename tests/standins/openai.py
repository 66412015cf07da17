"""A local server that speaks chat completions as OpenAI, Ollama and vLLM do, and refuses what they refuse."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.standins.openai_rules import refusal

KEY = "sk-own-stand-in"
MODEL = "small-model"
USAGE = {
    "prompt_tokens": 640,
    "completion_tokens": 23,
    "total_tokens": 663,
    "prompt_tokens_details": {"cached_tokens": 128},
}

Step = dict[str, Any]


def calls(*wanted: tuple[str, Any], text: str | None = None) -> Step:
    """A step that calls tools: (name, arguments). A string is sent as it is, also when it is no JSON."""
    return {
        "text": text,
        "calls": [
            (name, given if isinstance(given, str) else json.dumps(given)) for name, given in wanted
        ],
    }


def says(text: str, **more: Any) -> Step:
    return {"text": text, **more}


def fails(
    status: int, message: str, *, code: str | None = None, kind: str = "", **more: Any
) -> Step:
    return {"status": status, "error": {"message": message, "type": kind, "code": code}, **more}


@dataclass
class OpenAI:
    """`script` holds the next answers, then `rule` is asked, then it says "ok". A step is made with says(),
    calls() or fails(); further keys:

    finish: its finish_reason; usage: None for none; cut: the stream breaks after the text, "finish" before
    [DONE] only, "done" in place of both; pieces: how many characters a chunk has; pause: seconds before the
    first; error_inside: an error as an event; body: bytes sent instead, with `type` and `headers`.
    """

    script: list[Step] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    rule: Callable[[dict[str, Any]], Step | None] = lambda _asked: None
    key: str = KEY  # "": wants none, as Ollama
    models: set[str] = field(default_factory=lambda: {MODEL})
    unsupported: dict[str, str] = field(default_factory=dict)
    url: str = ""  # with /v1

    def step_for(self, asked: dict[str, Any]) -> Step:
        if self.script:
            return self.script.pop(0)
        return self.rule(asked) or says("ok")


@contextmanager
def running() -> Iterator[OpenAI]:
    state = OpenAI()

    class Handler(_Handler):
        openai = state

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    openai: OpenAI

    def do_GET(self) -> None:
        if self.path != "/v1/models":
            self._send(404, b"404 page not found", "text/plain")
        elif not self._has_key():
            self._refuse_key()
        else:
            listed = [{"id": name, "object": "model"} for name in sorted(self.openai.models)]
            self._json(200, {"object": "list", "data": listed})

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.openai.requests.append(asked)
        self.openai.headers.append({key.lower(): value for key, value in self.headers.items()})
        if self.path != "/v1/chat/completions":
            self._send(404, b"404 page not found", "text/plain")
        elif not self._has_key():
            self._refuse_key()
        elif refused := refusal(asked, self.openai.models, self.openai.unsupported):
            status, kind, code, message = refused
            self._json(status, {"error": {"message": message, "type": kind, "code": code}})
        else:
            with suppress(OSError):  # whoever asked has hung up
                self._answer(asked, self.openai.step_for(asked))

    def _has_key(self) -> bool:
        given = self.headers.get("authorization", "")
        return not self.openai.key or given == f"Bearer {self.openai.key}"

    def _refuse_key(self) -> None:
        error = {"type": "invalid_request_error", "code": "invalid_api_key"}
        self._json(401, {"error": {"message": "Incorrect API key provided: sk-…", **error}})

    def _answer(self, asked: dict[str, Any], step: Step) -> None:
        time.sleep(step.get("pause", 0))
        if "body" in step:
            kind = step.get("type", "text/html")
            self._send(step.get("status", 200), step["body"], kind, step.get("headers"))
        elif "status" in step:
            self._json(step["status"], {"error": step["error"]}, step.get("headers"))
        elif asked.get("stream"):
            self._stream(asked, step)
        else:
            self._json(200, _whole(asked, step))

    def _stream(self, asked: dict[str, Any], step: Step) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for delta in _deltas(step):
            self._event(asked, [{"index": 0, "delta": delta, "finish_reason": None}])
        if "error_inside" in step:
            self._chunk(f"data: {json.dumps({'error': step['error_inside']})}\n\n")
        cut = step.get("cut")
        if cut is True:
            self.close_connection = True
            return  # without the last chunk: the line breaks
        if cut != "done":
            self._event(asked, [{"index": 0, "delta": {}, "finish_reason": _finish(step)}])
            usage = step.get("usage", USAGE)
            if usage and asked.get("stream_options", {}).get("include_usage"):
                self._event(asked, [], usage=usage)
        if cut is None:
            self._chunk("data: [DONE]\n\n")
        self.wfile.write(b"0\r\n\r\n")

    def _event(self, asked: dict[str, Any], choices: list[Any], **more: Any) -> None:
        event = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1}
        self._chunk(
            f"data: {json.dumps(event | {'model': asked['model'], 'choices': choices} | more)}\n\n"
        )

    def _chunk(self, text: str) -> None:
        data = text.encode()
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def _json(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        self._send(status, json.dumps(body).encode(), "application/json", headers)

    def _send(
        self, status: int, data: bytes, kind: str, headers: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        for name, value in {"content-type": kind, **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_args: Any) -> None:
        """Quiet."""


def _finish(step: Step) -> str:
    return str(step.get("finish") or ("tool_calls" if step.get("calls") else "stop"))


def _deltas(step: Step) -> Iterator[dict[str, Any]]:
    """The text in pieces; each call's name first, then its arguments in pieces."""
    yield {"role": "assistant", "content": ""}
    text, size = step.get("text") or "", step.get("pieces", 7)
    for start in range(0, len(text), size):
        yield {"content": text[start : start + size]}
    for index, (name, arguments) in enumerate(step.get("calls", [])):
        begun = {"id": f"call_{index}", "type": "function"}
        yield {
            "tool_calls": [{"index": index, **begun, "function": {"name": name, "arguments": ""}}]
        }
        for start in range(0, len(arguments), 5):
            piece = {"arguments": arguments[start : start + 5]}
            yield {"tool_calls": [{"index": index, "function": piece}]}


def _whole(asked: dict[str, Any], step: Step) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": step.get("text")}
    if step.get("calls"):
        message["tool_calls"] = [
            {"id": f"call_{n}", "type": "function", "function": {"name": name, "arguments": given}}
            for n, (name, given) in enumerate(step["calls"])
        ]
    choice = {"index": 0, "message": message, "finish_reason": _finish(step)}
    made = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": asked["model"]}
    return {**made, "choices": [choice], "usage": step.get("usage", USAGE)}
