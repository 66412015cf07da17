"""A part of a mail, read without ever raising: whatever its headers claim."""

import codecs
import re
from email.header import decode_header, make_header
from email.message import Message

SLOW_CHARSETS = ("punycode", "idna")  # no mail is written in them, and they take for ever


def raw_header(part: Message, name: str) -> str:
    return next((str(value) for key, value in part.raw_items() if key.lower() == name), "")


def type_of(part: Message) -> str:
    try:
        return part.get_content_type()
    except Exception:
        return "application/octet-stream"


def _is_marked_attachment(part: Message) -> bool:
    try:
        return part.get_content_disposition() == "attachment"
    except Exception:
        return False


def _file_name(part: Message) -> str:
    try:
        return str(make_header(decode_header(part.get_filename() or "")))
    except Exception:
        return ""


def is_text(part: Message, kind: str) -> bool:
    return type_of(part) == kind and not _is_marked_attachment(part)


def is_attached(part: Message) -> bool:
    """Pictures inside of a page are none: signatures are full of them."""
    if part.is_multipart() or type_of(part) in ("text/html", "message/delivery-status"):
        return False
    if _is_marked_attachment(part):
        return True
    return bool(_file_name(part)) and not raw_header(part, "content-id")


def name_of(part: Message) -> str:
    name = _file_name(part) or f"attachment.{type_of(part).partition('/')[2]}"
    return re.sub(r"[\x00-\x1f/\\]", "_", name)[:120]


def body_of(part: Message) -> bytes:
    try:
        found = part.get_payload(decode=True)
    except Exception:
        return b""
    return found if isinstance(found, bytes) else b""


def decoded(part: Message) -> str:
    raw = body_of(part)
    for charset in (_charset_of(part), "utf-8", "latin-1"):
        try:
            return raw.decode(charset).replace("\x00", "")
        except (LookupError, ValueError):
            continue
    return ""


def _charset_of(part: Message) -> str:
    try:
        known = codecs.lookup(part.get_content_charset() or "utf-8").name
    except Exception:
        return "utf-8"
    return "utf-8" if known in SLOW_CHARSETS else known
