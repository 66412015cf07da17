"""The demo shop: somebody else's website, on another origin, that carries exactly our snippet."""

import functools
import http.server
import threading
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parent / "shop"


def serve(port: int, snippet: str, host: str = "127.0.0.1") -> http.server.ThreadingHTTPServer:
    """In a thread of this process, until shutdown(). Port 0 takes a free one."""
    handler = functools.partial(_Shop, snippet)
    server = http.server.ThreadingHTTPServer((host, port), handler)
    threading.Thread(target=server.serve_forever, name="demo shop", daemon=True).start()
    return server


class _Shop(http.server.BaseHTTPRequestHandler):
    def __init__(self, snippet: str, *args: Any) -> None:
        self.snippet = snippet
        super().__init__(*args)

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/":
            page = (PAGE / "index.html").read_text().replace("{{ snippet }}", self.snippet)
            self._send("text/html; charset=utf-8", page.encode())
        elif path == "/shop.css":
            self._send("text/css; charset=utf-8", (PAGE / "shop.css").read_bytes())
        else:
            self.send_error(404)

    def _send(self, kind: str, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: Any) -> None:
        """Its visits are not the app's log."""
