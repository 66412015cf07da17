"""A local mail server that speaks SMTP to the real smtplib, and refuses what servers refuse."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "desk", "p@ss/word"


@dataclass
class Mailbox:
    """`mails` is what was taken. `answers` are given to the next attempts instead: {"rcpt": "550 …"}, "mail"
    or "data"; {"data": "250 taken", "hangs_up": True} takes the mail and closes without a word."""

    url: str = ""
    mails: list[EmailMessage] = field(default_factory=list)
    answers: list[dict[str, Any]] = field(default_factory=list)
    attempts: int = 0

    def to(self, address: str) -> list[EmailMessage]:
        return [mail for mail in self.mails if mail["To"] == address]

    @property
    def subjects(self) -> list[str]:
        return [mail["Subject"] for mail in self.mails]


class _Handler:
    def __init__(self, mailbox: Mailbox) -> None:
        self.mailbox = mailbox
        self.now: dict[str, Any] = {}

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802
        self.mailbox.attempts += 1
        self.now = self.mailbox.answers.pop(0) if self.mailbox.answers else {}
        if "mail" in self.now:
            return self.now["mail"]
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if "rcpt" in self.now:
            return self.now["rcpt"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if not self.now.get("data", "250").startswith("250"):
            return self.now["data"]
        self.mailbox.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        if self.now.get("hangs_up"):
            server.transport.abort()
        return "250 OK"


@contextmanager
def running(
    *, wants_login: bool = False, certificate: Path | None = None, port: int = 0
) -> Iterator[Mailbox]:
    from tests.system.conftest import free_port

    mailbox = Mailbox()
    options: dict[str, Any] = {"auth_require_tls": certificate is not None}
    if wants_login:
        options |= {"authenticator": _authenticate, "auth_required": True}
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        options |= {"tls_context": context, "require_starttls": True}
    port = port or free_port()
    controller = Controller(_Handler(mailbox), hostname="127.0.0.1", port=port, **options)
    controller.start()
    mailbox.url = f"smtp://127.0.0.1:{port}"
    try:
        yield mailbox
    finally:
        controller.stop()


def make_certificate(folder: Path) -> Path:
    """For 127.0.0.1, signed by itself: key and certificate in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    file = folder / "server.pem"
    file.write_bytes(
        key.private_bytes(
            pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ) + certificate.public_bytes(pem)
    )  # fmt: skip
    return file


def _authenticate(
    server: Any, session: Any, envelope: Any, mechanism: str, data: Any
) -> AuthResult:
    is_right = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=is_right, handled=False)
