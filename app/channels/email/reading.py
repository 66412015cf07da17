"""The webhook of a provider that takes mail for us: the mail as it came, in whatever envelope. Light: the web process
imports it."""

import base64
import binascii
import hmac
import io
import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from flask import current_app
from werkzeug.formparser import parse_form_data

from app.channels.border import THIS_CHANNEL, Hook, HookRefused, Update
from app.core.db import now

RAW_FIELDS = ("email", "body-mime", "raw", "RawEmail")  # SendGrid, Mailgun, others, Postmark
MAX_BYTES = 25_000_000
MAX_ENVELOPE = 200_000  # of a request, where providers write to whom the mail was


def check_signature(hook: Hook, credentials: Mapping[str, str]) -> None:
    """Each provider has its own signature, and all know a password in the address: Basic authentication."""
    secret = credentials.get("secret", "")
    kind, _, coded = hook.headers.get("authorization", "").partition(" ")
    try:
        given = base64.b64decode(coded, validate=True).partition(b":")[2]
    except (binascii.Error, ValueError):
        given = b""
    if not secret or kind.lower() != "basic" or not hmac.compare_digest(given, secret.encode()):
        raise HookRefused(401, "wrong password")


def split(hook: Hook) -> list[Update]:
    raw = _raw_mail(hook)
    if not raw.strip():
        raise HookRefused(
            400, "there is no mail in it: let the provider post the full MIME message"
        )
    return [update_of(raw, _key_in(hook, raw))]


def update_of(raw: bytes, account: str) -> Update:
    from app.channels.email.letters import Letter

    letter = Letter(raw)
    return Update(
        account=account,
        external_id=f"m:{letter.id}",
        person=letter.sender[1].lower(),
        occurred_at=letter.written_at if letter.header("Date") else now(),
        payload={"mail": base64.b64encode(raw).decode()},
    )


def _key_in(hook: Hook, raw: bytes) -> str:
    """The channel’s key, by the mail’s recipient, at the installation’s own address; elsewhere it stands in the
    address that was called."""
    from app.channels.email.letters import Letter

    domain = current_app.config["INBOUND_MAIL_DOMAIN"]
    if not domain or not urlsplit(hook.url).path.endswith("/hooks/email"):
        return THIS_CHANNEL
    letter = Letter(raw)
    named = " ".join(letter.header(name) for name in ("Delivered-To", "X-Original-To", "To", "Cc"))
    posted = hook.body[:MAX_ENVELOPE].decode(errors="replace")
    found = re.search(
        rf"([0-9]+-[0-9a-f]+)@{re.escape(domain)}", f"{named} {posted}", re.IGNORECASE
    )
    return found.group(1).lower() if found else ""


def raw_of(payload: Mapping[str, Any]) -> bytes:
    try:
        return base64.b64decode(str(payload.get("mail", "")))
    except (binascii.Error, ValueError):
        return b""


def _raw_mail(hook: Hook) -> bytes:
    kind = hook.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        return _encoded(_from_json(hook.body))
    if kind in ("multipart/form-data", "application/x-www-form-urlencoded"):
        return _from_form(hook)
    return hook.body


def _from_json(body: bytes) -> str:
    try:
        fields = json.loads(body)
    except ValueError as error:
        raise HookRefused(400, "not JSON") from error
    fields = fields if isinstance(fields, dict) else {}
    return next((str(fields[name]) for name in RAW_FIELDS if fields.get(name)), "")


def _from_form(hook: Hook) -> bytes:
    environ = {
        "wsgi.input": io.BytesIO(hook.body),
        "CONTENT_LENGTH": str(len(hook.body)),
        "CONTENT_TYPE": hook.headers.get("content-type", ""),
        "REQUEST_METHOD": "POST",
    }
    _, form, files = parse_form_data(environ, max_form_memory_size=MAX_BYTES)
    for name in RAW_FIELDS:
        if name in files:
            return bytes(files[name].read())
        if form.get(name):
            return _encoded(form[name])
    return b""


def _encoded(text: str) -> bytes:
    """Mails in other encodings come as text of one sign a byte."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode()
