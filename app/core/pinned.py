"""Lines to addresses that users give: each name is looked up once, all its addresses are checked, and the
connection goes to a checked one and is cut at its deadline. app/core/http.py asks over them."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, NewConnectionError
from urllib3.exceptions import TimeoutError as SocketTimeout

from app.core.addresses import Target, is_inner, is_public, split_url
from app.lib.marking import kept

MAX_ADDRESSES = 4  # tried in turn where a name has several; the deadline holds for all together
CONNECT_SECONDS = 10.0
_TOO_SLOW = kept("The site took too long to answer.")
NO_CERTIFICATE = kept("The site's security certificate isn't valid.")
NO_ANSWER = kept("The site can't be reached, or broke off its answer.")

Resolver = Callable[[str, int], list[str]]


class OutgoingError(Exception):
    """`permanent`: trying again without a change changes nothing. The message is for the owner."""

    permanent = False


class AddressRefused(OutgoingError):
    permanent = True


class Unreachable(OutgoingError):
    """No answer, half an answer, or a certificate that doesn't fit."""


class TooSlow(Unreachable):
    """Not done within the time that was given."""


@dataclass(frozen=True, slots=True)
class Allow:
    """What may be reached. No setting and no environment variable changes the default."""

    ports: Container[int] = frozenset({80, 443})
    schemes: Container[str] = frozenset({"http", "https"})
    permit_loopback_for_tests: bool = False
    permit_private: bool = False  # the machine's own network too, except a cloud's inner services


PUBLIC = Allow()


def resolve_by_system(host: str, port: int) -> list[str]:
    """IPv4 first: small hosts often have no road for IPv6."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    found.sort(key=lambda each: each[0] != socket.AF_INET)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


@dataclass(frozen=True, slots=True)
class Deadline:
    at: float  # on time.monotonic()

    @property
    def is_past(self) -> bool:
        return time.monotonic() >= self.at

    def seconds_left(self) -> float:
        left = self.at - time.monotonic()
        if left <= 0:
            raise TooSlow(_TOO_SLOW)
        return left


class Line:
    """Cut at the deadline, whatever is being waited for.

    Timeouts of a socket count from the last byte, so a server that drips would hold us for hours.
    """

    def __init__(self, connection: HTTPConnection, target: Target, deadline: Deadline) -> None:
        self.connection = connection
        self.target = target
        self._deadline = deadline
        self._was_cut = False
        # Kept here: the connection forgets its socket as soon as the answer begins.
        self._socket: socket.socket | None = None
        self._alarm = threading.Timer(deadline.seconds_left(), self._cut)
        self._alarm.daemon = True

    def connect(self) -> None:
        self.connection.connect()
        self._socket = self.connection.sock

    @contextlib.contextmanager
    def errors_in_words(self) -> Iterator[None]:
        """What goes wrong inside is Unreachable."""
        try:
            self._deadline.seconds_left()
            yield
            self._deadline.seconds_left()  # a line cut by us can look like an answer's end
        except (HTTPError, OSError, ValueError, AttributeError) as error:
            raise _failure(error, late=self._was_cut or self._deadline.is_past) from error

    def __enter__(self) -> "Line":
        self._alarm.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._alarm.cancel()
        self.connection.close()

    def _cut(self) -> None:
        self._was_cut = True
        line = self._socket or self.connection.sock  # the second while TLS is being agreed
        if line is not None:
            with contextlib.suppress(OSError):
                # The plain socket's method: the TLS one would forget its state under the reader.
                socket.socket.shutdown(line, socket.SHUT_RDWR)


@contextlib.contextmanager
def connected(url: str, deadline: Deadline, allow: Allow, resolve: Resolver) -> Iterator[Line]:
    """A line to one of the checked addresses, closed where the block is left."""
    target = _target(url, allow)
    addresses = _checked_addresses(target, allow, resolve)
    failure: Exception | None = None
    for address in addresses[:MAX_ADDRESSES]:
        with Line(_connection(target, address, deadline), target, deadline) as line:
            try:
                line.connect()
            except (HTTPError, OSError, ValueError) as error:
                failure = error
                continue
            yield line
            return
    deadline.seconds_left()
    raise _failure(failure, late=False) from failure


def _failure(error: Exception | None, *, late: bool) -> Unreachable:
    waited = isinstance(error, SocketTimeout | TimeoutError)
    if late or (waited and not isinstance(error, NewConnectionError)):
        return TooSlow(_TOO_SLOW)
    if "certificate" in str(error).lower():
        return Unreachable(NO_CERTIFICATE)
    return Unreachable(NO_ANSWER)


def _target(url: str, allow: Allow) -> Target:
    try:
        target = split_url(url)
    except ValueError as error:
        raise AddressRefused(str(error)) from error
    if target.scheme not in allow.schemes:
        raise AddressRefused("Only an address that begins with https:// is allowed.")
    if target.port not in allow.ports:
        raise AddressRefused(kept("Only the usual web ports 80 and 443 are allowed."))
    return target


def _checked_addresses(target: Target, allow: Allow, resolve: Resolver) -> list[str]:
    """One private address among public ones is reason enough to refuse the name."""
    try:
        addresses = [target.address] if target.address else resolve(target.host, target.port)
    except (OSError, UnicodeError) as error:
        raise Unreachable(kept("This site's name can't be found.")) from error
    if not addresses:
        raise Unreachable(kept("This site's name can't be found."))
    for address in addresses:
        if not _may_be_reached(address, allow):
            raise AddressRefused(
                kept("This address belongs to a private network and isn't allowed.")
            )
    return addresses


def _may_be_reached(address: str, allow: Allow) -> bool:
    if allow.permit_private and is_inner(address):
        return True
    return is_public(address, permit_loopback=allow.permit_loopback_for_tests)


def _connection(target: Target, address: str, deadline: Deadline) -> HTTPConnection:
    """To the address, while certificate and server name are checked against the host."""
    timeout = urllib3.Timeout(connect=min(CONNECT_SECONDS, deadline.seconds_left()))
    if target.scheme == "http":
        return HTTPConnection(address, target.port, timeout=timeout.connect_timeout)
    return HTTPSConnection(
        address,
        target.port,
        timeout=timeout.connect_timeout,
        cert_reqs="CERT_REQUIRED",
        server_hostname=target.host,
    )
