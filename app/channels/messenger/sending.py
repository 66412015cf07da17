"""What Messenger is asked for one person: to take a message, to show it as read, what they are called."""

import json
from typing import Any

from app.channels import graph, meta_files
from app.channels.border import Line, Outgoing, OutgoingFile, Person, SendFailed, Sent
from app.channels.content import Media
from app.channels.messenger.bodies import body_of, psid_of
from app.channels.messenger.errors import MESSENGER
from app.channels.messenger.limits import KINDS, LIMITS, MB, plain_mime
from app.lib.marking import kept

_GONE = kept("Messenger no longer has this file.")
_NEXT = kept("Ask for it to be sent again.")


def call(
    line: Line, method: str, path: str, *, is_send: bool = False, **more: Any
) -> dict[str, Any]:
    return graph.call(
        graph.access_of(line), method, path, is_send=is_send, table=MESSENGER, **more
    )  # fmt: skip


def send(line: Line, outgoing: Outgoing) -> Sent:
    content, attachment_id = outgoing.content, ""
    if isinstance(content, Media):
        attachment_id = _upload(line, content, outgoing.file)
    said = call(
        line, "POST", f"{line.external_id}/messages", is_send=True,
        json=body_of(outgoing, attachment_id),
    )  # fmt: skip
    if not said.get("message_id"):
        raise SendFailed(
            "unknown", kept("Messenger’s answer can’t be read. It may have taken the message.")
        )
    return Sent(provider_id=str(said["message_id"]))


def _upload(line: Line, media: Media, file: OutgoingFile | None) -> str:
    """Before the message, so a line that breaks here is no doubt: nothing was sent."""
    if file is None:
        raise SendFailed(
            "permanent", kept("The file is no longer there."), next_step=kept("Attach it again.")
        )
    mimes, most = LIMITS.media[media.kind]
    if plain_mime(file.mime) not in mimes or len(file.body) > most:
        raise SendFailed(
            "permanent", kept("Messenger takes no file of this type or size."),
            next_step=kept("Send one of up to %(size)s MB, or send it as a document.", size=most // MB),
        )  # fmt: skip
    attachment = json.dumps(
        {"attachment": {"type": KINDS[media.kind], "payload": {"is_reusable": True}}}
    )
    said = call(
        line, "POST", f"{line.external_id}/message_attachments", data={"message": attachment},
        files={"filedata": (file.name, file.body, file.mime)},
    )  # fmt: skip
    return str(said.get("attachment_id", ""))


def as_read(line: Line, person: Person, *, is_typing: bool) -> None:
    to = {"id": psid_of(person.addresses)}
    for action in ("mark_seen", "typing_on")[: 1 + is_typing]:
        said = {"recipient": to, "sender_action": action}
        call(line, "POST", f"{line.external_id}/messages", json=said)


def name_of(line: Line, person: Person) -> str:
    params = {"fields": "first_name,last_name"}
    said = call(line, "GET", psid_of(person.addresses), params=params)
    return " ".join(str(said[part]) for part in ("first_name", "last_name") if said.get(part))


def download(url: str, max_bytes: int) -> tuple[bytes, str]:
    """It lies at an open address, which runs out after some days."""
    answer = meta_files.fetch(url, max_bytes, "Messenger")
    if answer.status in (401, 403, 404, 410):
        raise SendFailed("permanent", _GONE, next_step=_NEXT)
    if answer.status != 200:
        raise SendFailed("retry", kept("Messenger didn’t give us the file."))
    return answer.body, answer.headers.get("content-type", "")
