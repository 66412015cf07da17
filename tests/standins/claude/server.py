"""The HTTP of it: POST /v1/messages and /v1/messages/count_tokens, GET /v1/models."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any

from tests.standins.claude import checks, rules
from tests.standins.claude.blocks import ETYPES, Step
from tests.standins.claude.events import WORDS, events
from tests.standins.claude.memory import Memory
from tests.standins.claude.models import MAX_BYTES, MODELS, Refused, refuse
from tests.standins.claude.rules import Rule
from tests.standins.claude.seen import Seen
from tests.standins.claude.tokens import Cache, read_tokens
from tests.standins.claude.writing import Written, write

LONGEST = 60.0  # seconds that a hanging answer hangs


@dataclass
class Claude:
    """What it answers: `script` first (steps, used up one by one), then `rules`, then like a sensible front desk.

    What it saw: `requests`; `refused`, the words of each 400; `mistakes`, where a rule or script was wrong;
    `usages`; `abandoned`, the answers whose reader went away in the middle.
    """

    script: list[Step] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    thought: str = "What is asked, and what do I have?"  # before each answer, where thinking is on
    pause: float = 0.0  # seconds between two words of every answer
    url: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    mistakes: list[BaseException] = field(default_factory=list)
    usages: list[dict[str, Any]] = field(default_factory=list)
    abandoned: int = 0
    memory: Memory = field(default_factory=Memory)
    cache: Cache = field(default_factory=Cache)
    closing: threading.Event = field(default_factory=threading.Event)
    numbers: Any = field(default_factory=lambda: count(1))
    arrived: threading.Condition = field(default_factory=threading.Condition)

    @property
    def seen(self) -> list[Seen]:
        """The requests as the rules read them."""
        return [Seen(asked) for asked in self.requests]

    def wait_for(self, requests: int, seconds: float = 20.0) -> None:
        """Until so many requests have come."""
        with self.arrived:
            came = self.arrived.wait_for(lambda: len(self.requests) >= requests, seconds)
        assert came, f"{len(self.requests)} of {requests} requests came"

    def note(self, asked: dict[str, Any]) -> None:
        with self.arrived:
            self.requests.append(asked)
            self.arrived.notify_all()

    def step(self, asked: dict[str, Any]) -> Step:
        with self.arrived:
            if self.script:
                return self.script.pop(0)
        answer = rules.answer(self.rules, Seen(asked))
        return answer if isinstance(answer, dict) else {"blocks": answer}


class Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True

    def handle_error(self, *_args: Any) -> None:
        """Quiet: readers go away."""


@contextmanager
def running(port: int = 0) -> Iterator[Claude]:
    """A mistake in a script or a rule is raised at the end, as the answer to it can only be an error."""
    claude = Claude()
    handler = type("Handler", (_Handler,), {"state": claude})
    server = Server(("127.0.0.1", port), handler)
    claude.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield claude
    finally:
        claude.closing.set()
        server.shutdown()
        server.server_close()
    if claude.mistakes:
        raise claude.mistakes[0]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state: Claude
    wbufsize = 0
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        known = [{"id": name, "type": "model", "display_name": name} for name in MODELS]
        self._answer(self._models if self.path.startswith("/v1/models") else self._nothing, known)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        path = self.path.partition("?")[0]
        ways = {"/v1/messages": self._message, "/v1/messages/count_tokens": self._count}
        self._answer(ways.get(path, self._nothing), body)

    def _answer(self, way: Any, body: Any) -> None:
        try:
            checks.check_headers(self.headers)
            way(body)
        except Refused as refused:
            self.state.refused.append(refused.message)
            self._fail(refused.status, refused.kind, refused.message)
        except ConnectionError:
            self.state.abandoned += 1
            self.close_connection = True
        except Exception as error:
            self.state.mistakes.append(error)
            self._fail(400, "invalid_request_error", f"the stand-in's script is wrong: {error}")

    def _models(self, known: list[dict[str, Any]]) -> None:
        self._json(200, {"data": known, "has_more": False, "first_id": None, "last_id": None})

    def _nothing(self, _body: Any) -> None:
        raise Refused("Not found", 404, "not_found_error")

    def _count(self, body: bytes) -> None:
        asked = json.loads(body)
        checks.check({"max_tokens": 1, **asked}, self.state.memory)
        self._json(200, {"input_tokens": read_tokens(asked)})

    def _message(self, body: bytes) -> None:
        refuse(len(body) > MAX_BYTES, "Request exceeds the maximum size", 413, "request_too_large")
        asked = json.loads(body)
        self.state.note(asked)
        checks.check(asked, self.state.memory)
        step = self.state.step(asked)
        if "status" in step:
            self._scripted_failure(step)
        elif step.get("ends") == ("hangs", "") and not step["blocks"]:
            self._hang()
        else:
            self._reply(asked, step)

    def _reply(self, asked: dict[str, Any], step: Step) -> None:
        written = write(asked, step, self.state.thought, self.state.memory)
        usage = self._usage(asked, step, written)
        message = {
            "id": f"msg_{next(self.state.numbers):06d}", "type": "message", "role": "assistant",
            "model": asked["model"], "stop_sequence": None,
        }  # fmt: skip
        ends, etype = step.get("ends", ("", ""))
        if step.get("breaks"):
            ends, etype = "breaks", "overloaded_error"
        time.sleep(step.get("delay", 0.0))
        if asked.get("stream"):
            self._stream(events(message, written, usage), step, ends, etype)
        else:
            self._whole(message, written, usage, ends, etype)

    def _usage(self, asked: dict[str, Any], step: Step, written: Written) -> dict[str, Any]:
        usage = {
            **self.state.cache.usage(asked),
            "output_tokens": written.tokens,
            **step.get("usage", {}),
        }
        self.state.usages.append(usage)
        return usage

    def _whole(self, message: Any, written: Written, usage: Any, ends: str, etype: str) -> None:
        if ends == "breaks":
            self._fail(529, etype, "scripted")
        elif ends:
            self._end(ends, etype)
        else:
            found = {"content": written.blocks, "stop_reason": written.stop, "usage": usage}
            self._json(200, {**message, **found})

    def _stream(self, stream: Iterator[Any], step: Step, ends: str, etype: str) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.send_header("request-id", "req_1")
        self.end_headers()
        words, place = 0, step.get("after")
        for event in stream:
            is_last = event["type"] == "message_delta"
            is_place = words == place if event["type"] == WORDS else is_last
            if is_place and "do" in step:
                self._do(step.pop("do"))
            if is_place and ends:
                return self._end(ends, etype)
            if event["type"] == WORDS:
                words += 1
                time.sleep(step.get("pause", self.state.pause))
            else:
                self._event(event)
        self.wfile.write(b"0\r\n\r\n")
        return None

    def _do(self, do: Callable[[], object]) -> None:
        while do() is True:
            self._event({"type": "ping"})

    def _end(self, ends: str, etype: str) -> None:
        if ends == "breaks":
            self._event({"type": "error", "error": {"type": etype, "message": "scripted"}})
            self.wfile.write(b"0\r\n\r\n")
        elif ends == "hangs":
            self._hang()
        else:
            self._drop()

    def _hang(self) -> None:
        self.state.closing.wait(LONGEST)
        self._drop()

    def _drop(self) -> None:
        self.close_connection = True

    def _event(self, event: dict[str, Any]) -> None:
        chunk = f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()
        self.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))

    def _scripted_failure(self, step: Step) -> None:
        details = {"error_code": step["code"]} if step.get("code") else None
        etype = step.get("etype") or ETYPES[step["status"]]
        self._fail(step["status"], etype, "scripted", details, step.get("retry_after"))

    def _fail(
        self, status: int, kind: str, message: str, details: Any = None, retry_after: Any = None
    ) -> None:
        error = {"type": kind, "message": message} | ({"details": details} if details else {})
        headers = {} if retry_after is None else {"retry-after": str(retry_after)}
        self._json(status, {"type": "error", "error": error, "request_id": "req_1"}, headers)

    def _json(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {
            "content-type": "application/json",
            "request-id": "req_1",
            **(headers or {}),
        }.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_args: Any) -> None:
        """Quiet."""
