"""A message as Messenger's API wants it."""

from typing import Any

from app.channels.border import Address, Outgoing, SendFailed
from app.channels.content import AskContact, Button, Content, Link, Media, Template
from app.channels.messenger.limits import (
    KINDS,
    MAX_REPLIES,
    PAYLOAD,
    TEMPLATE_TEXT,
    choices_of,
    text_of,
    title_of,
)
from app.lib.marking import kept

Body = dict[str, Any]
NUMBER: Body = {"content_type": "user_phone_number"}  # their own, offered as a button


def body_of(outgoing: Outgoing, attachment_id: str = "") -> Body:
    """All of it. `attachment_id`: of the file that was uploaded before."""
    body: Body = {
        "recipient": {"id": psid_of(outgoing.to)},
        "messaging_type": "RESPONSE",
        "message": {
            **message_of(outgoing.content, attachment_id),
            "metadata": outgoing.token,  # comes back with the echo
        },
    }
    return body | ({"reply_to": {"mid": outgoing.reply_to}} if outgoing.reply_to else {})


def psid_of(addresses: tuple[Address, ...]) -> str:
    found = next((each.value for each in addresses if each.kind == "page_user"), None)
    if found is None:
        raise SendFailed("permanent", kept("This person isn’t known on Messenger."))
    return found


def message_of(content: Content, attachment_id: str = "") -> Body:
    if isinstance(content, Template):
        raise SendFailed(
            "permanent", kept("Messenger knows no templates."), next_step=kept("Write it as text.")
        )
    if isinstance(content, Media):
        payload = {"attachment_id": attachment_id}
        return {"attachment": {"type": KINDS[content.kind], "payload": payload}}
    if isinstance(content, Link) and len(content.body) <= TEMPLATE_TEXT:
        return _link(content)
    return {"text": text_of(content)} | _replies(content)


def _replies(content: Content) -> Body:
    if isinstance(content, AskContact):
        return {"quick_replies": [NUMBER]}
    choices = choices_of(content)[:MAX_REPLIES]
    return {"quick_replies": [_reply(each) for each in choices]} if choices else {}


def _reply(button: Button) -> Body:
    payload = (button.id or button.title)[:PAYLOAD]
    return {"content_type": "text", "title": title_of(button), "payload": payload}


def _link(link: Link) -> Body:
    button = {
        "type": "web_url",
        "title": title_of(Button(id="", title=link.label)),
        "url": link.url,
    }
    payload = {"template_type": "button", "text": link.body, "buttons": [button]}
    return {"attachment": {"type": "template", "payload": payload}}
