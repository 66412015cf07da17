"""Files that are here before their message is sent: of a kept reply, or of a reply that was taken back.

The composer knows each by its `ref`, “canned-12” or “file-34”; a draft keeps them as they stand here.
"""

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext

from app.accounts.models import User
from app.channels.content import Media
from app.conversations import uploads
from app.conversations.composing import Composer
from app.conversations.models import CannedFile, Conversation, Draft
from app.core import storage, tenancy
from app.core.errors import Invalid
from app.core.storage import File
from app.extensions import db
from app.lib import file_types

MOST = 10  # that go with one reply


def of_canned(file: CannedFile) -> dict[str, Any]:
    return _as_kept(f"canned-{file.id}", file.name, file.mime, file.byte_count)


def of_contents(contents: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of a reply that comes back into the composer."""
    found = []
    for each in contents:
        file = _file(each.get("file_id"))
        if file is not None:
            kept = _as_kept(f"file-{file.id}", each["name"], each["mime"], file.byte_count)
            found.append(kept)
    return found


def known(refs: Iterable[str], draft: Draft | None, by: User) -> list[dict[str, Any]]:
    """Those of them that this member may send: what the draft has, and what kept replies have."""
    drafted = {each["ref"]: each for each in (draft.files if draft else [])}
    found = [drafted.get(ref) or _canned(ref, by) for ref in list(dict.fromkeys(refs))[:MOST]]
    return [each for each in found if each]


def take(conversation: Conversation, composer: Composer, refs: list[str], by: User) -> list[Media]:
    """To be sent. A kept reply's are copied: it may be deleted, and the message stays. Raises Invalid."""
    if not refs:
        return []
    draft = Draft.one(conversation.id, by.id, "reply")
    kept = known(refs, draft, by)
    if len(kept) < len(set(refs)):
        raise Invalid(
            gettext("A file that was to go along isn’t there any more. Look what is missing.")
        )
    return [_media(each, composer) for each in kept]


def forget(kept: Iterable[dict[str, Any]]) -> None:
    """What only a draft, or a reply that wasn't sent, had."""
    for each in kept:
        kind, _, number = each["ref"].partition("-")
        file = _file(int(number)) if kind == "file" else None
        if file is not None:
            db.session.delete(file)


def _media(kept: dict[str, Any], composer: Composer) -> Media:
    kind = uploads.kind_of(kept["mime"], composer)
    if kind is None or kept["byte_count"] > composer.most_bytes(kind):
        raise Invalid(
            gettext(
                "%(kept)s can’t be sent here. %(takes)s",
                kept=kept["name"],
                takes=uploads.takes(composer),
            )
        )
    origin, _, number = kept["ref"].partition("-")
    file_id = int(number)
    if origin == "canned":
        row = db.session.get_one(CannedFile, (tenancy.current_business_id(), file_id))
        file_id = storage.copy(row.file_id).id
    return Media(kind=kind, file_id=file_id, mime=kept["mime"], name=kept["name"])


def _canned(ref: str, by: User) -> dict[str, Any] | None:
    kind, _, number = ref.partition("-")
    row = CannedFile.by_id(int(number), by.id) if kind == "canned" and number.isdecimal() else None
    return of_canned(row) if row else None


def _file(file_id: int | None) -> File | None:
    return db.session.get(File, (tenancy.current_business_id(), file_id)) if file_id else None


def _as_kept(ref: str, name: str, mime: str, byte_count: int) -> dict[str, Any]:
    size = file_types.size_in_words(byte_count)
    return {"ref": ref, "name": name, "mime": mime, "byte_count": byte_count, "size": size}
