"""Two conversations that were made one are parted again, and each has what was its own."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.conversations import due, parting, reading, services, snoozing, tagging
from app.conversations import joining as joins
from app.conversations.models import (
    Conversation,
    ConversationMerge,
    ConversationRead,
    ConversationTag,
    Draft,
    HandOff,
    Mention,
    Message,
    ScheduledMessage,
    Unread,
)
from app.core.db import now
from app.core.errors import Conflict
from app.extensions import db
from tests.conversations.test_joining import at, begin, by, say, two

__all__ = ["by"]


def looks(conversation, *, is_placed=True):
    """All that stands in it. Without the lines that tell of what was done."""
    db.session.expire_all()
    of = lambda table: table.conversation_id == conversation.id  # noqa: E731
    told = Message.body.not_in(("joined", "parted"))
    said = db.session.scalars(select(Message).where(of(Message), told).order_by(Message.position))
    hand_offs = db.session.scalars(select(HandOff).where(of(HandOff)).order_by(HandOff.id))
    drafts = db.session.scalars(select(Draft).where(of(Draft)))
    columns = ("status", "snoozed_until", "assignee_id", "handed_off_at", "priority", "has_scheduled",
               "last_text", "merged_into_id", "waiting_since", "resolved_by")  # fmt: skip
    return {
        "said": [(each.position if is_placed else 0, each.body, each.client_key) for each in said],
        "tags": set(db.session.scalars(select(ConversationTag.tag_id).where(of(ConversationTag)))),
        "drafts": sorted((each.user_id, each.kind, each.body, len(each.files)) for each in drafts),
        "hand_offs": [(each.id, each.outcome) for each in hand_offs],
        "scheduled": list(
            db.session.scalars(select(ScheduledMessage.id).where(of(ScheduledMessage)))
        ),
        "mentions": db.session.query(Mention).filter(of(Mention)).count(),
        "unread": sorted(db.session.scalars(select(Unread.user_id).where(of(Unread)))),
        "unanswered": [each.body for each in conversation.unanswered()],
        **{name: getattr(conversation, name) for name in columns},
    }


def furnish(one, other, by, cast):
    """Whatever may hang on a conversation, on both."""
    for conversation, words in ((one, "old"), (other, "new")):
        at(conversation.messages_after()[0], 9 if conversation is one else 8)
        say(conversation, f"{words} person", client_key="hand-off")
        tagging.add(conversation, by, "both")
        tagging.add(conversation, by, words)
        db.session.add(HandOff(conversation_id=conversation.id, reason="asked"))
        files = [{"ref": f"file-{each}"} for each in range(2 if conversation is one else 1)]
        db.session.add_all([
            Draft(conversation_id=conversation.id, user_id=by.id, kind="reply", body=f"{words}\nwords", files=files, version=1),
            ScheduledMessage(conversation_id=conversation.id, user_id=by.id, client_key=words, body=words, due_at=now(), contents=[]),
        ])  # fmt: skip
        conversation.handed_off_at = now()
        note = say(conversation, f"{words} note", "note")
        db.session.add(Mention(conversation_id=conversation.id, message_id=note.id, user_id=cast.agent.id, name="Ana"))  # fmt: skip
        db.session.flush()
        due.changed(conversation)
    db.session.add(
        Draft(conversation_id=one.id, user_id=by.id, kind="note", body="a note", version=1)
    )
    one.priority, other.priority = 2, 1
    reading.mark_read(other, by, other.position)
    db.session.flush()


def join(one, other, by):
    return joins.join(one, other, by)[1]


def test_each_has_again_what_was_its_own(by, cast):
    one, other = two()
    furnish(one, other, by, cast)
    before = looks(one), looks(other, is_placed=False)
    done = join(one, other, by)
    assert looks(other) != before[1]
    assert parting.undo(done, by).id == one.id
    assert (looks(one), looks(other, is_placed=False)) == before
    assert Conversation.in_inbox(one.id) is one
    assert [each.messages_after()[-1].body for each in (one, other)] == ["parted", "parted"]
    assert join(one, other, by) is not None  # again
    assert len(one.messages_after()) == 0


def test_who_reads_by_cursor_misses_nothing_and_places_only_grow(by):
    one, other = two()
    at(say(one, "newest"), -1)
    done = join(one, other, by)
    cursor = other.position
    parting.undo(done, by)
    assert [each.body for each in other.messages_after(cursor)] == ["parted"]
    assert other.incoming_position < cursor
    assert say(other, "and on").position == cursor + 2
    assert say(one, "here too").position == 4


def test_what_came_since_stays_and_what_was_changed_since_stays_changed(by, cast):
    one, other = two()
    furnish(one, other, by, cast)
    done = join(one, other, by)
    say(other, "since")
    services.take_over(other, by)
    draft = Draft.one(other.id, by.id, "reply")
    draft.body, draft.version = "written on", draft.version + 1
    other.priority = 3
    db.session.flush()
    parting.undo(done, by)
    assert "since" in [each.body for each in other.messages_after()]
    assert "since" not in [each.body for each in one.messages_after()]
    assert (other.priority, other.assignee_id, Draft.one(other.id, by.id, "reply").body) == (3, by.id, "written on")  # fmt: skip
    assert (one.priority, one.assignee_id, Draft.one(one.id, by.id, "reply")) == (2, by.id, None)


@pytest.mark.parametrize(
    ("older", "newer", "since", "statuses"),
    [("open", "resolved", None, ("open", "resolved")), ("open", "snoozed", None, ("open", "snoozed")),
     ("snoozed", "open", None, ("snoozed", "open")), ("open", "open", "resolved", ("resolved", "resolved"))],
)  # fmt: skip
def test_each_is_open_if_it_was_unless_both_were_resolved_since(by, older, newer, since, statuses):
    one, other = two()
    acts = {"resolved": lambda row: services.resolve(row, by), "snoozed": lambda row: snoozing.snooze(row, by, now() + timedelta(hours=3))}  # fmt: skip
    for conversation, wanted in ((one, older), (other, newer)):
        if wanted in acts:
            acts[wanted](conversation)
    done = join(one, other, by)
    if since:
        acts[since](other)
    parting.undo(done, by)
    assert (one.status, other.status) == statuses
    assert (one.snoozed_until is not None, other.snoozed_until is not None) == (older == "snoozed", newer == "snoozed")  # fmt: skip


def test_read_in_one_is_read_in_both(by):
    one, other = two()
    done = join(one, other, by)
    reading.mark_read(other, by, other.position)
    parting.undo(done, by)
    for each in (one, other):
        read = db.session.get_one(ConversationRead, (each.business_id, each.id, by.id))
        assert read.position >= each.incoming_position
    unread = db.session.scalars(select(Unread.conversation_id).where(Unread.user_id == by.id))
    assert unread.all() == []


def test_refused_with_the_reason(by):
    one, other = two()
    first = join(one, other, by)
    third = begin(other.visitor)
    second = join(other, third, by)
    with pytest.raises(Conflict, match="Undo that merge first"):
        parting.undo(first, by)
    assert Conversation.in_inbox(one.id) is third
    parting.undo(second, by)
    assert Conversation.in_inbox(one.id) is other
    parting.undo(first, by)
    assert [each.merged_into_id for each in (one, other, third)] == [None] * 3
    with pytest.raises(Conflict, match="undone already"):
        parting.undo(first, by)
    late = join(one, other, by)
    late.created_at = now() - timedelta(days=31)
    db.session.flush()
    with pytest.raises(Conflict, match="30 days"):
        parting.undo(late, by)


def test_the_line_and_the_notice_offer_it_once(login, cast, inside):
    with inside():
        one, other = (each.id for each in two())
    here = f"/b/{cast.slug}/inbox/{other}"
    site = login(cast.agent)
    site.post(f"{here}/joining", data={"other": one})
    with inside():
        undo = f"{here}/joining/{db.session.query(ConversationMerge).one().id}/undo"
    page = site.get(here).text
    assert (f'hx-post="{undo}' in page, f'href="{undo}' in page) == (True, True)
    assert "2 messages" in site.get(undo).text or "1 message goes back" in site.get(undo).text
    for person, status in ((cast.viewer, 403), (cast.neighbour, 404)):
        assert login(person).post(undo).status_code == status
    site = login(cast.agent)
    assert site.post(undo).headers["Location"].partition("?")[0].endswith(here)
    page = site.get(here).text
    assert ("undone since" in page, f'href="{undo}' in page, "two conversations again" in page) == (True, False, True)  # fmt: skip
    assert site.post(undo).status_code == 409
    assert site.post(f"{here}/joining/{2**70}/undo").status_code == 404
