"""What may stand in a message to somebody on WhatsApp, as strictly as Graph has it."""

from typing import Any

from tests.standins.graph.refusals import Refused
from tests.standins.graph.shapes import (
    Shape,
    anything,
    distinct,
    link,
    number,
    one_of,
    several,
    text,
    thing,
    truth,
)

MAX_ROWS = 10


def _media(**optional: Shape) -> Shape:
    shape = thing({}, {"id": text(200), "link": link, **optional})

    def check(value: Any, path: str) -> None:
        shape(value, path)
        if ("id" in value) == ("link" in value):
            raise Refused(100, f"Param {path} needs either id or link.")

    return check


CAPTION = text(1024)
MEDIA = {
    "image": _media(caption=CAPTION),
    "video": _media(caption=CAPTION),
    "document": _media(caption=CAPTION, filename=text(240)),
    "audio": _media(voice=truth),
    "sticker": _media(),
}
WORDS = thing({"text": text(1024)})
FOOTER = thing({"text": text(60)})


def _header(*kinds: str) -> Shape:
    inner = {
        "text": text(60),
        "image": _media(),
        "video": _media(),
        "document": _media(filename=text(240)),
    }

    def check(value: Any, path: str) -> None:
        thing({"type": one_of(*kinds)}, {kind: inner[kind] for kind in kinds})(value, path)
        if value["type"] not in value:
            raise Refused(131008, f"The parameter {path}['{value['type']}'] is required.")

    return check


def _action(name: str) -> Shape:
    return thing({"name": text(of=name)})


REPLY_BUTTON = thing(
    {"type": text(of="reply"), "reply": thing({"id": text(256), "title": text(20)})}
)
ROW = thing({"id": text(200), "title": text(24)}, {"description": text(72)})
SECTION = thing({"rows": several(ROW, MAX_ROWS)}, {"title": text(24)})
FLOW = thing(
    {"flow_message_version": text(of="3"), "flow_cta": text(20), "flow_token": text(200)},
    {"flow_id": text(), "flow_name": text(), "mode": one_of("draft", "published"),
     "flow_action": one_of("navigate", "data_exchange"), "flow_action_payload": anything},
)  # fmt: skip
ANY_HEADER = _header("text", "image", "video", "document")
INTERACTIVE = {
    "button": thing(
        {"type": text(), "body": WORDS, "action": thing({"buttons": several(REPLY_BUTTON, 3)})},
        {"header": ANY_HEADER, "footer": FOOTER},
    ),
    "list": thing(
        {"type": text(), "body": thing({"text": text(4096)}),
         "action": thing({"button": text(20), "sections": several(SECTION, 10)})},
        {"header": _header("text"), "footer": FOOTER},
    ),
    "cta_url": thing(
        {"type": text(), "body": WORDS,
         "action": thing({"name": text(of="cta_url"),
                          "parameters": thing({"display_text": text(20), "url": link})})},
        {"header": ANY_HEADER, "footer": FOOTER},
    ),
    "location_request_message": thing(
        {"type": text(), "body": WORDS, "action": _action("send_location")}
    ),
    "request_contact_info": thing(
        {"type": text(), "body": WORDS, "action": _action("request_contact_info")}
    ),
    "flow": thing(
        {"type": text(), "body": WORDS,
         "action": thing({"name": text(of="flow"), "parameters": FLOW})},
        {"header": ANY_HEADER, "footer": FOOTER},
    ),
}  # fmt: skip


def _interactive(value: Any, path: str) -> None:
    if not isinstance(value, dict) or value.get("type") not in INTERACTIVE:
        raise Refused(131009, f"Param {path}['type'] is not a valid interactive type.")
    INTERACTIVE[value["type"]](value, path)
    if value["type"] == "button":
        replies = [each["reply"] for each in value["action"]["buttons"]]
        distinct([each["id"] for each in replies], f"{path}['action']['buttons'].id")
        distinct([each["title"] for each in replies], f"{path}['action']['buttons'].title")
    if value["type"] == "list":
        _list_as_a_whole(value["action"]["sections"], path)


def _list_as_a_whole(sections: list[dict[str, Any]], path: str) -> None:
    rows = [row for section in sections for row in section["rows"]]
    if len(rows) > MAX_ROWS:
        raise Refused(131009, f"Total row count exceed max allowed count: {MAX_ROWS}")
    distinct([row["id"] for row in rows], f"{path} rows.id")
    if len(sections) > 1 and not all(section.get("title") for section in sections):
        raise Refused(131009, "Section title is required when there is more than one section.")


PARAMETER = thing(
    {"type": one_of("text", "image", "video", "document", "payload", "coupon_code", "action", "location")},
    {"text": text(1024, 0), "parameter_name": text(100), "image": MEDIA["image"], "video": MEDIA["video"],
     "document": MEDIA["document"], "payload": text(128), "coupon_code": text(20), "action": anything,
     "location": anything},
)  # fmt: skip


def _index(value: Any, path: str) -> None:
    if str(value) not in "0123456789":
        raise Refused(100, f"Param {path} must be a number from 0 to 9.")


COMPONENT = thing(
    {"type": one_of("header", "body", "button", "HEADER", "BODY", "BUTTON")},
    {"parameters": several(PARAMETER, 20, 0), "index": _index,
     "sub_type": one_of("quick_reply", "url", "copy_code", "flow", "catalog")},
)  # fmt: skip
TEMPLATE = thing(
    {
        "name": text(512),
        "language": thing({"code": text(10)}, {"policy": text(of="deterministic")}),
    },
    {"components": several(COMPONENT, 15, 0)},
)
LOCATION = thing(
    {"latitude": number, "longitude": number}, {"name": text(1000), "address": text(1000)}
)
KINDS: dict[str, Shape] = {
    **MEDIA,
    "text": thing({"body": text(4096)}, {"preview_url": truth}),
    "location": LOCATION,
    "contacts": several(anything, 257),
    "reaction": thing({"message_id": text(300), "emoji": text(10, 0)}),
    "interactive": _interactive,
    "template": TEMPLATE,
}
AS_READ = thing(
    {"messaging_product": text(of="whatsapp"), "status": text(of="read"), "message_id": text(300)},
    {"typing_indicator": thing({"type": text(of="text")})},
)


def check(body: Any) -> None:
    """Raises Refused for what Graph wouldn't take from anybody."""
    if not isinstance(body, dict):
        raise Refused(100, "The body must be a JSON object.")
    kind = body.get("type", "text")
    if kind not in KINDS:
        raise Refused(100, f"Param type must be one of {{{', '.join(KINDS).upper()}}}.")
    if not body.get("to") and not body.get("recipient"):
        raise Refused(131008, "The parameter to is required.")
    shape = thing(
        {"messaging_product": text(of="whatsapp"), kind: KINDS[kind]},
        {"recipient_type": one_of("individual"), "to": text(150), "recipient": text(150),
         "type": text(), "context": thing({"message_id": text(300)}),
         "biz_opaque_callback_data": text(512)},
    )  # fmt: skip
    shape(body, "")
