"""Outgoing HTTP to addresses that users give: the only road to them, and no road to private ones."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urljoin

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse

from app.core.addresses import Target, is_public, split_url

MAX_REDIRECTS = 5
MAX_ADDRESSES = 4  # tried in turn where a name has several; the deadline holds for all together
READ_SECONDS = 10.0  # without a single byte
_CHUNK_BYTES = 64 * 1024
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CARRIED_ANYWHERE = frozenset({"accept", "accept-language", "user-agent"})
_OURS = frozenset({"host", "connection", "content-length", "transfer-encoding", "accept-encoding"})

Resolver = Callable[[str, int], list[str]]


class OutgoingError(Exception):
    """`permanent`: trying again without a change changes nothing. The message is for the owner."""

    permanent = False


class AddressRefused(OutgoingError):
    permanent = True


class TooLarge(OutgoingError):
    permanent = True


class TooManyRedirects(OutgoingError):
    permanent = True


class Unreachable(OutgoingError):
    """No answer, half an answer, or a certificate that doesn't fit."""


@dataclass(frozen=True, slots=True)
class Allow:
    """What may be reached. No setting and no environment variable changes the default."""

    ports: frozenset[int] = frozenset({80, 443})
    permit_loopback_for_tests: bool = False


PUBLIC = Allow()


@dataclass(frozen=True, slots=True)
class Fetched:
    """`url` is where the answer came from, after redirects; header names are in small letters."""

    status: int
    headers: dict[str, str]
    body: bytes
    url: str


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    url: str
    headers: dict[str, str]
    body: bytes | None
    max_bytes: int
    deadline: float  # on time.monotonic()
    read_seconds: float = field(default=READ_SECONDS)

    @property
    def is_late(self) -> bool:
        return time.monotonic() >= self.deadline

    def seconds_left(self) -> float:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise Unreachable("The site took too long to answer.")
        return left


def resolve_by_system(host: str, port: int) -> list[str]:
    """IPv4 first: small hosts often have no road for IPv6."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    found.sort(key=lambda each: each[0] != socket.AF_INET)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


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
    carried = {key: value for key, value in (headers or {}).items() if key.lower() not in _OURS}
    request = _Request(method.upper(), url, carried, body, max_bytes, time.monotonic() + timeout)
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
    raise TooManyRedirects("The address leads on and on to other addresses.")


def _redirected(request: _Request, url: str, location: str) -> _Request:
    """Away from its origin, a request keeps nothing that could be a secret."""
    try:
        following = urljoin(url, location)
        here, there = split_url(url), split_url(following)
    except ValueError as error:
        raise AddressRefused("The site leads to an address that isn't allowed.") from error
    headers = request.headers
    if here.origin != there.origin:
        headers = {key: value for key, value in headers.items() if key.lower() in _CARRIED_ANYWHERE}
    return _Request(request.method, following, headers, None, request.max_bytes, request.deadline)


def _one_hop(request: _Request, allow: Allow, resolve: Resolver) -> Fetched:
    target = _target(request.url, allow)
    addresses = _checked_addresses(target, allow, resolve)
    failure: Exception | None = None
    for address in addresses[:MAX_ADDRESSES]:
        connection = _connection(target, address, request)
        with _Watch(connection, request.seconds_left()) as watch:
            try:
                watch.connect()
            except (HTTPError, OSError, ValueError) as error:
                failure = error
                continue
            try:
                request.seconds_left()
                fetched = _answer(connection, target, request)
                request.seconds_left()  # a line cut by us can look like an answer's end
                return fetched
            except (HTTPError, OSError, ValueError, AttributeError) as error:
                raise _failure(error, late=watch.is_late or request.is_late) from error
    request.seconds_left()
    raise _failure(failure, late=False) from failure


def _failure(error: Exception | None, *, late: bool) -> Unreachable:
    if late:
        return Unreachable("The site took too long to answer.")
    if "certificate" in str(error).lower():
        return Unreachable("The site's security certificate isn't valid.")
    return Unreachable("The site can't be reached, or broke off its answer.")


def _target(url: str, allow: Allow) -> Target:
    try:
        target = split_url(url)
    except ValueError as error:
        raise AddressRefused(str(error)) from error
    if target.port not in allow.ports:
        raise AddressRefused("Only the usual web ports 80 and 443 are allowed.")
    return target


def _checked_addresses(target: Target, allow: Allow, resolve: Resolver) -> list[str]:
    """One private address among public ones is reason enough to refuse the name."""
    try:
        addresses = [target.address] if target.address else resolve(target.host, target.port)
    except (OSError, UnicodeError) as error:
        raise Unreachable("This site's name can't be found.") from error
    if not addresses:
        raise Unreachable("This site's name can't be found.")
    for address in addresses:
        if not is_public(address, permit_loopback=allow.permit_loopback_for_tests):
            raise AddressRefused("This address belongs to a private network and isn't allowed.")
    return addresses


def _connection(target: Target, address: str, request: _Request) -> HTTPConnection:
    """To the address, while certificate and server name are checked against the host."""
    timeout = urllib3.Timeout(connect=min(request.read_seconds, request.seconds_left()))
    if target.scheme == "http":
        return HTTPConnection(address, target.port, timeout=timeout.connect_timeout)
    return HTTPSConnection(
        address,
        target.port,
        timeout=timeout.connect_timeout,
        cert_reqs="CERT_REQUIRED",
        server_hostname=target.host,
    )


class _Watch:
    """Cuts the line at the deadline, whatever is being waited for.

    Timeouts of a socket count from the last byte, so a server that drips would hold us for hours.
    """

    def __init__(self, connection: HTTPConnection, seconds: float) -> None:
        self.is_late = False
        self._connection = connection
        # Kept here: the connection forgets its socket as soon as the answer begins.
        self._socket: socket.socket | None = None
        self._alarm = threading.Timer(seconds, self._cut)
        self._alarm.daemon = True

    def connect(self) -> None:
        self._connection.connect()
        self._socket = self._connection.sock

    def __enter__(self) -> "_Watch":
        self._alarm.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._alarm.cancel()
        self._connection.close()

    def _cut(self) -> None:
        self.is_late = True
        line = self._socket or self._connection.sock  # the second while TLS is being agreed
        if line is not None:
            with contextlib.suppress(OSError):
                # The plain socket's method: the TLS one would forget its state under the reader.
                socket.socket.shutdown(line, socket.SHUT_RDWR)


def _answer(connection: HTTPConnection, target: Target, request: _Request) -> Fetched:
    headers = {
        **request.headers,
        "Host": target.host_header,
        "Accept-Encoding": "gzip, deflate",
        "Connection": "close",
    }
    headers.setdefault("User-Agent", "Frontdesk")
    connection.timeout = request.read_seconds  # from now on for each wait, not for connecting
    connection.request(
        request.method,
        target.path,
        body=request.body,
        headers=headers,
        preload_content=False,
        decode_content=True,
    )
    response = connection.getresponse()
    try:
        received = {key.lower(): value for key, value in response.headers.items()}
        return Fetched(response.status, received, _body(response, request), target.url)
    finally:
        response.close()


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
        request.seconds_left()
    return bytes(body)


def _too_large(request: _Request) -> str:
    return f"The answer is larger than {request.max_bytes:,} bytes."
