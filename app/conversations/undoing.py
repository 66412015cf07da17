"""Taking back what one has just done, to one conversation or to many: as each was before, if it is still as it
was left."""

from datetime import UTC, datetime
from typing import Any

from flask_babel import gettext
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from app.accounts.models import User
from app.contacts.models import Tag
from app.conversations import assigning, services, snoozing
from app.conversations.models import (
    MAX_ID,
    Conversation,
    ConversationTag,
    HandOff,
    UndoStep,
)
from app.conversations.models.undo import KEPT
from app.core import jobs, tenancy
from app.core.db import now
from app.core.errors import Conflict
from app.extensions import db

Snapshot = dict[str, Any]
PLAIN = ("status", "snoozed_by", "assignee_id", "resolved_by", "priority")
MOMENTS = ("snoozed_until", "handed_off_at", "resolved_at", "waiting_since")
# How it was left is told by these; the moments and who did it follow from them.
TOLD_BY = ("status", "snoozed_until", "assignee_id", "priority", "tags")


def snapshot(conversation: Conversation) -> Snapshot:
    """Of a locked one."""
    return snapshots([conversation])[0]


def snapshots(conversations: list[Conversation]) -> list[Snapshot]:
    """Of locked ones, in two statements for all."""
    ids = [each.id for each in conversations]
    tags, waiting = _tags(ids), _waiting(ids)
    return [
        _plain(each)
        | {
            "hand_off": waiting.get(each.id),
            "answered": each.answered_position,
            "tags": tags.get(each.id, []),
        }
        for each in conversations
    ]


def _plain(conversation: Conversation) -> Snapshot:
    found: Snapshot = {name: getattr(conversation, name) for name in PLAIN}
    for name in MOMENTS:
        at = getattr(conversation, name)
        found[name] = at.astimezone(UTC).isoformat() if at else None
    return found


def keep(by: User, what: str, changes: list[tuple[Conversation, Snapshot]]) -> UndoStep | None:
    """In the transaction of the changes; each conversation with how it was before. None when nothing changed."""
    kept = []
    afters = snapshots([conversation for conversation, _ in changes])
    for (conversation, before), after in zip(changes, afters, strict=True):
        if _told(after) != _told(before):
            kept.append({"conversation_id": conversation.id, "before": before, "after": after})
    if not kept:
        return None
    db.session.execute(delete(UndoStep).where(UndoStep.created_at < now() - KEPT))
    step = UndoStep(user_id=by.id, what=what, changes=kept)
    db.session.add(step)
    db.session.flush()
    return step


def undo(step_id: int, by: User) -> tuple[int, list[str]]:
    """How many are as they were, and the names of those that somebody has changed since. Raises Conflict."""
    step = UndoStep.of_member(min(step_id, MAX_ID), by.id)
    if step is None:
        raise Conflict(gettext("It’s too late to undo this."))
    if step.undone_at is not None:
        raise Conflict(gettext("This was undone already."))
    step.undone_at = now()
    count, changed = 0, []
    for change in sorted(step.changes, key=lambda each: int(each["conversation_id"])):
        key = (tenancy.current_business_id(), change["conversation_id"])
        conversation = db.session.get(Conversation, key)
        if conversation is None:
            continue
        is_here = conversation.lock().merged_into_id is None
        if is_here and _told(snapshot(conversation)) == _told(change["after"]):
            _restore(conversation, change["before"], change["after"], by)
            count += 1
        else:
            changed.append(conversation.title)
    return count, changed


def _told(found: Snapshot) -> list[Any]:
    return [found[name] for name in TOLD_BY]


def _tags(ids: list[int]) -> dict[int, list[int]]:
    """By conversation, each in order."""
    query = select(ConversationTag.conversation_id, ConversationTag.tag_id)
    found: dict[int, list[int]] = {}
    rows = query.where(ConversationTag.conversation_id.in_(ids)).order_by(ConversationTag.tag_id)
    for conversation_id, tag_id in db.session.execute(rows):
        found.setdefault(conversation_id, []).append(tag_id)
    return found


def _waiting(ids: list[int]) -> dict[int, int]:
    """The open hand-off of each that has one."""
    query = select(HandOff.conversation_id, HandOff.id)
    rows = query.where(HandOff.conversation_id.in_(ids), HandOff.ended_at.is_(None))
    return {talk_id: hand_off_id for talk_id, hand_off_id in db.session.execute(rows)}  # noqa: C416


def _restore(conversation: Conversation, before: Snapshot, after: Snapshot, by: User) -> None:
    """Without whoever had it, if they may no longer answer here. A moment that has changed since, as when the
    customer has written or was answered, counts."""
    now_there = _plain(conversation)
    if before["assignee_id"] not in {each.id for each in assigning.candidates()}:
        before = before | {"assignee_id": None}
    for name in PLAIN:
        setattr(conversation, name, before[name])
    for name in MOMENTS:
        at = before[name]
        if now_there[name] == after[name]:
            setattr(conversation, name, datetime.fromisoformat(at) if at else None)
    _restore_tags(conversation, before["tags"])
    _restore_hand_off(conversation, before["hand_off"])
    snoozing.set_alarm(conversation)
    services.post(conversation, "event", "member", "undone", by=by)
    _restore_question(conversation, before["answered"])


def _restore_question(conversation: Conversation, answered: int) -> None:
    """What was left unanswered by the step is the assistant's again."""
    if conversation.answered_position == answered:
        return
    conversation.answered_position = answered
    if conversation.state == "assistant" and conversation.unanswered():
        jobs.enqueue("frontdesk.respond", conversation.id, key=f"respond-{conversation.id}")


def _restore_tags(conversation: Conversation, before: list[int]) -> None:
    """A tag that was deleted meanwhile stays away."""
    of_this = ConversationTag.conversation_id == conversation.id
    db.session.execute(
        delete(ConversationTag).where(of_this, ConversationTag.tag_id.not_in(before))
    )
    for tag_id in db.session.scalars(select(Tag.id).where(Tag.id.in_(before))):
        put = insert(ConversationTag).values(conversation_id=conversation.id, tag_id=tag_id)
        db.session.execute(put.on_conflict_do_nothing())


def _restore_hand_off(conversation: Conversation, hand_off_id: int | None) -> None:
    """The visitor waits again, and its clock looks at once what is due by now."""
    if hand_off_id is None or HandOff.open_of(conversation.id) is not None:
        return
    hand_off = HandOff.by_id(hand_off_id)
    hand_off.ended_at = hand_off.outcome = hand_off.answered_by = None
    jobs.enqueue("frontdesk.hand_off_clock", hand_off.id, key=f"hand-off-{hand_off.id}-undone")
