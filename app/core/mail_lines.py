"""Lines to mail servers that users name: to a checked public address alone, encrypted, named as the certificate says.
core/mail.py goes to the deployment's own server instead, wherever that stands."""

import contextlib
import imaplib
import smtplib
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass

from app.core.addresses import is_public
from app.core.pinned import AddressRefused, Unreachable, resolve_by_system
from app.lib.marking import kept

SECONDS = 20  # for each word with the server
SMTP_PORTS, IMAP_PORTS = (
    {465: "tls", 587: "starttls", 2525: "starttls", 25: "starttls"},
    {993: "tls", 143: "starttls"},
)


@dataclass(frozen=True, slots=True)
class Server:
    """`is_loopback_allowed` is for stand-ins: then nothing needs to be encrypted, and any port will do."""

    host: str
    port: int
    user: str
    password: str
    is_loopback_allowed: bool = False

    @property
    def encryption(self) -> str:
        """tls, starttls or none."""
        if self.is_loopback_allowed and not is_public(self.host_address()):
            return "none"
        return (SMTP_PORTS | IMAP_PORTS).get(self.port, "tls")

    def host_address(self) -> str:
        """Checked. Raises AddressRefused or Unreachable, whose words are for people."""
        try:
            addresses = resolve_by_system(self.host, self.port)
        except (OSError, UnicodeError) as error:
            raise Unreachable(
                kept("The mail server %(host)s can’t be found.", host=self.host)
            ) from error
        for address in addresses:
            if not is_public(address, permit_loopback=self.is_loopback_allowed):
                raise AddressRefused(
                    kept("This address belongs to a private network and isn’t allowed.")
                )
        return addresses[0]

    def connect(self, timeout: float | None = None) -> socket.socket:
        return socket.create_connection((self.host_address(), self.port), timeout or SECONDS)

    def wrapped(self, line: socket.socket) -> ssl.SSLSocket:
        return ssl.create_default_context().wrap_socket(line, server_hostname=self.host)


class _Smtp(smtplib.SMTP):
    def __init__(self, server: Server) -> None:
        self._server = server
        super().__init__(timeout=SECONDS)
        self._host = server.host  # what a certificate is checked against by starttls()

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:  # noqa: ARG002
        line = self._server.connect(timeout)
        return self._server.wrapped(line) if self._server.encryption == "tls" else line


class _Imap(imaplib.IMAP4):
    def __init__(self, server: Server) -> None:
        self._server = server
        super().__init__(server.host, server.port, timeout=SECONDS)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        line = self._server.connect(timeout)
        return self._server.wrapped(line) if self._server.encryption == "tls" else line


@contextlib.contextmanager
def smtp(server: Server) -> Iterator[smtplib.SMTP]:
    """Logged in. Raises smtplib's errors, OSError, and what host_address() raises."""
    line = _Smtp(server)
    try:
        line.connect(server.host, server.port)
        line.ehlo_or_helo_if_needed()
        if server.encryption == "starttls":
            line.starttls(context=ssl.create_default_context())
        if server.user:
            line.login(server.user, server.password)
        yield line
    finally:
        line.close()


@contextlib.contextmanager
def imap(server: Server) -> Iterator[imaplib.IMAP4]:
    """Logged in. Raises imaplib's errors, OSError, and what host_address() raises."""
    line = _Imap(server)
    try:
        if server.encryption == "starttls":
            line.starttls(ssl.create_default_context())
        line.login(server.user, server.password)
        yield line
    finally:
        with contextlib.suppress(imaplib.IMAP4.error, OSError):
            line.logout()
