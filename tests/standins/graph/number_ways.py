"""What a number is asked: to send, to say how it is, to keep and give media."""

import re
from typing import Any
from uuid import uuid4

from tests.standins.graph import sending
from tests.standins.graph.asked import Asked, Raw
from tests.standins.graph.numbers import Number
from tests.standins.graph.refusals import Refused
from tests.standins.graph.things import MANAGEMENT, MESSAGING
from tests.standins.graph.ways import Answer, Elsewhere, way

MEDIA_SECONDS = 300
MB = 1024 * 1024
MOST_BYTES = {
    "image": 5 * MB,
    "audio": 16 * MB,
    "video": 16 * MB,
    "sticker": MB // 2,
    "document": 100 * MB,
}
UPLOADED = {"image/jpeg": "image", "image/png": "image", "image/webp": "sticker", "video/mp4": "video",
            "video/3gpp": "video", "audio/aac": "audio", "audio/amr": "audio", "audio/mpeg": "audio",
            "audio/mp4": "audio", "audio/ogg": "audio", "application/pdf": "document", "text/plain": "document",
            "application/msword": "document", "application/vnd.ms-excel": "document",
            "application/vnd.ms-powerpoint": "document"}  # fmt: skip


def _number(asked: Asked) -> Number:
    number = asked.graph.numbers.get(asked.ids["id"])
    if number is None:
        raise Elsewhere
    return number


@way("POST", "/:id/messages")
def _messages(asked: Asked) -> Answer:
    number = _number(asked)
    asked.may(number.waba.id, MESSAGING)
    with asked.graph.lock:
        return sending.send(asked.graph, number, asked.json)


@way("GET", "/:id")
def _read_number(asked: Asked) -> Answer:
    number = _number(asked)
    asked.may(number.waba.id, MANAGEMENT, hidden=True)
    whole = number.as_json()
    return asked.only(whole) if "fields" in asked.params else basics(whole)


def basics(whole: dict[str, Any]) -> dict[str, Any]:
    shown = ("verified_name", "code_verification_status", "display_phone_number", "quality_rating",
             "platform_type", "throughput", "id")  # fmt: skip
    return {key: whole[key] for key in shown}


@way("POST", "/:id/register")
def _register(asked: Asked) -> Answer:
    number = _number(asked)
    asked.may(number.waba.id, MANAGEMENT)
    pin = asked.values.get("pin", "")
    if not re.fullmatch(r"\d{6}", str(pin)):
        raise Refused(100, "Param pin must be 6 digits.")
    if number.is_on_biz_app:
        raise Refused(100, "A number of the WhatsApp Business app isn't registered.")
    if number.pin and number.pin != pin:
        raise Refused(133005)
    number.pin, number.is_registered = str(pin), True
    return {"success": True}


@way("POST", "/:id/deregister")
def _deregister(asked: Asked) -> Answer:
    number = _number(asked)
    asked.may(number.waba.id, MANAGEMENT)
    number.is_registered = False
    return {"success": True}


@way("POST", "/:id/smb_app_data")
def _smb_app_data(asked: Asked) -> Answer:
    number = _number(asked)
    asked.may(number.waba.id, MANAGEMENT)
    kind = asked.values.get("sync_type")
    if not number.is_on_biz_app or kind not in ("smb_app_state_sync", "history"):
        raise Refused(100, "The number isn't on the WhatsApp Business app, or sync_type is wrong.")
    if kind in number.synced:
        raise Refused(100, "It was asked for already.", subcode=2593109)
    number.synced.append(kind)
    return {"messaging_product": "whatsapp", "request_id": uuid4().hex}


@way("POST", "/:id/block_users")
def _block(asked: Asked) -> Answer:
    return _blocked(asked, is_blocked=True)


@way("DELETE", "/:id/block_users")
def _unblock(asked: Asked) -> Answer:
    return _blocked(asked, is_blocked=False)


def _blocked(asked: Asked, *, is_blocked: bool) -> Answer:
    number = _number(asked)
    asked.may(number.waba.id, MESSAGING)
    done = []
    for each in asked.json.get("block_users", []):
        said = each.get("user_id") or "+" + str(each.get("user", "")).removeprefix("+")
        person = asked.graph.people.get(said)
        if person is None or (is_blocked and not number.has_window(person)):
            raise Refused(139100, "Only somebody who wrote within 24 hours can be blocked.")
        (number.blocked.add if is_blocked else number.blocked.discard)(person.user_id)
        done.append({"input": said, "wa_id": person.wa_id})
    if not done:
        raise Refused(131008, "The parameter block_users is required.")
    key = "added_users" if is_blocked else "removed_users"
    return {"messaging_product": "whatsapp", "block_users": {key: done}}


# Media


@way("POST", "/:id/media")
def _upload(asked: Asked) -> Answer:
    number = _number(asked)
    asked.may(number.waba.id, MESSAGING)
    form, files = asked.form()
    if form.get("messaging_product") != "whatsapp" or "file" not in files:
        raise Refused(100, "The parameters messaging_product and file are required.")
    mime = files["file"].mimetype
    kind = UPLOADED.get(mime) or ("document" if "officedocument" in mime else None)
    if kind is None:
        raise Refused(100, f"Param file must be a file with one of the types we know, not {mime}.")
    body = files["file"].read()
    if not body or len(body) > MOST_BYTES[kind]:
        raise Refused(131053, "The file is empty or larger than it may be.")
    media = asked.graph.keeps_media(body, mime, number.waba.id, files["file"].filename or "")
    return {"id": media.id}


@way("GET", "/:id")
def _read_media(asked: Asked) -> Answer:
    media = asked.graph.media.get(asked.ids["id"])
    if media is None:
        raise Elsewhere
    asked.may(media.node, MESSAGING, hidden=True)
    if media.is_gone:
        raise Refused(100, "The media is gone.", subcode=33)
    key = uuid4().hex
    asked.graph.urls[key] = (media.id, asked.graph.now() + MEDIA_SECONDS)
    return {
        "messaging_product": "whatsapp", "url": f"{asked.graph.url}/cdn/{key}", "mime_type": media.mime,
        "sha256": media.sha256, "file_size": len(media.body), "id": media.id,
    }  # fmt: skip


@way("GET", "/cdn/:key")
def _download(asked: Asked) -> Answer:
    graph = asked.graph
    media_id, until = graph.urls.get(asked.ids["key"], ("", 0.0))
    if not media_id:
        return Raw(b"Not found", status=404)
    token = graph.tokens.get(asked.token_value)
    media = graph.media[media_id]
    if token is None or media.node not in token.nodes:
        return Raw(b"Unauthorized", status=401)
    if graph.now() > until:
        return Raw(b"URL signature expired", status=404)
    if graph.cdn_leads_to:
        return Raw(b"", status=302, headers={"Location": graph.cdn_leads_to})
    body = media.body[:-1] + b"?" if graph.spoils_media else media.body
    return Raw(body, media.mime)
