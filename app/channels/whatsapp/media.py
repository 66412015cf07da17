"""A file that somebody sent: asked for by its id, fetched with the token within five minutes, and checked."""

import base64
import hashlib
import hmac
from typing import Any

from app.channels import meta_files
from app.channels.border import Line, SendFailed
from app.channels.graph import Access, access_of, call
from app.channels.graph_errors import GraphFailed
from app.lib.marking import kept

_GONE = kept("WhatsApp no longer has this file.")
_NEXT = kept("Ask for it to be sent again.")


def download(line: Line, media_id: str, max_bytes: int) -> tuple[bytes, str]:
    access = access_of(line)
    told = _told(line, access, media_id)
    size = told.get("file_size")
    if isinstance(size, int) and size > max_bytes:
        raise meta_files.too_large(max_bytes)
    body = _fetched(str(told.get("url", "")), access, max_bytes)
    if not _is_whole(body, str(told.get("sha256", ""))):
        raise SendFailed(
            "permanent",
            kept("The file isn’t what was sent: it was damaged on its way."),
            next_step=_NEXT,
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
    answer = meta_files.fetch(url, max_bytes, "WhatsApp", token=access.token)
    if answer.status in (401, 403):
        raise SendFailed("retry", kept("WhatsApp didn’t give us the file."))
    if answer.status != 200:  # 404 once its address is older than five minutes: asked for again
        raise SendFailed("retry", _GONE, next_step=_NEXT)
    return answer.body


def _is_whole(body: bytes, sha256: str) -> bool:
    """Meta writes the digest in hex, and in webhooks in base64."""
    digest = hashlib.sha256(body).digest()
    known = (digest.hex(), base64.b64encode(digest).decode())
    return not sha256 or any(hmac.compare_digest(sha256, each) for each in known)
