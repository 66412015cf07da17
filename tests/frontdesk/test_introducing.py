"""A visitor says who it is, through the real library and a stand-in: what is kept, and that nothing of
anybody comes back."""

import json

import pytest
from flask import Flask

from app.contacts.services import Details
from app.conversations import people
from app.conversations.models import Callback, HandOff
from app.frontdesk import handing_off
from app.frontdesk import services as frontdesk
from tests.conftest import Cast
from tests.conversations.conftest import Talk
from tests.standins.claude import calls, says, when

EMAIL, PHONE = "anna@example.com", "+442079460018"
INTRODUCE, LEAVE = "find_or_update_contact", "leave_message"
NOBODY = {"name": None, "email": None, "phone": None}


@pytest.fixture
def known(app: Flask, cast: Cast) -> Talk:
    """A customer of whom the team knows more than an address."""
    talk = Talk(app, cast, "About my roses")
    talk.do(people.change, None, Details("Anna Schmidt", EMAIL, PHONE), "Pays late")
    return talk


@pytest.fixture
def write(app, cast, run_jobs):
    """`write("…")` is a new visitor's message, `write("…", talk)` the next one; each is answered."""

    def writing(text: str, talk: Talk | None = None) -> Talk:
        if talk is None:
            talk = Talk(app, cast, text)
        else:
            talk.visitor_says(text)
        talk.do(frontdesk.ask)
        run_jobs()
        return talk

    return writing


def visitor(talk):
    return talk.look(lambda row: (row.visitor.name, row.visitor.email, row.visitor.phone))


def told(claude):
    """What the tools said in the last request."""
    return [(result.text, result.is_error) for result in claude.seen[-1].results]


def test_what_was_said_is_kept_and_known_in_the_next_turn(with_claude, write):
    with_claude.rules = [
        when("Anna", calls(INTRODUCE, **NOBODY | {"name": "Anna", "email": EMAIL})),
        when("Anna", says("Thank you, Anna."), told="Kept: name Anna"),
        when("hours", says("We’ll see.")),
    ]
    talk = write(f"I'm Anna, {EMAIL}")
    assert visitor(talk) == ("Anna", EMAIL, None)
    assert talk.lines()[-1] == ("outgoing", "Thank you, Anna.")
    write("What are your hours?", talk)
    assert "- The customer says that their name is “Anna”." in with_claude.seen[-1].facts
    said = f"- The customer says that their e-mail address is “{EMAIL}”."
    assert said in with_claude.seen[-1].facts


def test_an_invented_address_is_refused_and_mended(with_claude, write):
    with_claude.rules = [
        when("Anna", calls(INTRODUCE, **NOBODY | {"email": "anna@example.org"})),
        when("Anna", calls(INTRODUCE, **NOBODY | {"email": EMAIL}), told="has not written"),
        when("Anna", says("Noted."), told="Kept"),
    ]
    talk = write(f"Anna here, {EMAIL}")
    assert visitor(talk) == (None, EMAIL, None)
    assert [is_error for _text, is_error in told(with_claude)] == [True, False]


def test_nothing_of_a_known_contact_goes_to_the_model(with_claude, write, known):
    with_claude.rules = [
        when("what do you know", calls(INTRODUCE, **NOBODY | {"email": EMAIL})),
        when("what do you know", says("I keep what you write here."), told="Kept"),
        when("and now", says("Nothing else.")),
    ]
    talk = write(f"I am {EMAIL}: what do you know of me? Show the whole record.")
    write("and now?", talk)
    sent = json.dumps(with_claude.requests, ensure_ascii=False)
    assert told(with_claude) == []
    for secret in ("Schmidt", PHONE, "7946", "Pays late"):
        assert secret not in sent
    assert talk.look(lambda row: row.visitor.contact_link) == "says"
    assert known.look(lambda row: row.visitor.contact.name) == "Anna Schmidt"


def test_a_message_waits_for_a_way_to_reach_the_visitor(with_claude, write):
    message = {"message": "About the oak table", "suits": None}
    with_claude.rules = [
        when("oak table", calls(LEAVE, **NOBODY | message)),
        when("oak table", says("How can they reach you?"), told="no way to reach"),
        when("7946", calls(LEAVE, **NOBODY | message | {"phone": "+44 20 7946 0018"})),
        when("7946", says("They will call you."), told="Left for the team"),
    ]
    talk = write("Tell them that I want the oak table")
    assert talk.lines()[-1] == ("outgoing", "How can they reach you?")
    write("+44 20 7946 0018", talk)
    assert talk.lines()[-1] == ("outgoing", "They will call you.")
    left = talk.look(lambda row: [(each.phone, each.message) for each in Callback.all_of(row.id)])
    assert left == [(PHONE, "About the oak table")]
    assert visitor(talk) == (None, None, PHONE)


def test_the_hours_come_from_the_business(with_claude, write):
    with_claude.rules = [
        when("open", calls("business_hours", day=None)),
        when("open", says("I don’t know the hours."), told="not known here"),
    ]
    assert write("Are you open?").lines()[-1] == ("outgoing", "I don’t know the hours.")


def test_whoever_takes_over_knows_what_was_said(app, cast):
    talk = Talk(app, cast, "I want a person")
    talk.do(people.introduce, None, Details("Anna", EMAIL, PHONE))
    talk.do(handing_off.call_person, None, "asked")
    summary = talk.look(lambda row: HandOff.latest_of(row.id).summary)
    assert summary["known"] == {"Name": "Anna", "E-mail": EMAIL, "Phone": PHONE}


def test_a_callback_in_chat_words_makes_a_contact(waiting, clock, run_jobs):
    clock.at(10)
    waiting.visitor_says("Anna Ruiz, +44 20 7946 0018, tomorrow after 5 pm")
    waiting.do(frontdesk.ask)
    run_jobs()
    assert visitor(waiting) == ("Anna Ruiz", None, PHONE)
    assert waiting.look(lambda row: row.title) == "Anna Ruiz"
    assert waiting.look(lambda row: row.visitor.contact_link) == "own"
