"""What a page is asked: to send, who it is, whom it tells."""

import json
from typing import Any

from tests.standins.graph.asked import Asked, Raw
from tests.standins.graph.messenger import FIELDS, HUMAN_WINDOW, WINDOW, Page, PagePerson
from tests.standins.graph.refusals import Refused
from tests.standins.graph.shapes import Shape, anything, link, one_of, several, text, thing, truth
from tests.standins.graph.things import PAGES, Sent
from tests.standins.graph.ways import Answer, Elsewhere, way

QUICK_REPLY = thing(
    {"content_type": one_of("text", "user_phone_number", "user_email")},
    {"title": text(20), "payload": text(1000), "image_url": link},
)
BUTTON = thing(
    {"type": one_of("postback", "web_url"), "title": text(20)},
    {"payload": text(1000), "url": link},
)
TEMPLATE = thing(
    {"template_type": text(of="button"), "text": text(640), "buttons": several(BUTTON, 3)}
)
FILE_KIND = one_of("image", "audio", "video", "file")
FILE = thing({}, {"url": link, "is_reusable": truth, "attachment_id": text(100)})


def _attachment(value: Any, path: str) -> None:
    kinds = one_of("image", "audio", "video", "file", "template")
    thing({"type": kinds, "payload": anything})(value, path)
    (TEMPLATE if value["type"] == "template" else FILE)(value["payload"], f"{path}['payload']")


MESSAGE = thing(
    {},
    {"text": text(2000), "quick_replies": several(QUICK_REPLY, 13), "attachment": _attachment,
     "metadata": text(1000)},
)  # fmt: skip
RECIPIENT = thing({"id": text(100)})
BODY: Shape = thing(
    {"recipient": RECIPIENT, "message": MESSAGE,
     "messaging_type": one_of("RESPONSE", "UPDATE", "MESSAGE_TAG")},
    {"tag": one_of("HUMAN_AGENT"), "reply_to": thing({"mid": text(300)})},
)  # fmt: skip
ACTION: Shape = thing(
    {"recipient": RECIPIENT, "sender_action": one_of("typing_on", "typing_off", "mark_seen")}
)


def _page(asked: Asked, *, hidden: bool = False) -> Page:
    page = asked.graph.pages.get(asked.ids["id"])
    if page is None:
        raise Elsewhere
    asked.may(page.page_id, PAGES[0], hidden=hidden)
    return page


@way("POST", "/:id/messages")
def _messages(asked: Asked) -> Answer:
    page, body = _page(asked), asked.json
    _check_shape(body)
    person = page.people.get(body["recipient"]["id"])
    if person is None:
        raise Refused(100, "No matching user found", subcode=2018001)
    if "sender_action" in body:
        page.actions.append((person.psid, body["sender_action"]))
        return {"recipient_id": person.psid}
    _check_window(page, person, body)
    if not person.is_reachable:
        raise Refused(551)
    message = body["message"]
    if ("text" in message) == ("attachment" in message):
        raise Refused(100, "The message needs either text or attachment.")
    _check_attachment(page, message.get("attachment", {}))
    sent = Sent(asked.graph.new_mid(), page, person, person.psid, body, asked.graph.now())
    asked.graph.sent.append(sent)
    _tell_echo(page, person, sent)
    return {"recipient_id": person.psid, "message_id": sent.wamid}


def _check_shape(body: dict[str, Any]) -> None:
    """Messenger has one code for all that doesn't fit."""
    try:
        (ACTION if "sender_action" in body else BODY)(body, "")
    except Refused as refused:
        raise Refused(100, refused.details) from None
    for reply in body.get("message", {}).get("quick_replies", []):
        if reply["content_type"] == "text" and not (reply.get("title") and reply.get("payload")):
            raise Refused(100, "A quick reply needs a title and a payload.")


def _check_window(page: Page, person: PagePerson, body: dict[str, Any]) -> None:
    age = page.graph.now() - person.last_at
    is_tagged = body["messaging_type"] == "MESSAGE_TAG"
    if is_tagged != ("tag" in body):
        raise Refused(100, "MESSAGE_TAG needs a tag, and a tag MESSAGE_TAG.")
    if is_tagged and not page.may_tag_human:
        raise Refused(10, "The app may not use HUMAN_AGENT.", subcode=2018300)
    if age > (HUMAN_WINDOW if is_tagged else WINDOW):
        raise Refused(10, "This message is sent outside of allowed window.", subcode=2018278)


def _check_attachment(page: Page, attachment: dict[str, Any]) -> None:
    """A file is named by its id or its address, and an id must be of such a file."""
    payload = attachment.get("payload", {})
    key = payload.get("attachment_id")
    if attachment.get("type", "template") == "template":
        return
    if (key is None) == ("url" not in payload):
        known = None
    else:
        known = page.attachments.get(key, ("",))[0] if key else attachment["type"]
    if known != attachment["type"]:
        raise Refused(100, "Attachment not found.", subcode=2018074)


def _tell_echo(page: Page, person: PagePerson, sent: Sent) -> None:
    said = {
        key: value for key, value in sent.body["message"].items() if key in ("text", "metadata")
    }
    message = {"mid": sent.wamid, "is_echo": True, "app_id": page.app.id, **said}
    page.tells(page.event(person, from_page=True) | {"message": message}, "message_echoes")


@way("POST", "/:id/message_attachments")
def _upload(asked: Asked) -> Answer:
    page = _page(asked)
    form, files = asked.form()
    said, file = form.get("message", ""), files.get("filedata")
    if file is None or not said:
        raise Refused(100, "The parameters message and filedata are required.")
    attachment = json.loads(said)
    thing({"attachment": thing({"type": FILE_KIND, "payload": thing({"is_reusable": truth})})})(
        attachment, ""
    )
    body, kind = file.read(), attachment["attachment"]["type"]
    if len(body) > (8 if kind == "image" else 25) * 1024 * 1024 or not body:
        raise Refused(100, "Upload attachment failure.", subcode=2018047)
    if kind != "file" and not str(file.mimetype).startswith(f"{kind}/"):
        raise Refused(100, "Upload attachment failure.", subcode=2018047)
    key = asked.graph.new_id()
    page.attachments[key] = (kind, body, str(file.mimetype))
    return {"attachment_id": key}


@way("GET", "/:id")
def _read_page(asked: Asked) -> Answer:
    page = _page(asked, hidden=True)
    return asked.only({"id": page.page_id, "name": page.name, "category": "Shop"})


@way("GET", "/:id")
def _read_person(asked: Asked) -> Answer:
    for page in asked.graph.pages.values():
        person = page.people.get(asked.ids["id"])
        if person is not None:
            asked.may(page.page_id, PAGES[0], hidden=True)
            first, _, last = person.name.partition(" ")
            return asked.only(
                {"id": person.psid, "first_name": first, "last_name": last, "name": person.name}
            )
    raise Elsewhere


@way("GET", "/me/accounts")
def _accounts(asked: Asked) -> Answer:
    nodes = asked.token.nodes
    return {
        "data": [
            {
                "id": page.page_id,
                "name": page.name,
                "access_token": page.token,
                "tasks": ["MESSAGING"],
            }
            for page in asked.graph.pages.values()
            if page.page_id in nodes
        ]
    }


@way("GET", "/me")
def _me(asked: Asked) -> Answer:
    """A page's token is the page."""
    for page in asked.graph.pages.values():
        if page.token == asked.token.value:
            return asked.only({"id": page.page_id, "name": page.name})
    return {"id": "1", "name": "A person"}


@way("GET", "/:id/subscribed_apps")
def _subscriptions(asked: Asked) -> Answer:
    page = _page(asked)
    return {
        "data": [
            {"id": key, "name": asked.graph.apps[key].name, "subscribed_fields": sorted(fields)}
            for key, fields in page.subscribed.items()
        ]
    }


@way("POST", "/:id/subscribed_apps")
def _subscribe(asked: Asked) -> Answer:
    page = _page(asked)
    fields = set(str(asked.values.get("subscribed_fields", "")).split(",")) - {""}
    if not fields or not fields <= FIELDS:
        raise Refused(100, f"subscribed_fields must be among {sorted(FIELDS)}.")
    page.subscribed[asked.token.app.id] = fields
    return {"success": True}


@way("DELETE", "/:id/subscribed_apps")
def _unsubscribe(asked: Asked) -> Answer:
    _page(asked).subscribed.pop(asked.token.app.id, None)
    return {"success": True}


@way("GET", "/files/:key")
def _file(asked: Asked) -> Answer:
    """What somebody sent on Messenger lies at an address that needs no token."""
    found = asked.graph.files.get(asked.ids["key"])
    return Raw(*found) if found else Raw(b"Not found", status=404)
