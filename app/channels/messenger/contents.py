"""What a message on Messenger holds, and its files. What can’t be read is Unreadable, with the name of its type."""

from typing import Any
from urllib.parse import unquote, urlsplit

from app.channels.border import IncomingFile
from app.channels.content import Choice, Content, Location, Media, Unreadable, Words
from app.channels.loose import as_number, as_text, dicts

FILES: dict[str, Any] = {
    "image": "image", "video": "video", "audio": "audio", "file": "document", "sticker": "sticker",
    "reel": "video", "ig_reel": "video",
}  # fmt: skip
LINKS = ("fallback", "post", "ig_post", "template")
GET_STARTED = "GET_STARTED"
MAX_LINK_CHARACTERS = 2000


def content_of(message: dict[str, Any]) -> Content:
    text = as_text(message, "text")
    chosen = as_text(message, "quick_reply", "payload")
    if chosen:
        return Choice(id=chosen, title=text or chosen)
    attachments = dicts(message, "attachments")
    for each in attachments:
        if (kind := _file_kind(each)) and _url(each):
            return Media(kind=kind, caption=text, name=_name(each) if kind == "document" else "")
    if words := _words(text, attachments):
        return Words(body=words)
    place = next(filter(None, map(_location, attachments)), None)
    return place or Unreadable(what=_first_type(attachments) or "unknown")


def choice_of(postback: dict[str, Any]) -> Choice | None:
    title, payload = as_text(postback, "title"), as_text(postback, "payload")
    return Choice(id=payload or title, title=title or payload) if title or payload else None


def files_of(message: dict[str, Any]) -> tuple[IncomingFile, ...]:
    return tuple(
        IncomingFile(kind, "", _name(each), url)
        for each in dicts(message, "attachments")
        if (kind := _file_kind(each)) and (url := _url(each))
    )


def _file_kind(attachment: dict[str, Any]) -> Any:
    """A sticker of before August 2026 is a picture with a number."""
    kind = FILES.get(as_text(attachment, "type"), "")
    is_sticker = kind == "image" and as_text(attachment, "payload", "sticker_id")
    return "sticker" if is_sticker else kind


def _url(attachment: dict[str, Any]) -> str:
    url = as_text(attachment, "payload", "url") or as_text(attachment, "url")
    return url if url.startswith(("https://", "http://")) else ""


def _name(attachment: dict[str, Any]) -> str:
    """As its address ends; nothing else tells it."""
    try:
        path = urlsplit(_url(attachment)).path
    except ValueError:
        return ""
    return unquote(path.rpartition("/")[2])


def _words(text: str, attachments: list[dict[str, Any]]) -> str:
    """With the links that were shared, unless the text has them."""
    found = [text] if text else []
    for each in attachments:
        url = _url(each)[:MAX_LINK_CHARACTERS]
        title = as_text(each, "title") or as_text(each, "payload", "title")
        if as_text(each, "type") in LINKS and (url or title) and not (url and url in text):
            found += [part for part in (title, url) if part and part not in found]
    return "\n".join(found)


def _location(attachment: dict[str, Any]) -> Location | None:
    latitude = as_number(attachment, "payload", "coordinates", "lat")
    longitude = as_number(attachment, "payload", "coordinates", "long")
    if latitude is None or longitude is None or abs(latitude) > 90 or abs(longitude) > 180:
        return None
    return Location(latitude=latitude, longitude=longitude, name=as_text(attachment, "title"))


def _first_type(attachments: list[dict[str, Any]]) -> str:
    return next(filter(None, (as_text(each, "type") for each in attachments)), "")
