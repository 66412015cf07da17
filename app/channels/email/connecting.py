"""Trying a mailbox's servers: when it is connected, and each day."""

import imaplib
import smtplib
from collections.abc import Mapping
from typing import Any

from flask import current_app

from app.channels.border import Checked, Connected, ConnectRefused, Finding, Line, SendFailed
from app.channels.email import servers
from app.core import mail_lines
from app.core.pinned import OutgoingError
from app.lib import emails
from app.lib.marking import kept

SECRETS = ("password", "secret")
NO_WAY_IN = kept("Say where new mail is fetched, or choose a password for the webhook below.")


def connect(values: Mapping[str, str]) -> Connected:
    settings = {name: value.strip() for name, value in values.items() if name not in SECRETS}
    credentials = {name: values[name] for name in SECRETS if values.get(name)}
    try:
        settings["address"] = emails.normal(settings.get("address", ""))
    except emails.NotEmail as problem:
        raise ConnectRefused({"address": str(problem)}) from problem
    problems = {}
    if not (settings.get("imap_host") or values.get("secret") or _is_mail_taken_here()):
        problems["imap_host"] = NO_WAY_IN
    for field, ask in (("smtp_host", _try_smtp), ("imap_host", _try_imap)):
        try:
            ask(settings, credentials)
        except SendFailed as failed:
            is_password = failed.next_step == servers.PASSWORD_FIX
            problems["password" if is_password else field] = str(failed)
    if problems:
        raise ConnectRefused(problems)
    return Connected(
        external_id=settings["address"],
        name=settings.get("name") or settings["address"],
        settings=settings,
        credentials=credentials,
        findings=_good(settings),
    )


def listen(line: Line, hook_url: str) -> tuple[Finding, ...]:
    """Where mail may be forwarded to, and the password of the webhook: nothing is to be asked of anybody."""
    if line.settings.get("imap_host"):
        return ()
    domain, key = current_app.config["INBOUND_MAIL_DOMAIN"], hook_url.rpartition("/")[2]
    if domain:
        words = kept(
            "Forward your mail to %(key)s@%(domain)s: then it is here at once.",
            key=key,
            domain=domain,
        )
        return (Finding("forwarding", kept("Forwarding"), "good", words),)
    return ()


def check(line: Line) -> Checked:
    findings, is_broken = [], False
    for key, label, ask in (
        ("smtp", kept("Sending"), _try_smtp),
        ("imap", kept("Fetching"), _try_imap),
    ):
        try:
            words = ask(line.settings, line.credentials)
        except SendFailed as failed:
            is_bad = failed.trouble == "reconnect"
            is_broken = is_broken or is_bad
            findings.append(
                Finding(key, label, "bad" if is_bad else "warn", str(failed), failed.next_step)
            )
        else:
            findings.append(Finding(key, label, "good", words))
    return Checked(tuple(findings), is_broken=is_broken)


def _is_mail_taken_here() -> bool:
    return bool(current_app.config["INBOUND_MAIL_DOMAIN"])


def _good(settings: Mapping[str, Any]) -> tuple[Finding, ...]:
    posted = (
        kept("Mail is posted to us.")
        if not settings.get("imap_host")
        else kept("The mailbox opens.")
    )
    return (
        Finding(
            "smtp", kept("Sending"), "good", kept("The server takes our user name and password.")
        ),
        Finding("imap", kept("Fetching"), "good", posted),
    )


def _try_smtp(settings: Mapping[str, Any], credentials: Mapping[str, str]) -> str:
    server = servers.smtp_of(settings, credentials)
    try:
        with mail_lines.smtp(server) as smtp:
            code, answer = smtp.mail(str(settings["address"]))
            smtp.rset()
    except (smtplib.SMTPException, OSError, OutgoingError) as error:
        raise servers.failure(error, server.host) from error
    if code >= 500:
        said = answer.decode(errors="replace")[:200]
        raise SendFailed(
            "reconnect",
            kept(
                "%(host)s doesn’t let you send from this address (%(code)s %(said)s).",
                host=server.host,
                code=code,
                said=said,
            ),
        )
    return kept("The server takes our user name and password.")


def _try_imap(settings: Mapping[str, Any], credentials: Mapping[str, str]) -> str:
    server = servers.imap_of(settings, credentials)
    if server is None:
        return kept("Mail is posted to us.")
    try:
        with mail_lines.imap(server) as mailbox:
            answer, _ = mailbox.select("INBOX", readonly=True)
    except (imaplib.IMAP4.error, OSError, OutgoingError) as error:
        raise servers.failure(error, server.host) from error
    if answer != "OK":
        raise SendFailed(
            "reconnect", kept("%(host)s has no inbox for this user.", host=server.host)
        )
    return kept("The mailbox opens.")
