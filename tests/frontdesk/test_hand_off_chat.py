"""A hand-off as the visitor meets it in the chat, from asking for a person to the callback."""

import pytest

from app.businesses import hours
from app.frontdesk import hand_off_settings
from app.frontdesk.hand_off_clock import LEAVE_MESSAGE
from app.lib.hours import Range
from tests.standins import claude as stand_in
from tests.widget.conftest import Visitor

PHONE = "020 7946 0018"


@pytest.fixture
def visitor(app, cast, clock, inside):
    with inside():
        hours.change_zone("Europe/London")
    return Visitor(app.test_client(), cast.website_key)


def test_from_asking_to_the_callback(visitor, clock, mailbox, login, cast):
    visitor.say("Can I bring a plant back?", "k1")
    clock.run_jobs()
    visitor.post("/hand-off")
    assert (
        "You asked for a person. Somebody will answer as soon as they are free." in visitor.sees()
    )
    clock.at(10)
    seen = visitor.sees()
    assert "The AI assistant answers again." in seen
    assert "nobody from the team could come" in seen
    assert 'data-state="assistant"' in seen
    visitor.say(f"Anna Ruiz, {PHONE}", "k2")
    clock.run_jobs()
    assert "Thank you, Anna Ruiz. When does it suit you best?" in visitor.sees()
    visitor.say("tomorrow afternoon", "k3")
    clock.run_jobs()
    assert f"The team will call {PHONE} (tomorrow afternoon)." in visitor.sees()
    clock.at(13)
    assert "Anna Ruiz would like to be called back" in mailbox.subjects
    assert "Anna Ruiz" in login(cast.agent).get(f"/b/{cast.slug}/callbacks/").text


def test_in_words_it_is_the_same_hand_off(visitor, clock):
    visitor.say("Can I talk to a real person please?")
    clock.run_jobs()
    clock.at(10)
    assert "nobody from the team could come" in visitor.sees()


def test_a_question_after_nobody_came_is_answered(visitor, clock, inside, run_jobs):
    from app.knowledge import services as knowledge

    with inside():
        knowledge.add_question("Are dogs allowed?", "Dogs on a lead are welcome.", None)
    run_jobs()
    visitor.post("/hand-off")
    clock.at(10)
    visitor.say("Are dogs allowed?")
    clock.run_jobs()
    assert "Dogs on a lead are welcome." in visitor.sees()


def test_the_words_told_survive_a_reload_when_the_hours_change(visitor, clock, inside):
    visitor.post("/hand-off")
    told = "Somebody will answer as soon as they are free."
    assert told in visitor.sees()
    with inside():
        hours.change_week({6: (Range(9 * 60, 12 * 60),)})
    assert told in visitor.sees()


def test_a_member_who_comes_in_time_is_all_there_is(visitor, clock, mailbox, login, cast):
    visitor.post("/hand-off")
    client = login(cast.agent)
    badge = client.get(f"/b/{cast.slug}/inbox/badge").text
    path = badge[badge.index("/inbox/", badge.index('id="waiting"')) :].split("?")[0]
    client.post(f"/b/{cast.slug}{path}/messages",
                data={"kind": "reply", "body": "Hello, Ana here.", "client_key": "m1"})  # fmt: skip
    clock.at(3)
    clock.at(10)
    assert mailbox.mails == []
    seen = visitor.sees()
    assert "Hello, Ana here." in seen
    assert "nobody from the team" not in seen


def test_closed_the_model_s_hand_off_takes_one_callback(visitor, clock, inside, with_claude):
    with inside():
        hours.change_week({6: (Range(9 * 60, 12 * 60),)})
        hand_off_settings.change([], 10, [], "take_message")
    with_claude.script = [
        {"blocks": [stand_in.calls("hand_off", reason="upset", summary="A pot arrived broken.")]}
    ]
    visitor.say("My pot arrived in pieces.")
    clock.run_jobs()
    seen = visitor.sees()
    assert seen.count(LEAVE_MESSAGE.partition(":")[0]) == 1
    assert "We are closed now and open again on Sunday at 9:00." in seen
    assert 'data-state="assistant"' in seen
    visitor.post("/hand-off")
    assert visitor.sees().count("You asked for a person.") == 1
