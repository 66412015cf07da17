"""A local push service: it opens what it is sent as a browser would, and refuses what the makers’ services refuse."""

import base64
import http.server
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import http_ece
import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

MAX_BYTES = 4096


def coded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Browser:
    """One that takes notes of `server_key` alone, as it said when it subscribed."""

    url: str
    server_key: str
    private: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    auth: bytes = b"0123456789abcdef"
    notes: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)  # given to the next notes instead

    @property
    def subscription(self) -> dict[str, Any]:
        point = self.private.public_key().public_bytes(
            Encoding.X962, PublicFormat.UncompressedPoint
        )
        return {"endpoint": self.url, "expirationTime": None,
                "keys": {"p256dh": coded(point), "auth": coded(self.auth)}}  # fmt: skip

    def take(self, headers: dict[str, str], body: bytes) -> int:
        if self.answers:
            return self.answers.pop(0)
        if headers.get("content-encoding") != "aes128gcm" or not headers.get("ttl", "").isdigit():
            return 400
        if len(body) > MAX_BYTES:
            return 413
        if not self._is_signed(headers.get("authorization", "")):
            return 403
        said = http_ece.decrypt(
            body, private_key=self.private, auth_secret=self.auth, version="aes128gcm"
        )
        self.notes.append(json.loads(said))
        self.headers.append(headers)
        return 201

    def _is_signed(self, authorization: str) -> bool:
        """RFC 8292: by the key that subscribed, for this service, for a day at most."""
        fields = dict(
            each.strip().split("=", 1) for each in authorization.removeprefix("vapid ").split(",")
        )
        point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decoded(fields["k"]))
        origin = "/".join(self.url.split("/")[:3])
        claims = jwt.decode(fields["t"], point, algorithms=["ES256"], audience=origin)
        is_short = claims["exp"] - time.time() <= 24 * 3600 if "exp" in claims else False
        return (
            fields["k"] == self.server_key
            and is_short
            and claims["sub"].startswith(("mailto:", "http"))
        )


@dataclass
class Service:
    url: str
    browsers: dict[str, Browser] = field(default_factory=dict)

    def browser(self, server_key: str) -> Browser:
        path = f"/wp/{len(self.browsers)}"
        self.browsers[path] = Browser(self.url + path, server_key)
        return self.browsers[path]


@contextmanager
def running() -> Iterator[Service]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            browser = service.browsers.get(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            status = browser.take(headers, body) if browser else 404
            self.send_response(status)
            if status in (301, 307):
                self.send_header("Location", f"{service.url}/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_args: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    service = Service(f"http://127.0.0.1:{server.server_port}")
    threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
    ).start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
