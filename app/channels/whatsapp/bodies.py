"""A message as WhatsApp's API wants it."""

from collections.abc import Callable
from typing import Any

from app.channels.border import Address, Outgoing, SendFailed
from app.channels.content import (
    AskContact,
    AskLocation,
    Button,
    Buttons,
    Content,
    Link,
    Media,
    Menu,
    Section,
    Template,
    Words,
)
from app.channels.whatsapp.limits import LIMITS, as_menu
from app.lib.marking import kept

Body = dict[str, Any]


def body_of(outgoing: Outgoing, media_id: str = "") -> Body:
    """All of it. `media_id`: of the file that was uploaded before."""
    body: Body = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        **_recipient(outgoing.to),
        **content_of(outgoing.content, media_id),
        "biz_opaque_callback_data": outgoing.token,
    }
    return body | ({"context": {"message_id": outgoing.reply_to}} if outgoing.reply_to else {})


def _recipient(addresses: tuple[Address, ...]) -> Body:
    """The number where one is known. A user id must never stand in `to`: WhatsApp would say yes and lose it."""
    known = {address.kind: address.value for address in reversed(addresses)}
    if "phone" in known:
        return {"to": f"+{known['phone'].removeprefix('+')}"}
    if "user" in known:
        return {"recipient": known["user"]}
    raise SendFailed("permanent", kept("Neither a number nor a user id of this person is known."))


def content_of(content: Content, media_id: str = "") -> Body:
    if isinstance(content, Template):
        return _template(content, media_id)
    if isinstance(content, Media):
        return {"type": content.kind, content.kind: _media(content, media_id)}
    if isinstance(content, Buttons) and len(content.buttons) > LIMITS.buttons:
        content = as_menu(content)
    make = _MAKERS.get(type(content))
    if make is None:
        raise SendFailed("permanent", kept("WhatsApp can’t send this kind of message."))
    return make(content)


def _media(media: Media, media_id: str) -> Body:
    said: Body = {"id": media_id}
    if media.caption:
        said["caption"] = media.caption
    if media.kind == "document" and media.name:
        said["filename"] = media.name
    if media.kind == "audio" and media.is_voice:
        said["voice"] = True
    return said


def _words(content: Words) -> Body:
    has_link = "https://" in content.body or "http://" in content.body
    return {"type": "text", "text": {"body": content.body, "preview_url": has_link}}


def _interactive(kind: str, body: str, action: Body, header: str = "", footer: str = "") -> Body:
    said: Body = {"type": kind, "body": {"text": body}, "action": action}
    if header:
        said["header"] = {"type": "text", "text": header}
    if footer:
        said["footer"] = {"text": footer}
    return {"type": "interactive", "interactive": said}


def _buttons(content: Buttons) -> Body:
    replies = [
        {"type": "reply", "reply": {"id": button.id, "title": button.title}}
        for button in content.buttons
    ]
    return _interactive(
        "button", content.body, {"buttons": replies}, content.header, content.footer
    )


def _menu(content: Menu) -> Body:
    action = {"button": content.label, "sections": [_section(each) for each in content.sections]}
    return _interactive("list", content.body, action, content.header, content.footer)


def _section(section: Section) -> Body:
    said: Body = {"rows": [_row(row) for row in section.rows]}
    return {"title": section.title, **said} if section.title else said


def _row(row: Button) -> Body:
    said = {"id": row.id, "title": row.title}
    return said | ({"description": row.description} if row.description else {})


def _link(content: Link) -> Body:
    parameters = {"display_text": content.label, "url": content.url}
    return _interactive("cta_url", content.body, {"name": "cta_url", "parameters": parameters})


def _ask_location(content: AskLocation) -> Body:
    return _interactive("location_request_message", content.body, {"name": "send_location"})


def _ask_contact(content: AskContact) -> Body:
    return _interactive("request_contact_info", content.body, {"name": "request_contact_info"})


def _template(content: Template, media_id: str) -> Body:
    said: Body = {"name": content.name, "language": {"code": content.language}}
    if content.components:
        said["components"] = [_with_file(each, media_id) for each in content.components]
    return {"type": "template", "template": said}


def _with_file(component: Body, media_id: str) -> Body:
    """The file that was uploaded stands in the header's empty place for one."""
    if component.get("type") != "header" or not media_id:
        return component
    parameters = [
        {**each, each["type"]: {**(each.get(each["type"]) or {}), "id": media_id}}
        if file_kind(each)
        else each
        for each in component.get("parameters", [])
    ]
    return {**component, "parameters": parameters}


def file_kind(parameter: Body) -> str:
    """image, video or document where a file is to be put in; else ""."""
    kind = str(parameter.get("type", ""))
    is_open = kind in ("image", "video", "document") and not (
        {"id", "link"} & set(parameter.get(kind) or {})
    )
    return kind if is_open else ""


_MAKERS: dict[type, Callable[[Any], Body]] = {
    Words: _words,
    Buttons: _buttons,
    Menu: _menu,
    Link: _link,
    AskLocation: _ask_location,
    AskContact: _ask_contact,
}
