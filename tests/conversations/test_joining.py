"""Two conversations with one person are made one, and nothing that hung on either is lost."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import UniqueConstraint, text

from app.accounts.models import User
from app.channels.models import Channel
from app.contacts.models import Visitor
from app.conversations import bulk, joining, reading, services, snoozing, tagging, undoing
from app.conversations.models import (
    Conversation,
    ConversationRead,
    ConversationTag,
    Draft,
    HandOff,
    Message,
)
from app.core.db import Base, now
from app.core.errors import Conflict
from app.extensions import db
from tests.conftest import Cast, Inside

HOUR = timedelta(hours=1)


@pytest.fixture
def by(inside: Inside, cast: Cast) -> Iterator[User]:
    """The owner, inside the business's scope."""
    with inside():
        yield db.session.get_one(User, cast.owner.id)


def begin(visitor: Visitor | None = None) -> Conversation:
    """With one message; a second one of the same visitor, as two that turned out to be one person have."""
    channel = Channel.of_kind("website")
    if visitor is None:
        message, _ = services.receive(channel, uuid4(), "first", str(uuid4()))
        return message.conversation
    conversation = Conversation(channel_id=channel.id, visitor_id=visitor.id, last_message_at=now())
    db.session.add(conversation)
    db.session.flush()
    say(conversation, "first of the second")
    return conversation


def say(conversation: Conversation, words: str, kind: str = "incoming", **more) -> Message:
    author = {"incoming": "visitor"}.get(kind, "member")
    return services.post(conversation.lock(), kind, author, words, **more)


def join(one: Conversation, other: Conversation, by: User) -> Conversation:
    return joining.join(one, other, by)[0]


def two() -> tuple[Conversation, Conversation]:
    one = begin()
    return one, begin(one.visitor)


def at(message: Message, hours_ago: int) -> None:
    message.created_at = now() - HOUR * hours_ago
    db.session.flush()


def test_the_messages_of_both_stand_by_time_without_gaps(by):
    one, other = two()
    for hours, (conversation, words) in enumerate(
        [(other, "5"), (one, "4"), (other, "3"), (one, "2"), (other, "1")], -5
    ):
        at(say(conversation, words), -hours)
    for conversation in (one, other):
        at(conversation.messages_after()[0], 9)
    kept = join(one, other, by)
    assert kept.id == other.id
    said = [(each.position, each.body) for each in kept.messages_after()]
    assert said == list(
        enumerate(["first", "first of the second", "5", "4", "3", "2", "1", "joined"], 1)
    )
    assert kept.position == 8
    assert one.messages_after() == []


def test_who_reads_by_cursor_misses_nothing(by):
    one, other = two()
    seen = other.position
    new = say(other, "not seen yet")
    at(say(one, "older"), 3)
    kept = join(one, other, by)
    assert new.id in [each.id for each in kept.messages_after(seen)]


def test_the_emptied_one_leads_there_and_the_visitor_goes_on_in_the_other(by):
    one, other = two()
    kept = join(other, one, by)
    assert Conversation.in_inbox(one.id) is kept
    assert Conversation.current_of(kept.visitor) is kept
    assert [each.id for each in Conversation.of_the_same(kept, 9)] == []
    assert join(one, other, by) is kept  # again
    third = begin(kept.visitor)
    join(kept, third, by)
    assert Conversation.in_inbox(one.id) is third


def test_what_hangs_on_it_moves(by, cast):
    one, other = two()
    tagging.add(one, by, "VIP")
    tagging.add(one, by, "both")
    tagging.add(other, by, "both")
    db.session.add(HandOff(conversation_id=one.id, reason="asked"))
    db.session.add(HandOff(conversation_id=other.id, reason="anger"))
    for conversation, body in ((one, "old words"), (other, "new words")):
        draft = {"user_id": by.id, "kind": "reply", "body": body, "version": 1}
        db.session.add(Draft(conversation_id=conversation.id, **draft))
    note = Draft(conversation_id=one.id, user_id=by.id, kind="note", body="a note", version=1)
    db.session.add(note)
    one.priority, one.assignee_id, one.handed_off_at = 2, cast.agent.id, now()
    db.session.flush()
    kept = join(one, other, by)
    tags = db.session.query(ConversationTag).filter_by(conversation_id=kept.id).count()
    assert tags == 2
    hand_offs = db.session.query(HandOff).filter_by(conversation_id=kept.id)
    assert sorted(each.outcome or "open" for each in hand_offs) == ["open", "resolved"]
    drafts = Draft.of(kept.id, by.id)
    assert drafts["reply"].body == "new words\nold words"
    assert drafts["note"].body == "a note"
    assert (kept.priority, kept.state, kept.assignee_id) == (2, "person", cast.agent.id)


def test_unread_stays_unread(by):
    one, other = two()
    reading.mark_read(other, by, other.position)
    kept = join(one, other, by)
    read = db.session.get_one(ConversationRead, (kept.business_id, kept.id, by.id))
    assert read.position < kept.incoming_position


def test_what_waits_for_an_answer_goes_on_waiting(by):
    one, other = two()
    other.answered_position = other.position
    db.session.flush()
    last = say(other, "and this?")
    assert [each.id for each in join(one, other, by).unanswered()] == [last.id]


@pytest.mark.parametrize(
    ("older", "newer", "status"),
    [("open", "resolved", "open"), ("resolved", "resolved", "resolved"), ("resolved", "open", "open"),
     ("snoozed", "snoozed", "snoozed"), ("open", "snoozed", "open"), ("resolved", "snoozed", "snoozed")],
)  # fmt: skip
def test_it_is_open_if_either_was(by, older, newer, status):
    one, other = two()
    for conversation, wanted in ((one, older), (other, newer)):
        if wanted == "resolved":
            services.resolve(conversation, by)
        elif wanted == "snoozed":
            snoozing.snooze(conversation, by, None)
    assert join(one, other, by).status == status


def test_another_browser_or_channel_is_refused_with_the_reason(by):
    one, other = begin(), begin()
    with pytest.raises(Conflict, match="another browser"):
        join(one, other, by)
    with pytest.raises(Conflict, match="same conversation"):
        joining.preview(one, one)
    third = begin(one.visitor)
    third.channel_id = Channel.of_kind("preview").id
    with pytest.raises(Conflict, match="another channel"):
        joining.preview(one, third)


def test_the_same_first_key_in_both_is_kept_apart(by):
    one, other = two()
    say(one, "person", client_key="hand-off")
    say(other, "person", client_key="hand-off")
    assert join(one, other, by).position == 5


def test_every_table_that_knows_a_conversation_once_is_moved_with_care():
    for table in Base.metadata.sorted_tables:
        if "conversation_id" not in table.c or table.name in joining.WITH_CARE:
            continue
        unique = [each for each in table.constraints if isinstance(each, UniqueConstraint)]
        keys = [set(each.columns.keys()) for each in (table.primary_key, *unique)]
        keys += [set(each.columns.keys()) for each in table.indexes if each.unique]
        allowed = table.name == "scheduled_messages"  # their keys are random
        assert allowed or not any("conversation_id" in key for key in keys), table.name


def test_its_outcome_counts_once_and_a_rejection_stays(by, context):
    one, other = two()
    made = {"position": 1, "heard_position": 1, "ended_at": now(), "asked": "?", "intent": "other"}
    made |= {"mood": "calm", "collected": {}, "conditions": [], "is_resolved": True}
    from app.assistant.models import ConversationOutcome

    for conversation in (one, other):
        db.session.add(ConversationOutcome(conversation_id=conversation.id, **made))
    db.session.flush()
    ConversationOutcome.of_conversation(one.id).rejected_at = now()
    kept = join(one, other, by)
    assert ConversationOutcome.of_conversation(one.id) is None
    assert ConversationOutcome.of_conversation(kept.id).is_rejected
    left = db.session.execute(text("SELECT count(*) FROM conversation_outcomes")).scalar()
    assert left == 1


def test_what_is_done_to_one_that_was_joined_meanwhile_changes_nothing(by):
    """Neither an undo from before nor a page that is old opens the emptied one again."""
    one, other = two()
    step = bulk.act([one.id], by, "resolve", services.resolve).step
    join(one, other, by)
    assert undoing.undo(step.id, by)[0] == 0
    assert (one.status, one.merged_into_id) == ("resolved", other.id)
    assert bulk.act([one.id], by, "reopen", services.reopen).count == 0
    with pytest.raises(Conflict):
        join(one, begin(one.visitor), by)


def test_an_undo_gives_nothing_to_who_may_no_longer_answer(by):
    one, _ = two()
    services.take_over(one, by)
    step = bulk.act([one.id], by, "resolve", services.resolve).step
    db.session.execute(text("UPDATE memberships SET role = 'viewer' WHERE user_id = :id"), {"id": by.id})  # fmt: skip
    assert undoing.undo(step.id, by)[0] == 1
    assert (one.status, one.assignee_id, one.is_handed_off) == ("open", None, True)
