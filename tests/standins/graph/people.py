"""Somebody with WhatsApp on their phone, and what a front desk hears of what they do."""

import hashlib
from typing import TYPE_CHECKING, Any

from tests.standins.graph.things import Sent

if TYPE_CHECKING:
    from tests.standins.graph.graph import Graph
    from tests.standins.graph.numbers import Number

Payload = dict[str, Any]


class Person:
    """`shows_phone` false: they go by a username, and a business learns only their user id."""

    def __init__(
        self, graph: "Graph", phone: str, user_id: str, name: str, *,
        username: str = "", shows_phone: bool = True,
    ) -> None:  # fmt: skip
        self.graph, self.phone, self.user_id = graph, phone, user_id
        self.name, self.username, self.shows_phone = name, username, shows_phone
        self.said: list[tuple[float, str, Payload]] = []  # when, its id, what
        self.refuses_marketing = False
        self.is_reachable = True  # false: an old app, no app, or they blocked the business

    @property
    def wa_id(self) -> str:
        return self.phone.removeprefix("+")

    @property
    def received(self) -> list[Sent]:
        return [sent for sent in self.graph.sent if sent.person is self]

    @property
    def contact(self) -> Payload:
        profile = {"name": self.name} | ({"username": self.username} if self.username else {})
        known = {"wa_id": self.wa_id} if self.shows_phone else {}
        return {"profile": profile, **known, "user_id": self.user_id}

    # What they send

    def writes(self, number: "Number", text: str, **more: Any) -> str:
        return self.sends(number, {"type": "text", "text": {"body": text}}, **more)

    def sends(
        self, number: "Number", payload: Payload, *, reply_to: str = "", referral: Payload | None = None,
        has_contact: bool = True,
    ) -> str:  # fmt: skip
        """Any message: {"type": …, …}. Returns its id. Somebody who is blocked isn't heard."""
        wamid = self.graph.new_wamid()
        message: Payload = {"id": wamid, "timestamp": self.graph.timestamp(), **payload}
        message |= {"from": self.wa_id} if self.shows_phone else {}
        message["from_user_id"] = self.user_id
        if reply_to:
            message["context"] = {"from": number.display_number.removeprefix("+"), "id": reply_to}
        if referral:
            message["referral"] = referral
        self.said.append((self.graph.now(), wamid, payload))
        if self.user_id in number.blocked:
            return wamid
        number.opens_window(self)
        contacts = [self.contact] if has_contact else None
        self.graph.tells(number, "messages", messages=[message], contacts=contacts)
        return wamid

    def sends_file(self, number: "Number", kind: str, body: bytes, mime: str, **more: Any) -> str:
        """Kind: image, video, audio, document, sticker. `more`: caption, filename, voice."""
        media = self.graph.keeps_media(body, mime, number.waba.id)
        described = {"id": media.id, "mime_type": mime, "sha256": media.sha256, **more}
        return self.sends(number, {"type": kind, kind: described})

    def taps(self, sent: Sent, title: str) -> str:
        """A button or a list's row of a message that came; also "Send location" and "Share number"."""
        body = sent.body.get(sent.body["type"], {})
        answer = _tapped(sent, body, title)
        return self.sends(sent.sender, answer, reply_to=sent.wamid)

    def shares_number(self, number: "Number", reply_to: str = "") -> str:
        """The answer to a request for it."""
        card = {
            "name": {"formatted_name": self.name, "first_name": self.name.split(maxsplit=1)[0]},
            "phones": [{"phone": self.phone, "wa_id": self.wa_id, "type": "CELL"}],
        }
        payload = {"type": "contacts", "contacts": [card], "origin": "contact_request"}
        return self.sends(number, payload, reply_to=reply_to)

    def reacts(self, number: "Number", wamid: str, emoji: str) -> str:
        reaction = {"message_id": wamid} | ({"emoji": emoji} if emoji else {})
        return self.sends(number, {"type": "reaction", "reaction": reaction})

    def edits(self, number: "Number", wamid: str, text: str) -> str:
        message = {"type": "text", "text": {"body": text}}
        edit = {"original_message_id": wamid, "message": message}
        return self.sends(number, {"type": "edit", "edit": edit})

    def revokes(self, number: "Number", wamid: str) -> str:
        return self.sends(number, {"type": "revoke", "revoke": {"original_message_id": wamid}})

    def opens_chat(self, number: "Number") -> str:
        return self.sends(number, {"type": "request_welcome"})

    # What happens to what they got

    def reads(self, sent: Sent) -> None:
        self.graph.tells_statuses(sent, ["read"])

    def plays(self, sent: Sent) -> None:
        self.graph.tells_statuses(sent, ["played"])

    # What else

    def stops_marketing(self, number: "Number", value: str = "stop") -> None:
        self.refuses_marketing = value == "stop"
        preference = {
            "user_id": self.user_id, "category": "marketing_messages", "value": value,
            "detail": f"User requested to {value} marketing messages",
            "timestamp": int(self.graph.timestamp()),
        }  # fmt: skip
        preference |= {"wa_id": self.wa_id} if self.shows_phone else {}
        self.graph.tells(
            number, "user_preferences", user_preferences=[preference], contacts=[self.contact]
        )

    def changes_number(self, number: "Number", phone: str) -> None:
        """The user id, too, is another then."""
        old, old_id = self.wa_id, self.user_id
        self.phone, self.user_id = phone, self.graph.new_user_id(phone)
        self.graph.people |= {self.phone: self, self.user_id: self}
        system = {
            "body": f"User {self.name} changed from {old} to {self.wa_id}", "wa_id": self.wa_id,
            "type": "user_changed_number", "user_id": self.user_id,
        }  # fmt: skip
        self._system(number, old, old_id, system)

    def changes_user_id(self, number: "Number", user_id: str) -> None:
        old_id, self.user_id = self.user_id, user_id
        self.graph.people[user_id] = self
        system = {
            "body": f"User {self.name} changed user id", "type": "user_changed_user_id",
            "user_id": user_id,
        }  # fmt: skip
        self._system(number, self.wa_id, old_id, system)

    def _system(self, number: "Number", wa_id: str, user_id: str, system: Payload) -> None:
        message: Payload = {
            "id": self.graph.new_wamid(), "timestamp": self.graph.timestamp(), "type": "system",
            "from_user_id": user_id, "system": system,
        }  # fmt: skip
        message |= {"from": wa_id} if self.shows_phone else {}
        self.graph.tells(number, "messages", messages=[message])


def _tapped(sent: Sent, body: Payload, title: str) -> Payload:
    if sent.type == "template":
        return {"type": "button", "button": {"payload": _payload_of(body, title), "text": title}}
    kind, action = body["type"], body["action"]
    if kind == "location_request_message":
        return {"type": "location", "location": {"latitude": 51.5, "longitude": -0.12}}
    if kind == "request_contact_info":
        person = sent.person
        card = {"name": {"formatted_name": person.name}, "phones": [{"phone": person.phone}]}
        return {"type": "contacts", "contacts": [card], "origin": "contact_request"}
    if kind == "button":
        replies = [each["reply"] for each in action["buttons"]]
    else:
        replies = [row for section in action["sections"] for row in section["rows"]]
    reply = next(each for each in replies if title in (each["title"], each["id"]))
    name = "button_reply" if kind == "button" else "list_reply"
    return {"type": "interactive", "interactive": {"type": name, name: reply}}


def _payload_of(template: Payload, title: str) -> str:
    """What the sender attached to its quick replies, the first of them that has one."""
    for component in template.get("components", []):
        for parameter in component.get("parameters", []):
            if parameter["type"] == "payload":
                return str(parameter["payload"])
    return title


def digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
