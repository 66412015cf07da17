"""An answer as a mail: in its thread, and marked so that no machine answers it."""

import smtplib
from email.errors import MessageError
from email.headerregistry import Address as MailAddress
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime

from app.channels.border import Line, Outgoing, SendFailed, Sent
from app.channels.content import Buttons, Content, Media, Menu, Words
from app.channels.email import servers
from app.channels.email.letters import LOOP
from app.core import mail_lines
from app.core.db import now
from app.core.pinned import OutgoingError
from app.lib.marking import kept

SUBJECT = "Your message to {name}"
UNWRITABLE = kept("No mail can be written to this address, or with these words.")


class _Policy(EmailPolicy):
    """The names of mails stay whole: the standard library would write long ones in a code that no program reads
    there, and the answer would stand outside of its thread."""

    def fold_binary(self, name: str, value: str) -> bytes:
        if name in ("In-Reply-To", "References"):
            return f"{name}: {value}{self.linesep}".encode()
        return super().fold_binary(name, value)


def send(line: Line, outgoing: Outgoing) -> Sent:
    """A server that falls silent after the mail was handed over may have taken it: "unknown"."""
    message, body = _written(line, outgoing)
    server = servers.smtp_of(line.settings, line.credentials)
    is_handed_over = False
    try:
        with mail_lines.smtp(server) as smtp:
            _address(smtp, message)
            is_handed_over = True
            code, answer = smtp.data(body)
    except SendFailed:
        raise
    except smtplib.SMTPDataError as error:
        raise _refused("the mail", error.smtp_code, error.smtp_error) from error
    except (smtplib.SMTPException, OSError, OutgoingError) as error:
        if is_handed_over:
            raise SendFailed(
                "unknown", kept("The mail server fell silent while it took the mail."),
                next_step=kept("Ask whether it arrived before you send it again."),
            ) from error  # fmt: skip
        raise servers.failure(error, server.host) from error
    if code != 250:
        raise _refused("the mail", code, answer)
    return Sent(provider_id=str(message["Message-ID"]))


def _written(line: Line, outgoing: Outgoing) -> tuple[EmailMessage, bytes]:
    """Whatever can't be written is known before anything is sent."""
    try:
        message = write(line, outgoing)
        return message, message.as_bytes()
    except (ValueError, MessageError) as error:
        raise SendFailed(
            "permanent",
            UNWRITABLE,
            next_step=kept("Check the address, and the name in the channel’s settings."),
        ) from error


def write(line: Line, outgoing: Outgoing) -> EmailMessage:
    name, address = str(line.settings.get("name", "")), line.external_id
    to = next((each.value for each in outgoing.to if each.kind == "email"), None)
    if to is None:
        raise SendFailed("permanent", kept("This person has no e-mail address."))
    message = EmailMessage(policy=_Policy(linesep="\r\n"))
    message["Subject"] = _subject(outgoing.content, name)
    message["From"] = MailAddress(display_name=_printable(name), addr_spec=_ascii(address))
    message["To"] = MailAddress(addr_spec=_ascii(to))
    message["Date"] = format_datetime(now())
    message["Message-ID"] = f"<{outgoing.token}@{_ascii(address).rpartition('@')[2]}>"
    if outgoing.reply_to and outgoing.reply_to.isascii() and outgoing.reply_to.isprintable():
        message["In-Reply-To"] = message["References"] = outgoing.reply_to
    message[LOOP] = str(line.channel_id)
    message.add_header(
        "X-Auto-Response-Suppress", "All"
    )  # Microsoft's out-of-office answers heed it
    message.set_content(_body(outgoing.content, str(line.settings.get("signature") or "")))
    if outgoing.file is not None:
        family, _, kind = outgoing.file.mime.partition("/")
        message.add_attachment(
            outgoing.file.body,
            maintype=family,
            subtype=kind or "octet-stream",
            filename=_printable(outgoing.file.name),
        )
    return message


def _address(smtp: smtplib.SMTP, message: EmailMessage) -> None:
    sender = message["From"].addresses[0].addr_spec
    code, answer = smtp.mail(sender)
    if code != 250:
        raise _refused("our address", code, answer)
    code, answer = smtp.rcpt(message["To"].addresses[0].addr_spec)
    if code not in (250, 251):
        raise _refused(kept("the person’s address"), code, answer)


def _refused(what: str, code: int, answer: bytes | str) -> SendFailed:
    """4xx: come again later; 5xx: for good."""
    said = " ".join(
        (answer.decode(errors="replace") if isinstance(answer, bytes) else answer).split()
    )[:200]
    if code < 500:
        return SendFailed(
            "retry",
            kept(
                "The mail server doesn’t take %(what)s now (%(code)s %(said)s).",
                what=what,
                code=code,
                said=said,
            ),
            code=str(code),
        )
    return SendFailed(
        "permanent", kept("The mail server refused %(what)s (%(code)s %(said)s).", what=what, code=code, said=said),
        next_step=kept("Check the address, or reach the person in another way."), code=str(code),
    )  # fmt: skip


def _subject(content: Content, name: str) -> str:
    subject = content.subject if isinstance(content, Words) else None
    return _printable(" ".join((subject or SUBJECT.format(name=name)).split()))


def _printable(words: str) -> str:
    return "".join(each if each.isprintable() else " " for each in words)


def _ascii(address: str) -> str:
    """Mail servers know a domain with other letters by its name in these."""
    import idna

    box, _, domain = address.rpartition("@")
    return address if domain.isascii() else f"{box}@{idna.encode(domain, uts46=True).decode()}"


def _body(content: Content, signature: str) -> str:
    """A mail has no buttons: their titles stand in it, one a line."""
    said = content.caption if isinstance(content, Media) else content.plain()
    if isinstance(content, Buttons):
        said += "".join(f"\n– {each.title}" for each in content.buttons)
    if isinstance(content, Menu):
        said += "".join(f"\n– {row.title}" for each in content.sections for row in each.rows)
    return f"{said}\n\n-- \n{signature}\n" if signature else f"{said}\n"
