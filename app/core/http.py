"""Outgoing HTTP to addresses that users give: the only road to them, and no road to private ones."""

import contextlib
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urljoin

from urllib3.response import BaseHTTPResponse

from app.core.addresses import split_url
from app.core.pinned import (
    PUBLIC,
    AddressRefused,
    Allow,
    Deadline,
    Line,
    OutgoingError,
    Resolver,
    TooSlow,
    Unreachable,
    connected,
    resolve_by_system,
)
from app.lib.marking import kept

__all__ = [
    "PUBLIC", "AddressRefused", "Allow", "Fetched", "OutgoingError", "Resolver", "Streamed", "TooLarge",
    "TooManyRedirects", "TooSlow", "Unreachable", "fetch", "stream",
]  # fmt: skip

OUR_AGENT = "Frontdesk"
MAX_REDIRECTS = 5
READ_SECONDS = 10.0  # without a single byte
_CHUNK_BYTES = 64 * 1024
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CARRIED_ANYWHERE = frozenset({"accept", "accept-language", "user-agent"})
_OURS = frozenset({"host", "connection", "content-length", "transfer-encoding", "accept-encoding"})


class TooLarge(OutgoingError):
    permanent = True


class TooManyRedirects(OutgoingError):
    permanent = True


@dataclass(frozen=True, slots=True)
class Fetched:
    """`url` is where the answer came from, after redirects; header names are in small letters."""

    status: int
    headers: dict[str, str]
    body: bytes
    url: str


@dataclass(frozen=True, slots=True)
class Streamed:
    """An answer that is read while it comes: `lines` once, without their ends; it raises as fetch() does."""

    status: int
    headers: dict[str, str]
    lines: Iterator[bytes]


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    url: str
    headers: dict[str, str]
    body: bytes | None
    max_bytes: int
    deadline: Deadline
    read_seconds: float = READ_SECONDS


def fetch(
    url: str,
    *,
    max_bytes: int,
    timeout: float,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    allow: Allow = PUBLIC,
    resolve: Resolver = resolve_by_system,
    follow_redirects: bool = True,
) -> Fetched:
    """One request and, for GET and HEAD, its redirects. Every status comes back; errors are typed.

    `timeout` is for everything together, in seconds; `max_bytes` counts the unpacked body. Each
    name is resolved once, all its addresses are checked, and the connection goes to a checked one.
    """
    request = _Request(
        method.upper(),
        url,
        _carried(headers),
        body,
        max_bytes,
        Deadline(time.monotonic() + timeout),
    )
    for _ in range(MAX_REDIRECTS + 1):
        fetched = _one_hop(request, allow, resolve)
        location = fetched.headers.get("location")
        if (
            fetched.status not in _REDIRECTS
            or not location
            or not follow_redirects
            or method.upper() not in {"GET", "HEAD"}
        ):
            return fetched
        request = _redirected(request, fetched.url, location)
    raise TooManyRedirects(kept("The address leads on and on to other addresses."))


@contextlib.contextmanager
def stream(
    url: str,
    *,
    max_bytes: int,
    timeout: float,
    silent_seconds: float = READ_SECONDS,
    method: str = "POST",
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    allow: Allow = PUBLIC,
    resolve: Resolver = resolve_by_system,
) -> Iterator[Streamed]:
    """One request as fetch() makes it, without redirects. The line is cut where the block is left, after
    `timeout`, or when nothing comes for `silent_seconds`."""
    deadline = Deadline(time.monotonic() + timeout)
    request = _Request(method, url, _carried(headers), body, max_bytes, deadline, silent_seconds)
    with connected(url, deadline, allow, resolve) as line:
        with line.errors_in_words():
            response = _asked(line, request, packed="identity")
        try:
            yield Streamed(response.status, _received(response), _lines(response, request, line))
        finally:
            response.close()


def _carried(headers: Mapping[str, str] | None) -> dict[str, str]:
    return {key: value for key, value in (headers or {}).items() if key.lower() not in _OURS}


def _redirected(request: _Request, url: str, location: str) -> _Request:
    """Away from its origin, a request keeps nothing that could be a secret."""
    try:
        following = urljoin(url, location)
        here, there = split_url(url), split_url(following)
    except ValueError as error:
        raise AddressRefused(kept("The site leads to an address that isn't allowed.")) from error
    headers = request.headers
    if here.origin != there.origin:
        headers = {key: value for key, value in headers.items() if key.lower() in _CARRIED_ANYWHERE}
    return _Request(request.method, following, headers, None, request.max_bytes, request.deadline)


def _one_hop(request: _Request, allow: Allow, resolve: Resolver) -> Fetched:
    with (
        connected(request.url, request.deadline, allow, resolve) as line,
        line.errors_in_words(),
    ):
        response = _asked(line, request, packed="gzip, deflate")
        try:
            body = _body(response, request)
            return Fetched(response.status, _received(response), body, line.target.url)
        finally:
            response.close()


def _asked(line: Line, request: _Request, *, packed: str) -> BaseHTTPResponse:
    headers = {
        **request.headers,
        "Host": line.target.host_header,
        "Accept-Encoding": packed,
        "Connection": "close",
    }
    headers.setdefault("User-Agent", OUR_AGENT)
    connection = line.connection
    connection.timeout = request.read_seconds  # from now on for each wait, not for connecting
    connection.request(
        request.method,
        line.target.path,
        body=request.body,
        headers=headers,
        preload_content=False,
        decode_content=True,
    )
    return connection.getresponse()


def _received(response: BaseHTTPResponse) -> dict[str, str]:
    return {key.lower(): value for key, value in response.headers.items()}


def _body(response: BaseHTTPResponse, request: _Request) -> bytes:
    """Unpacked piece by piece, so that a bomb is noticed before it has grown."""
    announced = response.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > request.max_bytes and request.method != "HEAD":
        raise TooLarge(_too_large(request))
    body = bytearray()
    while piece := response.read(_CHUNK_BYTES, decode_content=True):
        body += piece
        if len(body) > request.max_bytes:
            raise TooLarge(_too_large(request))
        request.deadline.seconds_left()
    return bytes(body)


def _lines(response: BaseHTTPResponse, request: _Request, line: Line) -> Iterator[bytes]:
    """Each as soon as it is there: read() would wait for a full buffer."""
    rest, received = bytearray(), 0
    while True:
        with line.errors_in_words():
            piece = response.read1(_CHUNK_BYTES, decode_content=True)
        received += len(piece)
        if received > request.max_bytes:
            raise TooLarge(_too_large(request))
        if not piece:
            break
        end, *following = piece.split(b"\n")
        rest += end
        for begun in following:
            yield bytes(rest.removesuffix(b"\r"))
            rest = bytearray(begun)
    if rest:
        yield bytes(rest)


def _too_large(request: _Request) -> str:
    return kept("The answer is larger than %(most)s bytes.", most=f"{request.max_bytes:,}")
