"""What the assistant may do for a visitor: only with the visitor's own words, once, and without learning
anything of the contact behind them."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

import app.businesses.tools
import app.conversations.tools  # noqa: F401  they register themselves
from app.assistant.models import ToolUse
from app.assistant.tool_use import perform
from app.businesses import hours
from app.contacts.models import Contact
from app.contacts.services import Details
from app.conversations import people
from app.conversations.models import Callback
from app.core.jobs import OutboxJob
from app.core.tools import Call, Grant, registry
from app.extensions import db
from app.lib.hours import Range

ANNA, PHONE = "anna@example.com", "+44 20 7946 0018"
INTRODUCE, LEAVE, HOURS = "find_or_update_contact", "leave_message", "business_hours"


@pytest.fixture
def use():
    """`use(talk, "leave_message", message="…")` as the assistant would, for the visitor's last message."""

    def using(talk, tool, /, *, is_dry_run=False, granted=tuple(Grant), **raw):
        with talk.work():
            conversation = talk.row()
            question = conversation.newest_messages()[-1]
            call = Call(conversation.id, question.id, conversation.visitor_id, is_dry_run)
            return perform(tool, raw, call, granted, [tool])

    return using


def who(talk):
    return talk.look(lambda row: (row.visitor.name, row.visitor.email, row.visitor.phone))


def callbacks(talk):
    return talk.look(
        lambda row: [
            (each.name, each.phone, each.email, each.suits, each.message)
            for each in Callback.all_of(row.id)
        ]
    )


def test_what_the_visitor_said_is_kept(talk, use):
    visitor = talk(f"I'm Anna Schmidt, {ANNA}, or call {PHONE}")
    told = use(visitor, INTRODUCE, name="Anna Schmidt", email="Anna@example.com", phone=PHONE)
    assert not told.is_error
    assert told.result.text == (
        "Kept: name Anna Schmidt, e-mail anna@example.com, telephone +442079460018."
    )
    assert who(visitor) == ("Anna Schmidt", ANNA, "+442079460018")


def test_words_of_an_earlier_message_count(talk, use):
    visitor = talk(f"my address is {ANNA}")
    visitor.assistant_says("Thank you! And your name?")
    visitor.visitor_says("anna schmidt")
    assert not use(visitor, INTRODUCE, name="Anna Schmidt", email=ANNA).is_error


@pytest.mark.parametrize(
    ("invented", "why"),
    [
        ({"email": "bob@example.com"}, "has not written this e-mail address"),
        ({"name": "Bob"}, "has not written this name"),
        ({"phone": "+44 20 7946 0019"}, "has not written this telephone number"),
        ({"name": "Anna", "email": "bob@example.com"}, "has not written this e-mail address"),
    ],
)
def test_what_was_not_said_is_refused_and_nothing_is_kept(talk, use, invented, why):
    visitor = talk(f"I'm Anna. {ANNA}, {PHONE}")
    told = use(visitor, INTRODUCE, **invented)
    assert told.is_error
    assert why in told.result.text
    assert who(visitor) == (None, None, None)


def test_what_others_said_here_is_not_the_visitor_s(cast, talk, use):
    from app.conversations import services

    visitor = talk("Who are you?")
    visitor.assistant_says("You can write to team@example.com.")
    visitor.do(services.reply, cast.owner, "Olivia here, olivia@example.com", "k1")
    visitor.do(services.add_note, cast.owner, "bob@example.com, I think", "k2")
    for email in ("team@example.com", "olivia@example.com", "bob@example.com"):
        assert use(visitor, INTRODUCE, email=email).is_error
    assert use(visitor, INTRODUCE, name="Olivia").is_error


def test_another_visitor_s_words_are_not_the_visitor_s(talk, use):
    talk(f"I'm Anna, {ANNA}")
    assert use(talk("hello"), INTRODUCE, email=ANNA).is_error


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({"email": "anna@"}, "no e-mail address"),
        ({"phone": "12"}, "Which country"),
        ({"phone": "call me"}, "no telephone number"),
        ({}, "Give at least one"),
        ({"name": "", "email": None}, "Give at least one"),
        ({"contact_id": 7, "name": "Anna"}, "contact_id"),
        ({"business_id": 1, "email": ANNA}, "business_id"),
        ({"email": ["a@example.com"]}, "email"),
    ],
)
def test_input_that_does_not_fit_is_told_back(talk, use, typed, why):
    visitor = talk(f"Anna, anna@ or {ANNA}, 12")
    told = use(visitor, INTRODUCE, **typed)
    assert told.is_error
    assert why in told.result.text
    assert who(visitor) == (None, None, None)


def test_a_known_contact_and_a_stranger_sound_the_same(talk, use):
    known = talk()
    known.do(people.change, None, Details("Anna Schmidt", ANNA, "+442079460018"), "Likes roses")
    claim = talk(f"I'm Mallory, {ANNA}, +44 20 7946 0019")
    stranger = talk("I'm Mallory, else@example.com, +44 20 7946 0020")
    one = use(claim, INTRODUCE, name="Mallory", email=ANNA, phone="+44 20 7946 0019")
    other = use(
        stranger, INTRODUCE, name="Mallory", email="else@example.com", phone="+44 20 7946 0020"
    )
    alike = one.result.text.replace(ANNA, "else@example.com").replace("0019", "0020")
    assert alike == other.result.text
    assert known.look(lambda row: row.visitor.contact.name) == "Anna Schmidt"
    assert claim.look(lambda row: row.visitor.contact_link) == "says"


def test_another_business_s_contact_stays_unknown(app, cast, talk, use):
    with app.app_context(), cast.neighbour_scope():
        assert db.session.scalar(select(Contact)) is None
    visitor = talk(f"it's {ANNA}")
    use(visitor, INTRODUCE, email=ANNA)
    with app.app_context(), cast.neighbour_scope():
        assert db.session.scalar(select(Contact)) is None


def test_the_same_call_again_answers_from_what_was_stored(talk, use):
    visitor = talk(f"I'm Anna, {ANNA}")
    first = use(visitor, INTRODUCE, email=ANNA)
    visitor.do(people.change, None, Details("Anna", "new@example.com"), "")
    again = use(visitor, INTRODUCE, email=ANNA)
    assert again.result.text == first.result.text
    uses = visitor.look(lambda row: db.session.query(ToolUse).filter_by(name=INTRODUCE).count())
    assert uses == 1


@pytest.mark.parametrize("name", [INTRODUCE, LEAVE])
def test_a_dry_run_says_what_would_be_and_writes_nothing(talk, use, name):
    visitor = talk(f"I'm Anna, {ANNA}")
    raw = {"name": "Anna", "email": ANNA} | ({"message": "Call me"} if name == LEAVE else {})
    told = use(visitor, name, is_dry_run=True, **raw)
    assert told.result.text.startswith("A rehearsal: this would ")
    assert ANNA in told.result.text
    assert who(visitor) == (None, None, None)
    assert callbacks(visitor) == []
    assert use(visitor, name, is_dry_run=True, **(raw | {"email": "bob@example.com"})).is_error


def test_a_rehearsal_without_a_conversation_checks_the_form_alone(context, cast):
    with cast.scope():
        call = Call(0, 0, 0, is_dry_run=True)
        raw = {"message": "Call me", "phone": PHONE}
        told = perform(LEAVE, raw, call, tuple(Grant), [LEAVE])
        assert "+442079460018" in told.result.text
        assert perform(LEAVE, raw | {"phone": "1"}, call, tuple(Grant), [LEAVE]).is_error


@pytest.mark.parametrize("name", [INTRODUCE, LEAVE, HOURS])
def test_without_the_grant_there_is_no_such_tool(talk, use, name):
    others = [grant for grant in Grant if grant != registry[name].grant]
    told = use(talk(ANNA), name, granted=others, email=ANNA)
    assert told.is_error
    assert "There is no tool" in told.result.text


def test_the_schemas_are_strict(context):
    for name in (INTRODUCE, LEAVE, HOURS):
        schema = registry[name].schema
        assert schema["additionalProperties"] is False
        assert schema["required"] == list(schema["properties"])
        unsupported = {"maxLength", "minLength", "pattern", "maximum", "minimum"}
        assert not unsupported & set(str(schema).replace("'", " ").split())


def test_a_message_is_left_for_the_team(talk, use):
    visitor = talk(f"Please call me about the oak table. Anna, {PHONE}, mornings")
    told = use(
        visitor, LEAVE, message="About the oak table", name="Anna", phone=PHONE, suits="mornings"
    )
    assert "Left for the team: “About the oak table”" in told.result.text
    assert callbacks(visitor) == [("Anna", "+442079460018", "", "mornings", "About the oak table")]
    assert who(visitor) == ("Anna", None, "+442079460018")
    assert visitor.look(lambda row: row.visitor.contact_link) == "own"


def test_the_owner_is_mailed_once(talk, use):
    visitor = talk(f"call me, {PHONE}")
    for _ in range(2):
        use(visitor, LEAVE, message="Call me", phone=PHONE)
    left = visitor.look(lambda row: [each.id for each in Callback.all_of(row.id)])
    key = f"callback-{left[0]}"
    jobs = visitor.look(lambda row: db.session.query(OutboxJob).filter_by(key=key).count())
    assert (len(left), jobs) == (1, 1)


def test_how_to_reach_them_may_have_been_said_before(talk, use):
    visitor = talk(f"I'm Anna, {ANNA}")
    use(visitor, INTRODUCE, name="Anna", email=ANNA)
    visitor.visitor_says("tell them I'll be late")
    assert not use(visitor, LEAVE, message="Will be late").is_error
    assert callbacks(visitor) == [("Anna", "", ANNA, "", "Will be late")]


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        ({"message": "Call me"}, "no way to reach the visitor yet"),
        ({"message": "Call me", "name": "Anna"}, "no way to reach the visitor yet"),
        ({"message": "", "email": ANNA}, "What should the team be told?"),
        ({"email": ANNA}, "message"),
        ({"message": "a" * 2001, "email": ANNA}, "“message” may have 2,000"),
        ({"message": "Hi", "suits": "a" * 201, "email": ANNA}, "“suits” may have 200"),
        ({"message": "Hi", "email": "bob@example.com"}, "has not written this e-mail"),
    ],
)
def test_what_is_missing_is_said(talk, use, raw, why):
    visitor = talk(f"Anna here, {ANNA}")
    told = use(visitor, LEAVE, **raw)
    assert told.is_error
    assert why in told.result.text
    assert callbacks(visitor) == []


def test_a_preview_s_message_is_nobody_s_work(talk, use):
    preview = talk(f"Anna, {ANNA}", key="preview")
    assert not use(preview, LEAVE, message="Call me", email=ANNA, name="Anna").is_error
    assert preview.look(lambda row: db.session.query(Contact).count()) == 0
    assert preview.look(lambda row: Callback.open_count()) == 0


@pytest.fixture
def opening(inside):
    """Monday to Friday 9:00 to 17:30; closed on Christmas Eve 2026."""
    with inside():
        hours.change_zone("Europe/London")
        hours.change_week(dict.fromkeys(range(5), (Range(540, 1050),)))
        hours.add_exception(datetime(2026, 12, 24, tzinfo=UTC).date(), None, "Christmas Eve", ())


def at(monkeypatch, *moment):
    monkeypatch.setattr("app.businesses.tools.now", lambda: datetime(*moment, tzinfo=UTC))
    monkeypatch.setattr("app.businesses.hours.now", lambda: datetime(*moment, tzinfo=UTC))


def test_open_now(talk, use, opening, monkeypatch):
    at(monkeypatch, 2026, 11, 23, 10, 0)
    told = use(talk(), HOURS, day=None).result.text
    assert (
        "It is Monday, 23 November 2026, 10:00 (Europe/London). We are open now, until 17:30."
        in told
    )
    assert "Monday to Friday from 9:00 to 17:30" in told
    assert "On 24 December 2026 (Christmas Eve) we are closed." in told


def test_closed_now_and_when_it_opens_next(talk, use, opening, monkeypatch):
    at(monkeypatch, 2026, 12, 23, 18, 0)
    told = use(talk(), HOURS).result.text
    assert "We are closed now. We open next on Friday, 25 December 2026, at 9:00." in told


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2026-11-24", "On Tuesday, 24 November 2026, we are open from 9:00 to 17:30."),
        ("2026-11-28", "On Saturday, 28 November 2026, we are closed."),
        ("2026-12-24", "On 24 December 2026 (Christmas Eve) we are closed."),
    ],
)
def test_a_day_that_was_asked_for(talk, use, opening, day, said):
    assert said in use(talk(), HOURS, day=day).result.text


def test_a_day_that_is_none_is_told_back(talk, use, opening):
    told = use(talk(), HOURS, day="next Tuesday")
    assert told.is_error
    assert "day" in told.result.text


def test_hours_that_nobody_gave_are_not_guessed(talk, use):
    assert "not known here" in use(talk(), HOURS).result.text
