"""What members do with a conversation: snooze, assign, tag, put first. Each once, however often it is asked."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest

from app.accounts.models import User
from app.channels.models import Channel
from app.conversations import assigning, priorities, reading, services, snoozing, tagging
from app.conversations.models import Conversation, ConversationTag, HandOff
from app.core.db import now
from app.core.errors import Conflict, Invalid
from app.extensions import db
from tests.conftest import Cast, Inside

SOON = timedelta(hours=3)


@pytest.fixture
def talk(inside: Inside, cast: Cast) -> Iterator[Conversation]:
    """Somebody wrote just now. Inside the business's scope."""
    with inside():
        channel = Channel.of_kind("website")
        message, _ = services.receive(channel, uuid4(), "Hello", str(uuid4()))
        yield message.conversation


def owner(cast) -> User:
    return db.session.get_one(User, cast.owner.id)


def agent(cast) -> User:
    return db.session.get_one(User, cast.agent.id)


def events(conversation: Conversation) -> list[str]:
    return [each.body for each in conversation.messages_after() if each.kind == "event"]


def writes(conversation: Conversation, text: str = "And now?") -> None:
    services.receive(conversation.channel, conversation.visitor.uuid, text, str(uuid4()))


VERBS = {
    "snoozed": lambda talk, by, to: snoozing.snooze(talk, by, None),
    "assigned": assigning.assign,
    "tagged": lambda talk, by, to: tagging.add(talk, by, " Vip"),
    "prioritised": lambda talk, by, to: priorities.change(talk, by, 3),
}


@pytest.mark.parametrize("event", VERBS)
@pytest.mark.parametrize("is_rule", [False, True])
def test_a_verb_twice_leaves_one_line_that_no_visitor_sees(talk, cast, event, is_rule):
    by = None if is_rule else owner(cast)
    for _ in range(2):
        VERBS[event](talk, by, agent(cast))
    lines = [each for each in talk.messages_after() if each.kind == "event"]
    assert [each.body for each in lines] == [event]
    assert lines[0].author == ("system" if is_rule else "member")
    assert lines[0].user_id == (by.id if by else None)
    assert not lines[0].is_for_visitor


def test_it_wakes_at_its_time_once_and_unread(talk, cast):
    until = now() + SOON
    snoozing.snooze(talk, owner(cast), until)
    reading.mark_read(talk, owner(cast), talk.position)
    assert (talk.status, talk.snoozed_until, talk.state) == ("snoozed", until, "assistant")
    for _ in range(2):
        snoozing.wake_at(talk.id, until.isoformat())
    assert (talk.status, talk.snoozed_until, talk.snoozed_by) == ("open", None, None)
    assert events(talk) == ["snoozed", "woken"]
    assert talk.incoming_position == talk.position


def test_a_changed_snooze_is_not_ended_by_the_first_ones_alarm(talk, cast):
    first, second = now() + SOON, now() + 2 * SOON
    snoozing.snooze(talk, owner(cast), first)
    snoozing.snooze(talk, owner(cast), second)
    snoozing.wake_at(talk.id, first.isoformat())
    assert talk.snoozed_until == second
    snoozing.wake_at(talk.id, second.isoformat())
    assert talk.status == "open"


def test_an_alarm_leaves_one_that_waits_for_the_visitor(talk, cast):
    snoozing.snooze(talk, owner(cast), None)
    snoozing.wake_at(talk.id, now().isoformat())
    assert talk.status == "snoozed"


def test_the_visitor_wakes_it_and_a_members_reply_does_not(talk, cast):
    assigning.assign(talk, owner(cast), owner(cast))
    snoozing.snooze(talk, owner(cast), now() + SOON)
    services.reply(talk, owner(cast), "We look into it.", "key")
    assert talk.status == "snoozed"
    writes(talk)
    assert (talk.status, talk.snoozed_until) == ("open", None)
    assert events(talk)[-1] == "woken"
    assert talk.messages_after()[-1].kind == "incoming"


def test_a_call_for_a_person_wakes_it(talk, cast):
    snoozing.snooze(talk, owner(cast), None)
    services.request_person(talk)
    assert (talk.status, talk.state) == ("open", "waiting")


def test_resolving_and_taking_over_end_a_snooze(talk, cast):
    snoozing.snooze(talk, owner(cast), now() + SOON)
    services.take_over(talk, owner(cast))
    assert talk.status == "open"
    snoozing.snooze(talk, owner(cast), now() + SOON)
    services.resolve(talk, owner(cast))
    assert (talk.status, talk.snoozed_until, talk.snoozed_by) == ("resolved", None, None)
    with pytest.raises(Conflict):
        snoozing.snooze(talk, owner(cast), None)


@pytest.mark.parametrize("after", [timedelta(0), timedelta(minutes=-1), timedelta(days=400)])
def test_a_time_that_passed_or_is_far_away_is_refused(talk, cast, after):
    with pytest.raises(Invalid):
        snoozing.snooze(talk, owner(cast), now() + after)
    assert talk.status == "open"


def test_who_is_assigned_has_it_and_the_assistant_is_silent(talk, cast):
    services.resolve(talk, owner(cast))
    assigning.assign(talk, owner(cast), agent(cast))
    assert (talk.status, talk.state, talk.assignee_id) == ("open", "person", cast.agent.id)
    line = talk.messages_after()[-1]
    assert line.content == {"user_id": cast.agent.id, "name": "Agent"}
    assigning.assign(talk, owner(cast), None)
    assert (talk.state, talk.assignee_id) == ("assistant", None)
    assert talk.answered_position == talk.position - 1


def test_oneself_is_taking_over(talk, cast):
    assigning.assign(talk, owner(cast), owner(cast))
    assert events(talk) == ["taken_over"]


def test_a_hand_off_goes_on_until_the_assigned_one_answers(talk, cast):
    services.request_person(talk)
    db.session.add(HandOff(conversation_id=talk.id, reason="asked"))
    assigning.assign(talk, owner(cast), agent(cast))
    assert HandOff.open_of(talk.id) is not None
    assigning.assign(talk, owner(cast), None)
    assert talk.state == "waiting"  # and not the assistant's: the visitor was promised a person
    assigning.assign(talk, owner(cast), agent(cast))
    services.reply(talk, agent(cast), "Hello", "key")
    ended = HandOff.latest_of(talk.id)
    assert (ended.outcome, ended.answered_by) == ("answered", cast.agent.id)
    assert ended.answered_at is not None


def test_only_members_who_may_answer_can_be_chosen(talk, cast):
    assert {each.id for each in assigning.candidates()} == {cast.owner.id, cast.agent.id}
    for person in (cast.viewer, cast.accountant, cast.neighbour):
        with pytest.raises(Invalid):
            assigning.candidate(person.id)


def test_a_tag_is_one_whatever_its_case_and_goes_again(talk, cast):
    tagging.add(talk, owner(cast), "VIP")
    tagging.add(talk, owner(cast), "  vip ")
    tag_id = db.session.query(ConversationTag.tag_id).filter_by(conversation_id=talk.id).scalar()
    for _ in range(2):
        tagging.remove(talk, owner(cast), tag_id)
    tagging.remove(talk, owner(cast), "never there")
    assert events(talk) == ["tagged", "untagged"]


@pytest.mark.parametrize("name", ["", "  ", "x" * 41, 999_999])
def test_what_is_no_tag_is_refused(talk, cast, name):
    with pytest.raises(Invalid):
        tagging.add(talk, owner(cast), name)


def test_there_is_an_end_to_tags(talk, cast):
    for number in range(tagging.MOST):
        tagging.add(talk, None, f"tag {number}")
    with pytest.raises(Invalid):
        tagging.add(talk, None, "one more")


def test_a_priority_that_is_none_is_refused(talk, cast):
    with pytest.raises(Invalid):
        priorities.change(talk, owner(cast), 4)
    assert talk.priority == 0
