"""Many at once, and one step back for all of it."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from app.accounts.models import User
from app.channels.models import Channel
from app.conversations import bulk, orders, services, snoozing, tagging, undoing
from app.conversations.models import Conversation, HandOff, UndoStep
from app.conversations.models.undo import KEPT
from app.core.db import now
from app.core.errors import Conflict, Invalid
from app.core.jobs import OutboxJob
from app.extensions import db
from tests.conftest import Cast, Inside


@pytest.fixture
def by(inside: Inside, cast: Cast) -> Iterator[User]:
    with inside():
        yield db.session.get_one(User, cast.owner.id)


@pytest.fixture
def talks(by) -> list[Conversation]:
    return [begin() for _ in range(3)]


def begin() -> Conversation:
    message, _ = services.receive(Channel.of_kind("website"), uuid4(), "Hello", str(uuid4()))
    return message.conversation


def ids(talks) -> list[int]:
    return [each.id for each in talks]


def act(talks, by, what: str, **typed: str) -> bulk.Done:
    """As the form sends it."""
    order = orders.read(what, typed, "Europe/Madrid")
    return bulk.act(ids(talks), by, order.what, order.verb)


TYPED = {
    "resolve": {},
    "assign": {"user_id": "AGENT"},
    "tag": {"tag": "vip"},
    "snooze": {"choice": "tomorrow"},
    "priority": {"priority": "3"},
}


@pytest.mark.parametrize("what", TYPED)
def test_all_are_done_and_all_are_taken_back(by, talks, cast, what):
    services.request_person(talks[0])
    db.session.add(HandOff(conversation_id=talks[0].id, reason="asked"))
    db.session.flush()
    before = [undoing.snapshot(each) for each in talks]
    typed = {
        name: value.replace("AGENT", str(cast.agent.id)) for name, value in TYPED[what].items()
    }
    done = act(talks, by, what, **typed)
    assert (done.count, done.refused) == (3, [])
    assert [undoing.snapshot(each) for each in talks] != before
    assert undoing.undo(done.step.id, by) == (3, [])
    db.session.flush()
    assert [undoing.snapshot(each) for each in talks] == before
    assert all(each.messages_after()[-1].body == "undone" for each in talks)


def test_those_that_cannot_are_named_and_the_others_done(by, talks):
    services.resolve(talks[1], by)
    done = act(talks, by, "snooze", choice="reply")
    assert done.count == 2
    assert done.refused == [(talks[1].title, "This conversation is resolved. Reopen it first.")]
    assert [each.status for each in talks] == ["snoozed", "resolved", "snoozed"]


def test_a_refused_one_is_left_wholly_as_it_was(by, talks):
    for number in range(tagging.MOST):
        tagging.add(talks[0], by, f"tag {number}")
    before = undoing.snapshot(talks[0])
    done = act(talks, by, "tag", tag="one more")
    assert done.count == 2
    assert undoing.snapshot(talks[0]) == before


def test_what_somebody_changed_since_stays_and_is_named(by, talks, cast):
    done = act(talks, by, "resolve")
    services.receive(talks[0].channel, talks[0].visitor.uuid, "More!", str(uuid4()))
    assert undoing.undo(done.step.id, by) == (2, [talks[0].title])
    assert talks[0].messages_after()[-1].body == "More!"


def test_a_step_is_taken_back_once_by_its_member_and_for_a_while(by, talks, cast):
    other = db.session.get_one(User, cast.agent.id)
    step = act(talks, by, "resolve").step
    with pytest.raises(Conflict):
        undoing.undo(step.id, other)
    undoing.undo(step.id, by)
    with pytest.raises(Conflict):
        undoing.undo(step.id, by)
    old = act(talks, by, "resolve").step
    old.created_at = now() - KEPT - timedelta(minutes=1)
    db.session.flush()
    with pytest.raises(Conflict):
        undoing.undo(old.id, by)
    act(talks, by, "reopen")
    assert db.session.get(UndoStep, (old.business_id, old.id)) is None


def test_nothing_changed_is_nothing_to_take_back(by, talks):
    assert act(talks, by, "reopen").step is None


def test_taken_back_a_visitor_waits_again_and_the_clock_runs(by):
    talk = begin()
    services.request_person(talk)
    hand_off = HandOff(conversation_id=talk.id, reason="asked")
    db.session.add(hand_off)
    step = act([talk], by, "resolve").step
    assert hand_off.outcome == "resolved"
    undoing.undo(step.id, by)
    assert (talk.state, hand_off.ended_at) == ("waiting", None)
    query = select(OutboxJob.name).where(OutboxJob.args == [hand_off.id])
    assert "frontdesk.hand_off_clock" in db.session.scalars(query).all()


def test_who_wrote_since_goes_on_waiting(by):
    talk = begin()
    services.reply(talk, by, "Hello!", "k")
    step = act([talk], by, "priority", priority="3").step
    services.receive(talk.channel, talk.visitor.uuid, "And?", str(uuid4()))
    since = talk.waiting_since
    assert undoing.undo(step.id, by) == (1, [])
    assert (talk.priority, talk.waiting_since) == (0, since)


def test_taken_back_it_sleeps_again_until_its_time(by):
    talk, until = begin(), now() + timedelta(hours=3)
    snoozing.snooze(talk, by, until)
    step = act([talk], by, "wake").step
    undoing.undo(step.id, by)
    assert (talk.status, talk.snoozed_until) == ("snoozed", until)


@pytest.mark.parametrize("count", [0, bulk.MOST + 1])
def test_none_and_too_many_are_refused(by, count):
    with pytest.raises(Invalid):
        bulk.act(list(range(count)), by, "resolve", services.resolve)


def test_another_businesss_conversation_is_not_there(by, cast, talks):
    with cast.neighbour_scope():
        done = bulk.act(ids(talks), by, "resolve", services.resolve)
    assert done.count == 0
    assert talks[0].status == "open"


@pytest.mark.parametrize(
    ("what", "typed"),
    [
        ("explode", {}),
        ("snooze", {}),
        ("snooze", {"choice": "typed", "until": "soon"}),
        ("assign", {"user_id": "x"}),
        ("assign", {"user_id": "VIEWER"}),
        ("tag", {"tag": " "}),
        ("untag", {"tag_id": "²"}),
        ("priority", {"priority": "-1"}),
        ("priority", {"priority": "9"}),
    ],
)
def test_what_cannot_be_meant_is_refused(by, cast, talks, what, typed):
    typed = {name: value.replace("VIEWER", str(cast.viewer.id)) for name, value in typed.items()}
    with pytest.raises(Invalid):
        act(talks, by, what, **typed)


def test_a_name_is_shown_as_it_is(by):
    said = orders.read("tag", {"tag": "{count} {x}"}, "UTC").said(2)
    assert said == "2 conversations are tagged “{count} {x}”."


def test_looking_at_many_costs_no_more_than_at_one(by, talks, count_queries):
    """The verbs cost what they cost for each; what stands around them is asked once for all."""
    db.session.flush()
    asked = []
    for some in (talks[:1], talks):
        with count_queries() as statements:
            bulk.act(ids(some), by, "resolve", lambda *_: None)
        asked.append(len([each for each in statements if "SAVEPOINT" not in each]))
    assert asked[0] == asked[1]
