"""A web server on this machine whose every page a test writes."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from app.core.http import Allow, fetch


class Site:
    """A local server: `pages` maps a path to (status, headers, body) or to a function of the handler."""

    def __init__(self):
        self.pages = {}
        self.requests = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                length = int(self.headers.get("Content-Length") or 0)
                site.requests.append(
                    (self.command, self.path, dict(self.headers), self.rfile.read(length))
                )
                page = site.pages.get(self.path, (404, {}, b"nothing here"))
                if callable(page):
                    page(self)
                    return
                status, headers, body = page
                self.send_response(status)
                for key, value in headers.items():
                    self.send_header(key, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET  # noqa: N815 - the name http.server calls

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None  # clients that hang up are what these tests do
        self.port = self.server.server_address[1]
        self.allow = Allow(ports=frozenset({80, 443, self.port}), permit_loopback_for_tests=True)

    def fetch(self, path="/", host="127.0.0.1", **options):
        settings = {"max_bytes": 10_000, "timeout": 10, "allow": self.allow} | options
        return fetch(f"http://{host}:{self.port}{path}", **settings)
