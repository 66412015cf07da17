"""The HTTP of it."""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from tests.standins.twilio.things import Asked, Refused
from tests.standins.twilio.twilio import Twilio


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    twilio: Twilio

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        text = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
        form: dict[str, list[str]] = {}
        for name, value in parse_qsl(text, keep_blank_values=True):
            form.setdefault(name, []).append(value)
        _, _, pair = self.headers.get("Authorization", "").partition("Basic ")
        user, _, password = base64.b64decode(pair).decode().partition(":")
        self.asked = Asked(
            self.command, parts.path, parse_qs(parts.query), form, user, password
        )  # fmt: skip
        if self.twilio.faults and self.twilio.faults.pop(0)(self):
            return
        try:
            self.write(*self.answer())
        except Refused as refused:
            self.refuse(refused)

    do_POST = do_GET  # noqa: N815

    def answer(self) -> tuple[int, Any]:
        return self.twilio.answer(self.asked)

    def refuse(self, refused: Refused) -> None:
        words = {
            "code": refused.code,
            "message": str(refused),
            "more_info": "https://www.twilio.com",
        }
        self.write(refused.status, words | {"status": refused.status})

    def write(self, status: int, said: Any) -> None:
        body = said if isinstance(said, bytes) else json.dumps(said).encode()
        self.send_response(status)
        if status == 307:
            self.send_header("Location", said)
        kind = "image/png" if isinstance(said, bytes) else "application/json"
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: Any) -> None:
        """Quiet."""


@contextmanager
def running() -> Iterator[Twilio]:
    twilio = Twilio()
    handler = type("Handler", (_Handler,), {"twilio": twilio})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    twilio.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield twilio
    finally:
        twilio.closing.set()
        server.shutdown()
        server.server_close()
