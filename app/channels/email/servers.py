"""A channel's mail servers, and what goes wrong with them in plain words."""

import imaplib
import smtplib
import ssl
from collections.abc import Mapping
from typing import Any

from flask import current_app

from app.channels.border import SendFailed
from app.core.mail_lines import Server
from app.core.pinned import AddressRefused, OutgoingError
from app.lib.marking import kept

PASSWORD_FIX = kept(
    "Connect the channel again with the right password; many providers want an app password."
)


def smtp_of(settings: Mapping[str, Any], credentials: Mapping[str, str]) -> Server:
    return _server(str(settings.get("smtp_host", "")), 587, settings, credentials)


def imap_of(settings: Mapping[str, Any], credentials: Mapping[str, str]) -> Server | None:
    """None when mail is posted to us."""
    host = str(settings.get("imap_host") or "")
    return _server(host, 993, settings, credentials) if host else None


def _server(
    named: str, usual_port: int, settings: Mapping[str, Any], credentials: Mapping[str, str]
) -> Server:
    password = credentials.get("password", "")
    host, _, port = named.partition(":")
    return Server(
        host=host,
        port=int(port) if port else usual_port,
        user=str(settings.get("user") or settings.get("address", "")) if password else "",
        password=password,
        is_loopback_allowed=current_app.config["ENV"] != "production",
    )


def failure(error: Exception, server: str) -> SendFailed:
    """Before anything was handed over: nothing is lost by trying again."""
    if isinstance(error, AddressRefused):
        return SendFailed(
            "reconnect",
            f"{server}: {error}",
            next_step=kept("Connect the channel again with another server."),
        )
    if isinstance(error, OutgoingError):
        return SendFailed("retry", str(error))
    if isinstance(error, smtplib.SMTPAuthenticationError) or _is_login_refused(error):
        return SendFailed(
            "reconnect",
            kept("%(server)s refuses the user name or the password.", server=server),
            next_step=PASSWORD_FIX,
        )
    if isinstance(error, ssl.SSLCertVerificationError):
        return SendFailed(
            "reconnect", kept("The certificate of %(server)s isn’t valid, so it may be somebody else.", server=server),
            next_step=kept("Check the server’s name, or ask your provider."),
        )  # fmt: skip
    if isinstance(error, smtplib.SMTPNotSupportedError | smtplib.SMTPHeloError):
        return SendFailed(
            "reconnect",
            kept("%(server)s offers no encrypted login.", server=server),
            next_step=kept("Try port 465, or ask your provider."),
        )
    return SendFailed("retry", kept("%(server)s can’t be reached.", server=server))


def _is_login_refused(error: Exception) -> bool:
    return isinstance(error, imaplib.IMAP4.error) and not isinstance(error, imaplib.IMAP4.abort)
