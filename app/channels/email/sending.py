"""An answer as a mail: in its thread, and marked so that no machine answers it."""

import smtplib
from email.headerregistry import Address as MailAddress
from email.message import EmailMessage
from email.utils import format_datetime

from app.channels.border import Line, Outgoing, SendFailed, Sent
from app.channels.content import Buttons, Content, Media, Menu, Words
from app.channels.email import servers
from app.channels.email.letters import LOOP
from app.core import mail_lines
from app.core.db import now
from app.core.pinned import OutgoingError

SUBJECT = "Your message to {name}"


def send(line: Line, outgoing: Outgoing) -> Sent:
    """A server that falls silent after the mail was handed over may have taken it: "unknown"."""
    message = write(line, outgoing)
    server = servers.smtp_of(line.settings, line.credentials)
    is_handed_over = False
    try:
        with mail_lines.smtp(server) as smtp:
            _address(smtp, message)
            is_handed_over = True
            code, answer = smtp.data(message.as_bytes(policy=message.policy.clone(linesep="\r\n")))
    except SendFailed:
        raise
    except smtplib.SMTPDataError as error:
        raise _refused("the mail", error.smtp_code, error.smtp_error) from error
    except (smtplib.SMTPException, OSError, OutgoingError) as error:
        if is_handed_over:
            raise SendFailed(
                "unknown", "The mail server fell silent while it took the mail.",
                next_step="Ask whether it arrived before you send it again.",
            ) from error  # fmt: skip
        raise servers.failure(error, server.host) from error
    if code != 250:
        raise _refused("the mail", code, answer)
    return Sent(provider_id=str(message["Message-ID"]))


def write(line: Line, outgoing: Outgoing) -> EmailMessage:
    name, address = str(line.settings.get("name", "")), line.external_id
    to = next((each.value for each in outgoing.to if each.kind == "email"), None)
    if to is None:
        raise SendFailed("permanent", "This person has no e-mail address.")
    message = EmailMessage()
    message["Subject"] = _subject(outgoing.content, name)
    message["From"] = MailAddress(display_name=name, addr_spec=address)
    message["To"] = MailAddress(addr_spec=to)
    message["Date"] = format_datetime(now())
    message["Message-ID"] = f"<{outgoing.token}@{address.rpartition('@')[2]}>"
    if outgoing.reply_to:
        message["In-Reply-To"] = message["References"] = outgoing.reply_to
    message[LOOP] = str(line.channel_id)
    message["X-Auto-Response-Suppress"] = "All"  # Microsoft's out-of-office answers heed it
    message.set_content(_body(outgoing.content, str(line.settings.get("signature") or "")))
    if outgoing.file is not None:
        family, _, kind = outgoing.file.mime.partition("/")
        message.add_attachment(
            outgoing.file.body,
            maintype=family,
            subtype=kind or "octet-stream",
            filename=outgoing.file.name,
        )
    return message


def _address(smtp: smtplib.SMTP, message: EmailMessage) -> None:
    sender = message["From"].addresses[0].addr_spec
    code, answer = smtp.mail(sender)
    if code != 250:
        raise _refused("our address", code, answer)
    code, answer = smtp.rcpt(message["To"].addresses[0].addr_spec)
    if code not in (250, 251):
        raise _refused("the person’s address", code, answer)


def _refused(what: str, code: int, answer: bytes | str) -> SendFailed:
    """4xx: come again later; 5xx: for good."""
    said = " ".join(
        (answer.decode(errors="replace") if isinstance(answer, bytes) else answer).split()
    )[:200]
    if code < 500:
        return SendFailed(
            "retry", f"The mail server doesn’t take {what} now ({code} {said}).", code=str(code)
        )
    return SendFailed(
        "permanent", f"The mail server refused {what} ({code} {said}).",
        next_step="Check the address, or reach the person in another way.", code=str(code),
    )  # fmt: skip


def _subject(content: Content, name: str) -> str:
    subject = content.subject if isinstance(content, Words) else None
    return " ".join((subject or SUBJECT.format(name=name)).split())


def _body(content: Content, signature: str) -> str:
    """A mail has no buttons: their titles stand in it, one a line."""
    said = content.caption if isinstance(content, Media) else content.plain()
    if isinstance(content, Buttons):
        said += "".join(f"\n– {each.title}" for each in content.buttons)
    if isinstance(content, Menu):
        said += "".join(f"\n– {row.title}" for each in content.sections for row in each.rows)
    return f"{said}\n\n-- \n{signature}\n" if signature else f"{said}\n"
