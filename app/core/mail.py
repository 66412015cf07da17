"""Outgoing e-mail over SMTP. Each mail is a folder of templates: templates/mail/<name>/subject.txt, body.txt, body.html.

`send()` asks for it in the transaction; the worker hands it to the server, tries again what may pass,
and gives up with a reason. Every try of one mail has the same Message-ID: SMTP can't say whether a
server that fell silent took it, and a mailbox drops the second.
"""

import hashlib
import logging
import smtplib
import ssl
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from ipaddress import ip_address
from typing import Any, cast
from urllib.parse import unquote, urlsplit

from flask import current_app
from flask_babel import gettext as _
from jinja2 import Environment, StrictUndefined

from app.core.db import now
from app.core.errors import OutsideError
from app.core.jobs import enqueue, job
from app.core.translating import speaking
from app.lib.marking import kept

logger = logging.getLogger(__name__)

SECONDS = 20  # for each word with the server
ATTEMPTS = 8  # the last comes some two hours after the first
PORTS = {"smtp": 587, "smtps": 465}
MAX_ANSWER = 200  # characters of what a server said


def send(template: str, to: str, *, key: str, language: str | None = None, **context: Any) -> None:
    """Ask for a mail, once while one of this key is open. `context` is kept as JSON: ids and words that
    may stand in the outbox for a week. Without a language it speaks English."""
    enqueue("core.mail", template, to, key, context, language, key=f"mail {key}")


@job("core.mail", attempts=ATTEMPTS)
def _send(
    template: str, to: str, key: str, context: dict[str, Any], language: str | None = None
) -> None:
    with speaking(language):
        deliver(template, to, key, **context)


def deliver(
    template: str, to: str, key: str, *, sender: str = "", reply_to: str = "", **context: Any
) -> None:
    """Inside a job, in the language that is spoken. `sender` is a name to show in place of ours, `reply_to` where an
    answer goes, if not to us. Raises OutsideError with the reason."""
    message = _write(template, to, key, context, sender)
    if reply_to:
        message["Reply-To"] = Address(addr_spec=reply_to)
    if not current_app.config["SMTP_URL"]:
        _log_instead(message)
        return
    try:
        _hand_over(message)
    except (smtplib.SMTPException, OSError) as error:
        raise _in_words(error) from error


def problem() -> str | None:
    """Why mails don't reach anybody here, for the pages that count on them."""
    if current_app.config["SMTP_URL"]:
        return None
    if current_app.config["ENV"] == "production":
        return _("This server can’t send e-mail: SMTP_URL is not set.")
    return _("Without SMTP_URL, e-mails are written to the log instead of being sent.")


def _write(
    template: str, to: str, key: str, context: dict[str, Any], shown: str = ""
) -> EmailMessage:
    sender_name, sender = parseaddr(current_app.config["MAIL_FROM"])
    message = EmailMessage()
    message["Subject"] = " ".join(_render(template, "subject.txt", context).split())
    message["From"] = Address(display_name=shown or sender_name or "Frontdesk", addr_spec=sender)
    message["To"] = Address(addr_spec=to)
    message["Date"] = format_datetime(now())
    message["Message-ID"] = f"<{_digest(key, to)}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_render(template, "body.txt", context))
    message.add_alternative(_render(template, "body.html", context), subtype="html")
    return message


def _render(template: str, part: str, context: dict[str, Any]) -> str:
    return _templates().get_template(f"mail/{template}/{part}").render(context)


def _templates() -> Environment:
    """The same in web and worker, whatever the pages set; a name that is missing is an error."""
    pages = cast(Environment, current_app.jinja_env)
    return pages.overlay(trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined)


def _digest(*parts: str) -> str:
    secret = current_app.config["SECRET_KEYS"][-1]  # two installations share no ids
    return hashlib.sha256("\n".join((secret, *parts)).encode()).hexdigest()[:32]


def _log_instead(message: EmailMessage) -> None:
    """In production the words stay out of the log, and the mail is given up with the reason."""
    reason = problem()
    if current_app.config["ENV"] == "production":
        raise OutsideError(reason or "", permanent=True)
    body = cast(EmailMessage, message.get_body(("plain",))).get_content()
    logger.info("mail to %s: %s\n%s", message["To"], message["Subject"], body)


def _hand_over(message: EmailMessage) -> None:
    """What the server has taken is sent, however it says good-bye."""
    server = _connect()
    try:
        server.send_message(message)
    finally:
        server.close()


def _connect() -> smtplib.SMTP:
    url = urlsplit(current_app.config["SMTP_URL"])
    host, port = url.hostname or "", url.port or PORTS[url.scheme]
    context = ssl.create_default_context()
    if url.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=SECONDS, context=context)
    else:
        server = smtplib.SMTP(host, port, timeout=SECONDS)
    try:
        _open(server, host, url.username, url.password, context)
    except BaseException:
        server.close()
        raise
    return server


def _open(
    server: smtplib.SMTP, host: str, user: str | None, password: str | None, context: ssl.SSLContext
) -> None:
    """Encrypted where it can be, and a password goes to another machine in no other way."""
    server.ehlo_or_helo_if_needed()
    is_encrypted = isinstance(server, smtplib.SMTP_SSL)
    if not is_encrypted and server.has_extn("starttls"):
        server.starttls(context=context)
        is_encrypted = True
    if user is None:
        return
    if not is_encrypted and not _is_loopback(host):
        raise smtplib.SMTPNotSupportedError(kept("it offers no encryption, and a password is set"))
    server.login(unquote(user), unquote(password or ""))


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


_NO_LOG_IN = kept("The mail server refused our user name or password (%(answer)s).")
_NO_ADDRESS = kept("The mail server refused the address (%(answer)s).")
_NO_SENDER = kept("The mail server refused our own address (%(answer)s).")
_NO_MAIL = kept("The mail server refused the e-mail (%(answer)s).")


def _in_words(error: Exception) -> OutsideError:
    match error:
        case smtplib.SMTPAuthenticationError():
            return _told(_NO_LOG_IN, error.smtp_code)
        case smtplib.SMTPRecipientsRefused(recipients=refused):
            return _told(_NO_ADDRESS, *next(iter(refused.values())))
        case smtplib.SMTPSenderRefused():
            return _told(_NO_SENDER, error.smtp_code, error.smtp_error)
        case smtplib.SMTPResponseException():
            return _told(_NO_MAIL, error.smtp_code, error.smtp_error)
        case smtplib.SMTPNotSupportedError() | ssl.SSLCertVerificationError():
            return OutsideError(
                kept("The mail server can’t be trusted with it: %(reason)s.", reason=error),
                permanent=True,
            )
    return OutsideError(
        kept("The mail server can’t be reached (%(reason)s).", reason=error), permanent=False
    )


def _told(words: str, code: int, answer: bytes | str = b"") -> OutsideError:
    """A code of 500 and more is for good."""
    said = answer.decode(errors="replace") if isinstance(answer, bytes) else answer
    told = " ".join([str(code), *said.split()])[:MAX_ANSWER]
    return OutsideError(kept(words, answer=told), permanent=code >= 500)
