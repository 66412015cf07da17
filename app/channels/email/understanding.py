"""What a mail means: somebody's message, a machine's, one of ours that came back, or our own."""

from collections.abc import Mapping
from typing import Any

from app.channels.border import (
    Address,
    Incoming,
    IncomingFile,
    Line,
    News,
    Nothing,
    Person,
    SendFailed,
    Status,
)
from app.channels.content import Media, Words
from app.channels.email.letters import Attachment, Bounce, Letter
from app.channels.email.reading import raw_of
from app.lib import emails
from app.lib.marking import kept

MAX_FILES = 20


def understand(payload: Mapping[str, Any], line: Line) -> list[News]:
    letter = Letter(raw_of(payload))
    bounce = letter.bounce()
    if bounce is not None:
        return [_came_back(bounce, letter)]
    name, address = letter.sender
    try:
        address = emails.normal(address)
    except emails.NotEmail:
        return [Nothing("nobody can be answered: the mail has no sender’s address")]
    if letter.is_ours or address == line.external_id.lower():
        return [Nothing("our own mail: answering it would never end")]
    return [
        _incoming(
            letter, Person((Address("email", address),), name.strip()[:80], is_attested=False)
        )
    ]


def _incoming(letter: Letter, person: Person) -> Incoming:
    files = tuple(_file(each) for each in letter.attachments()[:MAX_FILES])
    words = _said(letter)
    content = (
        Words(body=words, subject=letter.subject or None)
        if words or not files
        else Media(kind=_kind(files[0].mime), mime=files[0].mime, name=files[0].name)  # type: ignore[arg-type]
    )
    return Incoming(
        person=person,
        external_id=letter.id,
        content=content,
        occurred_at=letter.written_at,
        files=files,
        reply_to=letter.answers or None,
        is_automatic=letter.is_automatic,
    )


def _said(letter: Letter) -> str:
    """The first mail's subject is part of what it says; a reply's isn't."""
    words, subject = letter.words, letter.subject
    if letter.is_reply or not subject or subject.lower() in words.lower():
        return words or subject
    return f"{subject}\n\n{words}".strip()


def _file(attachment: Attachment) -> IncomingFile:
    return IncomingFile(
        kind=_kind(attachment.mime),
        mime=attachment.mime,
        name=attachment.name,
        provider_ref="",
        byte_count=len(attachment.body),
        body=attachment.body,
    )


def _kind(mime: str) -> str:
    family = mime.partition("/")[0]
    return family if family in ("image", "audio", "video") else "document"


def _came_back(bounce: Bounce, letter: Letter) -> News:
    if not bounce.of or not bounce.is_final:
        return Nothing(
            "a mail server says that a mail is late, or doesn’t say which it couldn’t deliver"
        )
    told = kept("Their mail server didn’t take it.")
    if bounce.words:
        told = kept("Their mail server didn’t take it. It says: %(words)s", words=bounce.words)
    failure = SendFailed(
        "permanent",
        told,
        next_step=kept("Check the address, or reach the person in another way."),
        code=bounce.words.split(" ", 1)[0],
    )
    return Status("failed", letter.written_at, provider_id=bounce.of, failure=failure)
