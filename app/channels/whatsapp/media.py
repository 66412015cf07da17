"""A file that somebody sent: asked for by its id, fetched with the token within five minutes, and checked."""

import base64
import hashlib
import hmac
from typing import Any
from urllib.parse import urlsplit

from flask import current_app

from app.channels.border import Line, SendFailed
from app.channels.graph import Access, call
from app.channels.graph_errors import GraphFailed
from app.channels.whatsapp.sending import access_of
from app.core import http

SECONDS = 120.0
# Where Meta keeps files. Nothing else is ever shown the token.
HOSTS = ("facebook.com", "fbcdn.net", "fbsbx.com", "whatsapp.net")
META = http.Allow(schemes={"https"})
OWN = http.Allow(
    ports=range(1, 65536), permit_private=True
)  # where the configuration says Graph is
_GONE = "WhatsApp no longer has this file."
_NEXT = "Ask for it to be sent again."


def download(line: Line, media_id: str, max_bytes: int) -> tuple[bytes, str]:
    access = access_of(line)
    told = _told(line, access, media_id)
    size = told.get("file_size")
    if isinstance(size, int) and size > max_bytes:
        raise _too_large(max_bytes)
    body = _fetched(str(told.get("url", "")), access, max_bytes)
    if not _is_whole(body, str(told.get("sha256", ""))):
        raise SendFailed(
            "permanent", "The file isn’t what was sent: it was damaged on its way.", next_step=_NEXT
        )
    return body, str(told.get("mime_type", ""))


def _told(line: Line, access: Access, media_id: str) -> dict[str, Any]:
    try:
        return call(access, "GET", media_id, params={"phone_number_id": line.external_id})
    except GraphFailed as failed:
        if failed.number in ("33", "100"):
            raise SendFailed("permanent", _GONE, next_step=_NEXT, code=failed.code) from None
        raise


def _fetched(url: str, access: Access, max_bytes: int) -> bytes:
    try:
        answer = http.fetch(
            url, max_bytes=max_bytes, timeout=SECONDS, allow=_allowed(url),
            headers={"Authorization": f"Bearer {access.token}"},
        )  # fmt: skip
    except http.TooLarge:
        raise _too_large(max_bytes) from None
    except http.OutgoingError as error:
        trouble = "permanent" if error.permanent else "retry"
        raise SendFailed(trouble, "The file can’t be fetched from WhatsApp.") from None
    if answer.status in (401, 403):
        raise SendFailed("retry", "WhatsApp didn’t give us the file.")
    if answer.status != 200:  # 404 once its address is older than five minutes: asked for again
        raise SendFailed("retry", _GONE, next_step=_NEXT)
    return answer.body


def _allowed(url: str) -> http.Allow:
    """Raises SendFailed for a host that isn't Meta's."""
    base = urlsplit(current_app.config["GRAPH_BASE_URL"])
    asked = urlsplit(url)
    host = asked.hostname or ""
    if any(host == each or host.endswith(f".{each}") for each in HOSTS):
        return META
    if (asked.scheme, asked.netloc) == (base.scheme, base.netloc):
        return OWN
    raise SendFailed("permanent", "The file lies where no file of WhatsApp should.")


def _is_whole(body: bytes, sha256: str) -> bool:
    """Meta writes the digest in hex, and in webhooks in base64."""
    digest = hashlib.sha256(body).digest()
    known = (digest.hex(), base64.b64encode(digest).decode())
    return not sha256 or any(hmac.compare_digest(sha256, each) for each in known)


def _too_large(max_bytes: int) -> SendFailed:
    words = f"The file is larger than {max_bytes // 1024 // 1024} MB."
    return SendFailed("permanent", words, next_step="Ask for a smaller one.")
