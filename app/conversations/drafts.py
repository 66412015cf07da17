"""What a member has begun to write, kept while it is typed: the same on every device.

The newest text wins. What another device had that this one didn't know stays beside it, to be taken instead.
"""

import time
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.dialects.postgresql import insert

from app.accounts.models import User
from app.conversations import kept_files
from app.conversations.models import Conversation, Draft
from app.core import realtime, tenancy
from app.core.db import now
from app.extensions import db

MAX_CHARACTERS = 20_000  # more than may be sent: it is cut by its writer, not by us


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the composer. `files` are refs (kept_files)."""

    kind: str
    body: str
    reply_to_id: int | None = None
    beside: dict[str, Any] = field(default_factory=dict)
    files: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.body.strip() or self.files or self.beside or self.reply_to_id)


def save(conversation: Conversation, by: User, typed: Typed, version: int) -> Draft | None:
    """`version` is what this device last knew of it, nought for nothing. None when nothing is left."""
    draft = Draft.one(conversation.id, by.id, typed.kind, locked=True)
    if typed.is_empty:
        return _emptied(draft, version)
    if draft is None:
        draft = _begin(conversation, by, typed.kind)
    files = kept_files.known(typed.files, draft, by)
    _forget_files(draft, keep=files)
    if draft.version not in (0, version) and draft.body.strip() not in ("", typed.body.strip()):
        draft.other_body = draft.body
    draft.body = typed.body.replace("\x00", "")[:MAX_CHARACTERS]
    draft.reply_to_id, draft.beside, draft.files = typed.reply_to_id, typed.beside, files
    _renew(draft)
    return draft


def put_back(
    conversation: Conversation, by: User, was: Typed, files: list[dict[str, Any]], typed: Typed
) -> None:
    """A reply that was taken back returns to the composer, before what was typed there since."""
    stays = typed.kind == was.kind and not typed.is_empty
    if not stays:
        save(conversation, by, typed, 0)
    draft = Draft.one(conversation.id, by.id, was.kind) or _begin(conversation, by, was.kind)
    since = typed.body if stays else draft.body
    draft.body = "\n".join(each for each in (was.body.strip(), since.strip()) if each)
    draft.reply_to_id, draft.beside = was.reply_to_id, was.beside or draft.beside
    draft.files = [*files, *draft.files]
    _renew(draft)


def drop(conversation: Conversation, by: User, kind: str) -> None:
    """It has been sent, and its files with it."""
    draft = Draft.one(conversation.id, by.id, kind)
    if draft is not None:
        db.session.delete(draft)
        _tell(by.id)


def forget_other(conversation: Conversation, by: User, kind: str) -> None:
    draft = Draft.one(conversation.id, by.id, kind)
    if draft is not None:
        draft.other_body = ""


def _emptied(draft: Draft | None, version: int) -> Draft | None:
    """What another device wrote meanwhile isn't this one's to take away."""
    if draft is None:
        return None
    if draft.version != version:
        return draft
    _forget_files(draft, keep=[])
    db.session.delete(draft)
    _tell(draft.user_id)
    return None


def _begin(conversation: Conversation, by: User, kind: str) -> Draft:
    """Two devices that begin at once have one."""
    key = {"conversation_id": conversation.id, "user_id": by.id, "kind": kind}
    row = insert(Draft).values(**key, body="", version=0, updated_at=now())
    db.session.execute(row.on_conflict_do_nothing())
    draft = Draft.one(conversation.id, by.id, kind, locked=True)
    assert draft is not None
    _tell(by.id)
    return draft


def _renew(draft: Draft) -> None:
    draft.version = max(draft.version + 1, time.time_ns() // 1000)
    db.session.flush()


def _forget_files(draft: Draft, keep: list[dict[str, Any]]) -> None:
    kept = {each["ref"] for each in keep}
    kept_files.forget(each for each in draft.files if each["ref"] not in kept)


def _tell(user_id: int) -> None:
    """The list marks conversations with a draft; what is in it nobody is told."""
    realtime.publish(f"business:{tenancy.current_business_id()}", name=f"inbox-{user_id}")
