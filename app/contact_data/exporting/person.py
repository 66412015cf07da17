"""Everything of one person as a ZIP: what is known of them as JSON, and every file that they or the team gave."""

import json
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from app.channels.models import Consent, VisitorAddress
from app.contacts.models import (
    SURE_LINKS,
    Activity,
    Contact,
    ContactField,
    ContactFile,
    ContactNote,
    ContactTag,
    Tag,
    Visitor,
)
from app.conversations.models import Conversation, Message, MessageFile
from app.core.db import Base
from app.core.storage import File
from app.extensions import db
from app.lib import file_types

KEYS = {"email": "email", "phone": "phone", "whatsapp": "user", "messenger": "page_user"}
OURS = {"business_id", "chat_consent"}


def write(path: Path, contact: Contact) -> None:
    visitors = _all(Visitor, Visitor.contact_id == contact.id, Visitor.contact_link.in_(SURE_LINKS))
    talks = _all(Conversation, Conversation.visitor_id.in_([each.id for each in visitors]))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        known = _known(contact, visitors) | {"conversations": [_talk(each) for each in talks]}
        archive.writestr("person.json", json.dumps(known, ensure_ascii=False, indent=2))
        for name, file_id in _files(contact, [each.id for each in talks]):
            _add(archive, name, file_id)


def _known(contact: Contact, visitors: list[Visitor]) -> dict[str, Any]:
    labels = {each.key: each.label for each in ContactField.all() + ContactField.all(archived=True)}
    tags = select(Tag.name).join(ContactTag, ContactTag.tag_id == Tag.id)
    return {
        "contact": _columns(contact),
        "company": contact.company.name if contact.company else None,
        "fields": {labels.get(key, key): value for key, value in contact.custom.items()},
        "addresses": [_columns(each) for each in contact.identities],
        "tags": list(db.session.scalars(tags.where(ContactTag.contact_id == contact.id))),
        "notes": [_columns(each) for each in _all(ContactNote, ContactNote.contact_id == contact.id)],
        "consents": [_columns(each) for each in _all(Consent, Consent.address.in_(_addresses(contact, visitors)))],
        "chats": [_columns(each) for each in visitors],
        "timeline": [_columns(each) for each in _all(Activity, Activity.contact_id == contact.id)],
    }  # fmt: skip


def _addresses(contact: Contact, visitors: list[Visitor]) -> set[str]:
    own = {f"{KEYS[each.kind]}:{each.value}" for each in contact.identities}
    theirs = _all(VisitorAddress, VisitorAddress.visitor_id.in_([each.id for each in visitors]))
    return own | {f"{each.kind}:{each.value}" for each in theirs}


def _talk(conversation: Conversation) -> dict[str, Any]:
    """Without the team's own notes: those are about how to work, not about the person."""
    said = Message.conversation_id == conversation.id, Message.kind.in_(("incoming", "outgoing"))
    messages = [
        {"at": _plain(each.sent_at), "from": each.author, "text": each.body, "content": each.content}
        for each in _all(Message, *said)
    ]  # fmt: skip
    return {"id": conversation.id, "started_at": _plain(conversation.created_at), "messages": messages}  # fmt: skip


def _files(contact: Contact, talk_ids: list[int]) -> list[tuple[str, int]]:
    kept = [(each.name, each.file_id) for each in _all(ContactFile, ContactFile.contact_id == contact.id)]  # fmt: skip
    sent = (
        select(MessageFile)
        .join(Message, Message.id == MessageFile.message_id)
        .where(Message.conversation_id.in_(talk_ids), MessageFile.file_id.is_not(None))
    )
    found = [(each.name or "file", each.file_id) for each in db.session.scalars(sent)]
    return [*kept, *((name, file_id) for name, file_id in found if file_id)]


def _add(archive: zipfile.ZipFile, name: str, file_id: int) -> None:
    file = db.session.scalar(select(File).where(File.id == file_id))
    if file is not None:
        place = f"files/{file.id}-{file_types.plain_name(name)}"
        with archive.open(place, "w", force_zip64=True) as target:
            for part in file.parts():
                target.write(part)


def _all(model: Any, *conditions: Any) -> list[Any]:
    key = model.__mapper__.primary_key[-1]
    return list(db.session.scalars(select(model).where(*conditions).order_by(key)))


def _columns(row: Base) -> dict[str, Any]:
    names = (column.key for column in row.__mapper__.column_attrs)
    return {name: _plain(getattr(row, name)) for name in names if name not in OURS}


def _plain(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    return value if isinstance(value, str | int | float | bool | dict | list | None) else str(value)
