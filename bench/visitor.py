"""A visitor without a browser: speaks what the chat's frame speaks (docs/widget.md) and takes the times."""

import http.client
import json
import queue
import re
import threading
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Any
from uuid import uuid4

ANSWER_SECONDS = 30
ASSISTANT = re.compile(r'class="message message--assistant"')
POSITION = re.compile(r'data-position="(\d+)"')
UNSURE = "data-hand-off"


@dataclass(frozen=True)
class Timed:
    """Milliseconds since the message was sent. `finished` is when the answer's message has been fetched."""

    first_word: float
    finished: float
    is_sure: bool
    began: float = 0.0  # on time.perf_counter()


class Visitor:
    """One visitor with an address of its own, as the router in front would tell it."""

    def __init__(self, port: int, key: str, address: str) -> None:
        self.port, self.base = port, f"/w/{key}"
        self.headers = {"X-Forwarded-For": address, "Content-Type": "application/json"}
        self.connection = self._connect()
        self.heard: queue.Queue[tuple[str, float]] = queue.Queue()
        self.position = 0

    def __enter__(self) -> "Visitor":
        opened = json.loads(self._call("POST", "/session"))
        self.headers["Authorization"] = f"Bearer {opened['token']}"
        self.streaming = self._connect()
        self.streaming.request("GET", f"{self.base}/stream", headers=self.headers)
        stream = self.streaming.getresponse()
        self.listener = threading.Thread(target=self._listen, args=(stream,), daemon=True)
        self.listener.start()
        self._wait_for("pulse")
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        if self.streaming.sock:
            self.streaming.sock.shutdown(2)
        self.listener.join(timeout=5)
        self.connection.close()

    def ask(self, question: str) -> Timed:
        self.heard = queue.Queue()
        began = time.perf_counter()
        body = {"text": question, "client_key": str(uuid4()), "after": self.position}
        html = self._call("POST", "/messages", body)
        first_word = 0.0
        while not self._take(html):
            name, at = self._wait_for("text", "signal")
            if name == "text":
                first_word = first_word or (at - began) * 1000
            else:
                html = self._call("GET", f"/messages?after={self.position}")
        finished = (time.perf_counter() - began) * 1000
        first_word = first_word or self._text_meanwhile(began) or finished
        return Timed(first_word, finished, is_sure=UNSURE not in html, began=began)

    def say(self, text: str) -> None:
        """To a person, so no answer is waited for."""
        body = {"text": text, "client_key": str(uuid4()), "after": self.position}
        self._take(self._call("POST", "/messages", body))

    def call_person(self) -> None:
        self._take(self._call("POST", "/hand-off", {"after": self.position}))

    def _text_meanwhile(self, began: float) -> float:
        """The words that came while the last fetch was under way."""
        while not self.heard.empty():
            name, at = self.heard.get()
            if name == "text":
                return (at - began) * 1000
        return 0.0

    def _take(self, html: str) -> bool:
        """Moves the cursor on; whether an answer has come."""
        self.position = max(self.position, *map(int, POSITION.findall(html)))
        return bool(ASSISTANT.search(html))

    def _wait_for(self, *names: str) -> tuple[str, float]:
        while True:
            name, at = self.heard.get(timeout=ANSWER_SECONDS)
            if name in names:
                return name, at

    def _listen(self, stream: http.client.HTTPResponse) -> None:
        name = ""
        while line := _line(stream):
            if line.startswith(b"event: "):
                name = line[7:].decode().strip()
            elif line == b"\n" and name:
                self.heard.put((name, time.perf_counter()))
                name = ""

    def _call(self, method: str, path: str, body: Any = None) -> str:
        sent = json.dumps(body) if body is not None else None
        self.connection.request(method, self.base + path, sent, self.headers)
        response = self.connection.getresponse()
        text = response.read().decode()
        if response.status >= 400:
            raise RuntimeError(f"{method} {path}: {response.status} {text[:200]}")
        return text

    def _connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_SECONDS)


def _line(stream: http.client.HTTPResponse) -> bytes:
    """Nothing once either side has hung up."""
    try:
        return stream.readline()
    except OSError:
        return b""
