"""What WhatsApp is asked for one person: to take a message, to show it as read, to block."""

from typing import Any

from app.channels.border import Address, Line, Outgoing, OutgoingFile, Person, SendFailed, Sent
from app.channels.content import Content, Media, Template
from app.channels.graph import access_of, call
from app.channels.whatsapp.bodies import body_of, file_kind
from app.channels.whatsapp.limits import LIMITS, plain_mime
from app.lib.marking import kept

HELD = ("held_for_quality_assessment", "paused")  # a new template is looked at first


def send(line: Line, outgoing: Outgoing) -> Sent:
    kind = _file_kind(outgoing.content)
    media_id = _upload(line, kind, outgoing.file) if kind else ""
    said = call(
        access_of(line), "POST", f"{line.external_id}/messages", is_send=True,
        json=body_of(outgoing, media_id),
    )  # fmt: skip
    message = _first(said.get("messages"))
    if not message.get("id"):
        raise SendFailed(
            "unknown", kept("WhatsApp’s answer can’t be read. It may have taken the message.")
        )
    return Sent(
        provider_id=str(message["id"]),
        is_held=message.get("message_status") in HELD,
        addresses=_addresses(_first(said.get("contacts"))),
    )


def _addresses(contact: dict[str, Any]) -> tuple[Address, ...]:
    found = []
    if contact.get("user_id"):
        found.append(Address("user", str(contact["user_id"])))
    if contact.get("wa_id"):
        found.append(Address("phone", f"+{str(contact['wa_id']).removeprefix('+')}"))
    return tuple(found)


def _first(listed: Any) -> dict[str, Any]:
    first = listed[0] if isinstance(listed, list) and listed else None
    return first if isinstance(first, dict) else {}


def _file_kind(content: Content) -> str:
    """Of the file that goes along; "" for none."""
    if isinstance(content, Media):
        return content.kind
    if not isinstance(content, Template):
        return ""
    headers = [each for each in content.components if each.get("type") == "header"]
    kinds = [file_kind(each) for header in headers for each in header.get("parameters", [])]
    return next(filter(None, kinds), "")


def _upload(line: Line, kind: str, file: OutgoingFile | None) -> str:
    """Before the message, so a line that breaks here is no doubt: nothing was sent."""
    if file is None:
        raise SendFailed(
            "permanent", kept("The file is no longer there."), next_step=kept("Attach it again.")
        )
    mimes, most = LIMITS.media[kind]
    if plain_mime(file.mime) not in mimes or len(file.body) > most:
        raise SendFailed(
            "permanent", kept("WhatsApp takes no file of this type or size."),
            next_step=kept("Send one of up to %(size)s KB, or send it as a document.", size=f"{most // 1024:,}"),
        )  # fmt: skip
    said = call(
        access_of(line), "POST", f"{line.external_id}/media",
        data={"messaging_product": "whatsapp", "type": file.mime},
        files={"file": (file.name, file.body, file.mime)},
    )  # fmt: skip
    return str(said.get("id", ""))


def as_read(line: Line, external_id: str, *, is_typing: bool) -> None:
    body: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "status": "read",
        "message_id": external_id,
    }
    if is_typing:
        body["typing_indicator"] = {"type": "text"}
    call(access_of(line), "POST", f"{line.external_id}/messages", json=body)


def block(line: Line, person: Person, *, is_blocked: bool) -> None:
    known = {address.kind: address.value for address in reversed(person.addresses)}
    who = {"user": known["phone"]} if "phone" in known else {"user_id": known.get("user", "")}
    call(
        access_of(line), "POST" if is_blocked else "DELETE", f"{line.external_id}/block_users",
        json={"messaging_product": "whatsapp", "block_users": [who]},
    )  # fmt: skip
