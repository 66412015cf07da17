"""POST /NUMBER/messages: what is taken, what is refused, and what is taken and comes to nothing."""

import re
from typing import TYPE_CHECKING, Any

from tests.standins.graph import bodies, templates
from tests.standins.graph.refusals import Refused
from tests.standins.graph.things import Sent

if TYPE_CHECKING:
    from tests.standins.graph.graph import Graph
    from tests.standins.graph.numbers import Number
    from tests.standins.graph.people import Person

USER_ID = re.compile(r"[A-Z]{2}(\.ENT)?\.[A-Za-z0-9]{1,128}")
FREE_OF_A_MONTH = 1000


def send(graph: "Graph", number: "Number", body: dict[str, Any]) -> dict[str, Any]:
    if body.get("status") == "read":
        return _as_read(graph, number, body)
    bodies.check(body)
    if not number.is_registered:
        raise Refused(133010, "The phone number is not registered on WhatsApp.")
    person, to, is_lost = _recipient(graph, number, body)
    if person is not None and to == number.display_number:
        raise Refused(131021)
    number.take_throughput()
    number.take_pair(person.user_id if person else to)
    status = _check_content(graph, number, person, body)
    sent = Sent(graph.new_wamid(), number, person, to, body, graph.now())
    if is_lost:
        graph.lost.append(sent)
    else:
        graph.accepts(sent)
    contact = {"input": body.get("to") or body["recipient"]}
    if person:
        contact |= {"user_id": person.user_id}
        contact |= {"wa_id": person.wa_id} if person.shows_phone or body.get("to") else {}
    message = {"id": sent.wamid} | ({"message_status": status} if status else {})
    return {"messaging_product": "whatsapp", "contacts": [contact], "messages": [message]}


def _recipient(
    graph: "Graph", number: "Number", body: dict[str, Any]
) -> tuple["Person | None", str, bool]:
    """Who, what was written, and whether it is lost though it is taken."""
    to = body.get("to")
    if to:
        if USER_ID.fullmatch(to):
            return None, to, True  # silently, as Graph does
        digits = re.sub(r"[ ()\-.]", "", to)
        if not re.fullmatch(r"\+?\d{5,16}", digits):
            raise Refused(131009, "Param to is not a valid phone number.")
        if not digits.startswith("+"):
            digits = f"+{number.waba.country_prefix}{digits}"
        return graph.people.get(digits), digits, False
    if not USER_ID.fullmatch(body["recipient"]):
        raise Refused(100, "Param recipient must be a business-scoped user ID.")
    return graph.people.get(body["recipient"]), body["recipient"], False


def _check_content(
    graph: "Graph", number: "Number", person: "Person | None", body: dict[str, Any]
) -> str:
    kind = body.get("type", "text")
    if kind == "template":
        template = templates.fitting(number.waba, body["template"])
        if template.category == "MARKETING" and person is not None and person.refuses_marketing:
            raise Refused(131050)
        if template.category == "AUTHENTICATION" and not body.get("to"):
            raise Refused(131062)
        return "accepted"
    if person is not None and not number.has_window(person) and not graph.refuses_late:
        raise Refused(131047, "More than 24 hours have passed since the recipient last replied.")
    if kind in bodies.MEDIA and "id" in body[kind]:
        media = graph.media.get(body[kind]["id"])
        if media is None or media.is_gone or media.node != number.waba.id:
            raise Refused(131053, "The media id does not exist.")
        _check_mime(kind, media.mime)
    return ""


def _check_mime(kind: str, mime: str) -> None:
    if not any(mime.startswith(start) for start in graph_mimes(kind)):
        raise Refused(131053, f"Media of type {mime} can't be sent as {kind}.")


def graph_mimes(kind: str) -> tuple[str, ...]:
    return {
        "image": ("image/jpeg", "image/png"),
        "video": ("video/mp4", "video/3gp"),
        "audio": ("audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"),
        "document": ("",),
        "sticker": ("image/webp",),
    }[kind]


def fate(sent: Sent) -> int | None:
    """The code with which an accepted message fails, or None."""
    number, person = sent.sender, sent.person
    if person is None or not person.is_reachable:
        return 131026
    if sent.type != "template" and not number.has_window(person):
        return 131047
    number.free_sent += sent.type != "template"
    is_paid = sent.type == "template" or number.free_sent > FREE_OF_A_MONTH
    return 131042 if is_paid and not number.waba.has_payment else None


def _as_read(graph: "Graph", number: "Number", body: dict[str, Any]) -> dict[str, Any]:
    bodies.AS_READ(body, "")
    if body["message_id"] not in graph.wamids:
        raise Refused(131009, "Param message_id is not a message of this number.")
    number.as_read.append(body)
    return {"success": True}
