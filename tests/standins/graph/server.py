"""The HTTP of it."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from tests.standins.graph import (
    account_ways,
    app_ways,
    messenger_ways,
    number_ways,
    pages,
    ways,
)
from tests.standins.graph.asked import Asked, Raw
from tests.standins.graph.refusals import Refused

if TYPE_CHECKING:
    from tests.standins.graph.graph import Fault, Graph

BRING_THEIR_OWN_WAYS = (number_ways, account_ways, app_ways, messenger_ways, pages)


class Server(ThreadingHTTPServer):
    request_queue_size = 512
    daemon_threads = True

    def handle_error(self, *_args: Any) -> None:
        """Quiet: readers go away."""


def serve(graph: "Graph") -> Server:
    handler = type("Handler", (_Handler,), {"graph": graph})
    server = Server(("127.0.0.1", graph.port), handler)
    graph.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    return server


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    graph: "Graph"
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_GET(self) -> None:
        self._do()

    do_POST = do_DELETE = do_GET  # noqa: N815

    def _do(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        asked = Asked.of(self.graph, self.command, self.path, self.headers, body)
        self.graph.requests.append((asked.method, asked.path))
        self.graph.tokens_seen.add(asked.token_value)
        fault = self.graph.fault(asked.path)
        if fault and (fault.kind == "fails" or not fault.is_after):
            return self._go_wrong(fault)
        status, answer = self._answer(asked)
        if fault:
            return self._go_wrong(fault)
        return self._write(status, answer)

    def _answer(self, asked: Asked) -> tuple[int, dict[str, Any] | Raw]:
        try:
            answer = ways.answer(asked)
            return (answer.status if isinstance(answer, Raw) else 200), answer
        except Refused as refused:
            self.graph.refused.append(refused)
            return refused.status, refused.as_answer()
        except Exception as error:
            self.graph.mistakes.append(error)
            return 500, {"error": {"message": f"the stand-in is wrong: {error!r}", "code": 1}}

    def _go_wrong(self, fault: "Fault") -> None:
        if fault.kind == "hangs":
            self.graph.closing.wait(fault.seconds)
        if fault.kind in ("hangs", "cuts"):
            self.close_connection = True
        elif fault.is_bare:
            self._write(fault.status or 502, Raw(b"<html>Bad gateway</html>"))
        else:
            refused = Refused(fault.code, "scripted", status=fault.status)
            self._write(refused.status, refused.as_answer())

    def _write(self, status: int, answer: dict[str, Any] | Raw) -> None:
        raw = (
            answer
            if isinstance(answer, Raw)
            else Raw(json.dumps(answer).encode(), "application/json")
        )
        self.send_response(status)
        for name, value in {"Content-Type": raw.mime, **raw.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(raw.body)))
        self.end_headers()
        self.wfile.write(raw.body)

    def log_message(self, *_args: Any) -> None:
        """Quiet."""
