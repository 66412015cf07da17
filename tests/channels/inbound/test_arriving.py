"""What people send, as it stands in the inbox and is answered."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.assistant.models import AssistantSettings
from app.channels.border import Address, Edited, Nothing, Person, Preference, Reaction, Revoked
from app.channels.content import (
    Card,
    Cards,
    Choice,
    Location,
    Media,
    Order,
    OrderLine,
    Unreadable,
    Words,
)  # fmt: skip
from app.channels.models import Consent, Delivery
from app.contacts.models import Visitor
from app.conversations import services
from app.conversations.models import Conversation, HandOff
from app.core.db import now
from app.extensions import db
from app.frontdesk import handing_off
from app.frontdesk.telling import CALLED, CANNOT_READ, OFFER
from app.knowledge import answering
from app.knowledge import services as knowledge
from tests.channels.inbound.heard import MAYA, START, words
from tests.channels.inbound.heard import words as wrote

DOGS = "Dogs on a lead are welcome everywhere but the café."
LOCATION = Location(latitude=51.5, longitude=-0.1, name="Ashcombe Mill")
ORDER = Order(lines=[OrderLine(product="rose-1", quantity=2)], text="By Friday please")
PICTURE = Media(kind="image")


@pytest.fixture
def taught(inside, run_jobs):
    with inside():
        knowledge.add_question("Are dogs allowed?", DOGS, None)
        settings = AssistantSettings.current()
        settings.burst_seconds = 0
        db.session.add(settings)
    run_jobs()


def spoken(phone):
    """What went to the person."""
    return phone.look(
        lambda row: [each.body for each in row.messages_after() if each.kind == "outgoing"]
    )


def visitor(phone, read):
    return phone.look(lambda row: read(row.visitor))


@pytest.mark.parametrize(
    ("content", "body"),
    [
        (Words(body="Hello"), "Hello"),
        (Media(kind="image", caption="This one?"), "This one?"),
        (Media(kind="document", name="offer.pdf"), "offer.pdf"),
        (Media(kind="audio", is_voice=True), "Voice message"),
        (LOCATION, "Location: Ashcombe Mill"),
        (Cards(cards=[Card(name="Jo", phones=["+4470"])]), "Contact: Jo, +4470"),
        (Choice(id="b1", title="Yes please"), "Yes please"),
        (ORDER, "Order: 2 × rose-1\nBy Friday please"),
        (Unreadable(what="poll"), "A message that can’t be shown here"),
    ],
)
def test_every_type_is_kept(phone, content, body):
    key = phone.says("", content=content)
    message = phone.message(key)
    assert (message.kind, message.author, message.body) == ("incoming", "visitor", body)
    assert message.sent_at == START
    kept = message.content["type"] if message.content else "text"
    assert kept == content.type


def test_once_whatever_is_told_twice(phone):
    key = phone.says("Hello")
    phone.says("Hello", external_id=key)
    assert phone.lines() == [("visitor", "Hello")]


def test_an_id_that_is_longer_than_a_key(phone):
    long = "wamid." + "x" * 200
    phone.says("Hello", external_id=long)
    phone.says("Hello", external_id=long)
    assert phone.lines() == [("visitor", "Hello")]


def test_what_is_odd_in_words_is_left_out(phone):
    phone.says("Hel\u0007lo\u200b" + "a" * 20_000)
    assert len(phone.lines()[0][1]) == services.MAX_REPLY_CHARACTERS
    assert phone.lines()[0][1].startswith("Helloa")


def test_a_resolved_conversation_goes_on(phone, cast):
    phone.says("Hello")
    with phone.inside():
        row = db.session.scalars(select(Conversation)).one()
        row.status, row.resolved_at = "resolved", now()
    phone.says("Me again", at=60)
    assert phone.look(lambda row: row.status) == "open"
    assert [body for _, body in phone.lines()] == ["Hello", "reopened", "Me again"]


def test_the_window_only_moves_forward(phone):
    phone.says("Late", at=100)
    phone.says("Early", at=10)
    until = START + timedelta(hours=24, seconds=100)
    assert visitor(phone, lambda each: each.window_until) == until
    phone.hears(Reaction(MAYA, "nothing-known", "👍", START + timedelta(hours=1)))
    assert visitor(phone, lambda each: each.window_until) == until


def test_the_advertisement_that_led_here(phone):
    phone.says("Is this still on?", lead={"source_id": "7", "ctwa_clid": "c"})
    phone.says("Hello?", lead={"source_id": "8"}, at=1)
    assert visitor(phone, lambda each: each.lead_source) == {"source_id": "7", "ctwa_clid": "c"}


def test_what_a_message_quotes(phone):
    first = phone.says("Roses?")
    second = phone.says("These I mean", reply_to=first, at=2)
    assert phone.message(second).reply_to_id == phone.message(first).id
    third = phone.says("Those", reply_to="never-heard-of", at=3)
    assert phone.message(third).reply_to_id is None


# --- Answered


def test_a_question_is_answered(phone, taught, run_jobs):
    phone.says("Are dogs allowed?")
    run_jobs()
    assert any(DOGS in each for each in spoken(phone))
    with phone.inside():
        assert len(list(db.session.scalars(select(Delivery)))) == 1


def test_a_burst_is_one_answer_in_the_order_of_writing(phone, taught, run_jobs, monkeypatch):
    from app.frontdesk import turns

    asked = []
    real = turns.drafting.draft
    monkeypatch.setattr(
        turns.drafting, "draft", lambda each, say: (asked.append(each.question), real(each, say))[1]
    )
    phone.says("allowed?", at=5)
    phone.says("Are dogs", at=1)
    run_jobs()
    assert "Are dogs\nallowed?" in asked
    assert len(spoken(phone)) == 1
    assert phone.look(lambda row: row.unanswered()) == []


def test_the_edited_words_are_answered(phone, taught, run_jobs):
    key = phone.says("Are cats allowed?")
    phone.hears(Edited(key, Words(body="Are dogs allowed?"), START + timedelta(seconds=3)), at=3)
    assert phone.message(key).edited_at
    run_jobs()
    assert any(DOGS in each for each in spoken(phone))


def test_of_two_edits_the_newest_counts(phone):
    key = phone.says("one")
    phone.hears(Edited(key, Words(body="three"), START + timedelta(seconds=9)))
    phone.hears(Edited(key, Words(body="two"), START + timedelta(seconds=5)))
    assert phone.message(key).body == "three"
    assert phone.look(lambda row: row.last_text) == "three"


def test_what_was_taken_back_is_not_answered(phone, taught, run_jobs):
    key = phone.says("Are dogs allowed?")
    phone.hears(Revoked(key, START), at=1)
    phone.hears(Edited(key, Words(body="Again"), START + timedelta(seconds=9)), at=9)
    run_jobs()
    message = phone.message(key)
    assert (message.body, message.content, bool(message.revoked_at)) == ("", None, True)
    assert spoken(phone) == []


def test_reactions_are_set_changed_and_taken_back(phone):
    key = phone.says("Thanks")
    for at, emoji in ((1, "👍"), (3, "❤️"), (2, "😮")):
        phone.hears(Reaction(MAYA, key, emoji, START + timedelta(seconds=at)))
    assert [each["emoji"] for each in phone.message(key).reactions] == ["❤️"]
    phone.hears(Reaction(MAYA, key, "", START + timedelta(seconds=9)))
    assert phone.message(key).reactions == []


def test_a_reaction_to_ours(phone, taught, run_jobs):
    phone.says("Are dogs allowed?")
    run_jobs()
    with phone.inside():
        db.session.execute(update(Delivery).values(provider_id="ours-1"))
    phone.hears(Reaction(MAYA, "ours-1", "👍", START))
    reactions = phone.look(
        lambda row: [each.reactions for each in row.messages_after() if each.kind == "outgoing"]
    )
    assert reactions[0][0]["emoji"] == "👍"


def test_what_cannot_be_read_is_said_once_a_day(phone, run_jobs):
    phone.says("", content=Unreadable(what="poll"))
    phone.says("", content=Unreadable(what="poll"), at=1)
    run_jobs()
    assert spoken(phone) == [CANNOT_READ["en"]]


def test_in_the_person_s_language(phone):
    phone.says(
        "Ich möchte wissen, ob Sie am Samstag geöffnet haben und ob die Kinder auch mitkommen können."
    )
    phone.says("", content=Unreadable(), at=1)
    assert spoken(phone) == [CANNOT_READ["de"]]


def test_a_picture_alone_is_for_a_person(phone, taught, run_jobs):
    phone.says("", content=PICTURE)
    run_jobs()
    assert phone.look(lambda row: row.state) == "waiting"
    assert len(spoken(phone)) == 1
    assert spoken(phone)[0].startswith(CALLED)


def test_a_picture_with_words_is_answered(phone, taught, run_jobs):
    phone.says("", content=PICTURE)
    phone.says("Are dogs allowed?", at=2)
    run_jobs()
    assert phone.look(lambda row: row.state) == "assistant"
    assert any(DOGS in each for each in spoken(phone))


def test_a_sticker_wants_nothing(phone, taught, run_jobs):
    phone.says("", content=Media(kind="sticker"))
    run_jobs()
    assert (spoken(phone), phone.look(lambda row: row.unanswered())) == ([], [])


def test_an_automatic_message_is_seen_and_not_answered(phone, taught, run_jobs):
    phone.says("Are dogs allowed? I am out of office.", is_automatic=True)
    run_jobs()
    assert spoken(phone) == []
    assert phone.look(lambda row: row.incoming_position) == 1


# --- Consent and blocks


def test_stop_is_confirmed_and_not_answered(phone, taught, run_jobs):
    phone.says("STOP")
    run_jobs()
    assert len(spoken(phone)) == 1
    with phone.inside():
        assert {each.state for each in db.session.scalars(select(Consent))} == {"out"}
    assert phone.look(lambda row: row.unanswered()) == []


def test_a_question_before_stop_is_answered_without_it(phone):
    phone.says("Are dogs allowed?")
    phone.says("STOP", at=1)
    phone.says("Fine, a question", at=2, is_automatic=True)
    phone.says("", content=Unreadable(), at=3)
    assert phone.look(lambda row: [m.body for m in row.unanswered()]) == ["Are dogs allowed?"]


def test_a_preference_that_the_provider_was_told(phone):
    phone.hears(Preference(MAYA, "marketing", "out", START, {"said": "menu"}))
    with phone.inside():
        assert {each.basis for each in db.session.scalars(select(Consent))} == {"preference"}


def test_from_somebody_blocked(phone, taught, run_jobs):
    phone.says("Hello")
    with phone.inside():
        db.session.execute(update(Visitor).values(blocked_at=now()))
        row = db.session.scalars(select(Conversation)).one()
        row.status, row.resolved_at = "resolved", now()
    phone.says("Are dogs allowed?", at=1)
    run_jobs()
    assert spoken(phone) == []
    assert [body for _, body in phone.lines()] == ["Hello", "Are dogs allowed?"]
    assert phone.look(lambda row: (row.status, row.incoming_position)) == ("resolved", 1)


# --- From the owner's own phone


def test_an_echo_is_a_person_s_reply(phone, taught, run_jobs):
    phone.says("Are dogs allowed?")
    key = phone.says("Yes, of course", at=5, is_echo=True)
    run_jobs()
    message = phone.message(key)
    assert (message.kind, message.author, message.user_id) == ("outgoing", "member", None)
    assert spoken(phone) == ["Yes, of course"]
    assert phone.look(lambda row: row.is_handed_off)
    with phone.inside():
        assert list(db.session.scalars(select(Delivery))) == []
    assert phone.lines()[-1] == ("member", "answered_outside")


def test_an_echo_ends_the_wait_for_a_person(phone, taught, run_jobs):
    phone.says("I want to talk to a person")
    run_jobs()
    phone.says("Here I am", at=60, is_echo=True)
    with phone.inside():
        hand_off = db.session.scalars(select(HandOff)).one()
        assert (hand_off.outcome, bool(hand_off.answered_at)) == ("answered", True)


def test_an_echo_to_somebody_who_never_wrote(phone):
    phone.says("Your order is ready", is_echo=True)
    assert spoken(phone) == ["Your order is ready"]
    assert visitor(phone, lambda each: each.window_until) is None


# --- What a visitor is told in words, as no page shows it


def test_who_asks_for_a_person_is_told_in_one_message(phone, taught, run_jobs):
    phone.says("I want to talk to a person please")
    run_jobs()
    assert len(spoken(phone)) == 1
    assert spoken(phone)[0].startswith(CALLED)
    assert len(spoken(phone)[0]) > len(CALLED) + 10


def test_an_answer_that_calls_a_person_says_so_itself(phone, taught, run_jobs):
    for at, text in enumerate(("Blurgh zzyzx quux?", "Frobnicate the wibble?")):
        phone.says(text, at=at)
        run_jobs()
    assert phone.look(lambda row: row.state) == "waiting"
    assert len(spoken(phone)) == 2
    assert "a person to help you here" in spoken(phone)[1]
    assert "\n\n" in spoken(phone)[1]


def test_an_answer_that_is_not_sure_offers_a_person(phone, taught, run_jobs, monkeypatch):
    monkeypatch.setattr(answering, "own_threshold", lambda: 1.01)
    phone.says("Are dogs welcome?", at=0)
    run_jobs()
    assert answering.NOT_SURE in spoken(phone)[0]
    assert spoken(phone)[0].endswith(OFFER)
    phone.says("Person", at=1)
    run_jobs()
    assert phone.look(lambda row: row.is_handed_off)


def test_a_yes_to_the_first_answer_calls_a_person(phone, taught, run_jobs):
    phone.says("Blurgh zzyzx quux?", at=0)
    run_jobs()
    phone.says("Yes please", at=1)
    run_jobs()
    assert phone.look(lambda row: row.is_handed_off)


def test_out_of_hours_the_call_and_the_message_are_one(phone, taught, run_jobs, monkeypatch):
    from app.frontdesk import expecting

    with phone.inside():
        AssistantSettings.current().out_of_hours = "take_message"
    closed = expecting.Wait("We are closed now.", None, None, is_closed=True)
    monkeypatch.setattr(expecting, "wait", lambda: closed)
    phone.says("I want to talk to a person please")
    run_jobs()
    assert len(spoken(phone)) == 1
    assert spoken(phone)[0].startswith("We are closed now. The team can call")
    phone.says("Call me on +44 7700 900123", at=60)
    run_jobs()
    assert spoken(phone)[-1].startswith("Thank you")


def test_resolved_says_nothing(phone, cast, taught):
    from app.accounts.models import User

    phone.says("Hello")
    with phone.inside():
        row = db.session.scalars(select(Conversation)).one()
        services.resolve(row, db.session.get_one(User, cast.owner.id))
        handing_off.summary(row)
    assert spoken(phone) == []


def test_a_person_without_any_address_is_a_failure_of_that_update(phone):
    row_id = phone.tells(wrote("Hello", by=Person(())))
    phone.work_off()
    assert "nobody" in phone.row(row_id).error


def test_nothing_comes_of_nothing(phone):
    row_id = phone.tells(Nothing("somebody opened the chat"))
    phone.work_off()
    assert phone.row(row_id).done_at


def test_a_number_alone_and_a_user_id_alone(phone):
    by = Person((Address("user", "GB.77"),), "@maya")
    phone.hears(words("Hi", by=by))
    assert visitor(phone, lambda each: each.display_name) == "Visitor " + str(
        visitor(phone, lambda each: each.id)
    )
