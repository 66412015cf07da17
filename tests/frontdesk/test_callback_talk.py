"""A callback in the chat's own words: how to reach the visitor, a name, a time; or another question."""

from datetime import timedelta

import pytest

from app.businesses import hours
from app.conversations import callbacks, services
from app.core.errors import Invalid
from app.frontdesk import callback_talk
from tests.frontdesk.conftest import Waiting

PHONE = "+442079460018"


@pytest.fixture
def left(waiting, clock, inside):
    """A visitor to whom nobody came, at a business in London."""
    with inside():
        hours.change_zone("Europe/London")
    clock.at(10)
    return waiting


def says(talk, text):
    """True when it belonged to the callback."""
    talk.visitor_says(text)
    with talk.work():
        row = talk.row().lock()
        unanswered = row.unanswered()
        text = "\n".join(each.body for each in unanswered)
        taken = callback_talk.take_up(row, text, unanswered[-1])
        row.answered_position = row.position
        return taken


def test_everything_in_one_line(left):
    assert says(left, "Anna Ruiz, 020 7946 0018, tomorrow after 5 pm")
    (callback,) = left.callbacks()
    assert (callback.name, callback.phone, callback.suits) == (
        "Anna Ruiz", PHONE, "tomorrow after 5 pm",
    )  # fmt: skip
    assert callback.hand_off_id == left.hand_off().id
    assert left.last_words() == (
        "Thank you, Anna Ruiz. The team will call 020 7946 0018 (tomorrow after 5 pm)."
    )


def test_one_after_the_other(left):
    assert says(left, "anna@example.com")
    assert left.last_words().endswith("I’ve noted anna@example.com. What name should they ask for?")
    assert says(left, "Anna")
    assert left.last_words() == "Thank you, Anna. When does it suit you best?"
    assert says(left, "whenever")
    assert (
        left.last_words() == "Thank you, Anna. The team will write to anna@example.com (whenever)."
    )
    assert [(c.name, c.email, c.suits) for c in left.callbacks()] == [
        ("Anna", "anna@example.com", "whenever")
    ]
    assert not says(left, "thanks")


def test_what_is_not_said_is_not_asked_twice(left):
    says(left, "020 7946 0018")
    assert says(left, "skip")
    assert says(left, "no")
    assert left.last_words() == "Thank you. The team will call 020 7946 0018."


def test_the_number_counts_from_the_first_line_on(left):
    says(left, "020 7946 0018")
    assert [each.phone for each in left.callbacks()] == [PHONE]


@pytest.mark.parametrize(
    ("text", "told"),
    [("my number is 020 7946 00", "Which country"), ("it’s anna@example", "no e-mail address")],
)
def test_a_wrong_number_or_address_is_asked_for_again(left, text, told):
    assert says(left, text)
    assert told in left.last_words()
    assert left.callbacks() == []
    assert says(left, "sorry, +44 20 7946 0018")
    assert len(left.callbacks()) == 1


def test_another_question_goes_to_the_assistant(left):
    assert not says(left, "Do you deliver on Fridays?")
    says(left, "020 7946 0018")
    assert not says(left, "What does it cost?")
    assert not says(left, "I want to talk to a person")
    assert len(left.callbacks()) == 1


def test_after_another_question_the_number_still_counts(left):
    says(left, "Do you deliver on Fridays?")
    assert says(left, "Fine. My name is Anna, 020 7946 0018")
    assert left.callbacks()[0].name == "Anna"


@pytest.mark.parametrize(
    ("said", "back", "then", "suits"),
    [
        ("yesterday at 9", "That time has passed already. When does it suit you best?", "tomorrow at 9", "tomorrow at 9"),
        ("at 9", "On which day?", "tomorrow", "tomorrow, at 9"),
        ("um 9 Uhr", "On which day?", "yesterday", "yesterday, um 9 Uhr"),  # asked once
    ],
)  # fmt: skip
def test_a_time_that_cannot_be_kept_is_asked_back_once(left, said, back, then, suits):
    assert says(left, f"Anna Ruiz, 020 7946 0018, {said}")
    assert left.last_words() == f"Thank you, Anna Ruiz. {back}"
    assert says(left, then)
    assert left.last_words().endswith(f"The team will call 020 7946 0018 ({suits}).")
    assert [each.suits for each in left.callbacks()] == [suits]


def test_a_second_number_replaces_a_wrong_one(left):
    says(left, "020 7946 0018")
    says(left, "no wait, 020 7946 0019")
    assert [each.phone for each in left.callbacks()] == ["+442079460019"]


def test_nobody_who_was_not_left_waiting_is_taken_for_a_callback(app, cast, clock):
    talk = Waiting(app, cast, "Hi")
    assert not says(talk, "my order is under 020 7946 0018")
    assert talk.callbacks() == []


def test_once_a_member_came_it_is_over(left, cast):
    left.do(services.reply, cast.owner, "Here!", "k")
    left.do(services.resolve, cast.owner)
    left.visitor_says("hi again")
    assert not says(left, "Thanks, that helped")


def test_the_owner_is_mailed_with_what_followed(left, clock, mailbox, cast):
    says(left, "020 7946 0018")
    clock.at(11)
    assert mailbox.mails == []
    says(left, "Anna")
    clock.at(12)
    (mail,) = mailbox.mails
    assert mail["To"] == cast.owner.email
    assert mail["Subject"] == "Anna would like to be called back"
    assert PHONE in mail.get_body(("plain",)).get_content()


def test_what_was_done_before_the_mail_went_is_not_mailed(left, clock, mailbox, cast):
    says(left, "020 7946 0018")
    with left.work():
        from app.accounts.models import User
        from app.extensions import db

        callbacks.finish(
            db.session.merge(left.callbacks()[0]), db.session.get_one(User, cast.owner.id)
        )
    clock.at(15)
    assert mailbox.mails == []


def test_left_twice_it_is_one(left, clock):
    with left.work():
        for message in ("Call me", "Call me", "About roses"):
            callbacks.leave(left.row(), phone=PHONE, message=message)
        callbacks.leave(left.row(), phone=PHONE, email="anna@example.com", name="Anna")
    (callback,) = left.callbacks()
    assert (callback.message, callback.email, callback.name) == (
        "Call me\nAbout roses", "anna@example.com", "Anna",
    )  # fmt: skip


def test_without_a_way_to_reach_them_it_is_refused(left):
    with left.work(), pytest.raises(Invalid, match="number or an e-mail"):
        callbacks.leave(left.row(), name="Anna")


def test_the_preview_mails_nobody(app, cast, clock, mailbox):
    talk = Waiting(app, cast, "Person please", key="preview")
    talk.ask_for_person()
    clock.at(10)
    assert says(talk, "anna@example.com")
    clock.travel.shift(timedelta(minutes=30))
    clock.run_jobs()
    assert mailbox.mails == []
