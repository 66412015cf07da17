"""What the assistant says where a message is words alone: on WhatsApp and by mail, as the person gets it."""

import re
from email.message import EmailMessage

import pytest
from sqlalchemy import select

from app.assistant.models import AssistantSettings
from app.contacts.models import Visitor
from app.conversations.models import HandOff
from app.core.unit_of_work import unit_of_work
from app.extensions import db
from app.frontdesk import racing
from app.knowledge.models import Document
from tests.channels.conftest import with_graph  # noqa: F401
from tests.channels.email.conftest import desk as mail_desk  # noqa: F401
from tests.knowledge.teaching import qa, teach
from tests.standins import claude as stand_in
from tests.standins.claude import says

FACT = "We deliver to Ashcombe on Tuesdays and Fridays for £4.95."
PAGE = "https://shop.example/delivery"
INTRODUCTION = "I’m the AI assistant of Test Shop.\n\n"  # before the first answer
ASKED = "How much is delivery to Ashcombe?"


@pytest.fixture
def taught(context, cast, run_jobs):
    """The business knows one thing, from a page of its website, and answers a burst at once."""
    with cast.scope(), unit_of_work():
        source = teach("Delivery", qa("Do you deliver, and what does it cost?", FACT))
        document = db.session.query(Document).filter_by(source_id=source.id).one()
        document.url = PAGE
        settings = AssistantSettings.current()
        settings.burst_seconds = 0
        db.session.add(settings)


@pytest.fixture
def maya(taught, with_graph, client, run_jobs):  # noqa: F811
    """`maya("…")` writes on WhatsApp; what she has received by then."""
    person = with_graph.graph.person(phone="+447700900123", name="Maya")

    def writes(text):
        person.writes(with_graph.number, text)
        assert set(with_graph.deliver_hooks(client)) == {200}
        run_jobs()
        return [said_in(sent.body) for sent in person.received]

    def taps(title):
        person.taps(person.received[-1], title)
        assert set(with_graph.deliver_hooks(client)) == {200}
        run_jobs()
        return [said_in(sent.body) for sent in person.received]

    writes.taps = taps
    return writes


def said_in(body):
    if body["type"] == "text":
        return body["text"]["body"].removeprefix(INTRODUCTION)
    buttons = body["interactive"]["action"]["buttons"]
    return " ".join(
        [body["interactive"]["body"]["text"], *(f"[{b['reply']['title']}]" for b in buttons)]
    )


def test_the_language_of_her_first_clear_words_is_kept_for_the_inbox(maya, cast):
    kept = []
    for text in (
        "ok",
        "¿Cuánto cuesta el envío para una planta?",
        "How much is delivery to Ashcombe?",
    ):
        maya(text)
        with cast.scope():
            kept.append(db.session.scalars(select(Visitor.language)).one())
    assert kept == [None, "es", "es"]


def test_a_quoted_answer_names_its_page_once_and_has_no_marks(maya):
    assert maya(ASKED) == [f"{FACT}\n\n{PAGE}"]


def test_what_a_model_writes_is_plain_on_whatsapp(maya, with_claude: stand_in.Claude):
    with_claude.script = [
        {"blocks": [says("Delivery costs **£4.95**", cites=(0,)), says(" on *Fridays*.")]}
    ]
    assert maya(ASKED) == [f"Delivery costs £4.95 on *Fridays*.\n\n{PAGE}"]
    told = str(with_claude.requests[0])
    assert "writes by WhatsApp" in told
    assert "no Markdown" in told


def test_a_page_that_the_words_name_is_not_said_again(maya, with_claude: stand_in.Claude):
    with_claude.script = [{"blocks": [says(f"All of it is at [our page]({PAGE}).", cites=(0,))]}]
    assert maya(ASKED) == [f"All of it is at our page ({PAGE})."]


@pytest.mark.parametrize("words", ["Thank you!", "Hola"])
def test_small_talk_has_no_source(maya, words):
    (said,) = maya(words)
    assert "http" not in said


def test_nothing_is_found_twice_then_a_person_is_called(maya):
    first, second = (maya(words)[-1] for words in ("Do unicorns fly?", "And do dragons sing?"))
    assert first.endswith("Would you like to talk to a person? [Talk to a person]")
    assert "asked a person" in second
    assert "[" not in second
    assert PAGE not in first + second


def test_a_person_is_one_tap_away(maya, cast):
    maya("Do unicorns fly?")
    said = maya.taps("Talk to a person")
    assert "asked a person" in said[-1]
    with cast.scope():
        assert db.session.query(HandOff).one().reason == "asked"


@pytest.mark.parametrize("words", ["ok", "👍", "Great!", "no thanks"])
def test_a_nod_is_not_answered(maya, words):
    assert len(maya(ASKED)) == len(maya(words)) == 1
    assert len(maya("Do you deliver to Ashcombe?")) == 2


@pytest.mark.parametrize(
    ("words", "is_called"), [("Yes please", True), ("👍", True), ("No", False)]
)
def test_who_is_asked_whether_they_want_a_person_is_understood(maya, cast, words, is_called):
    maya("Do unicorns fly?")
    assert len(maya(words)) == 1 + is_called
    with cast.scope():
        assert [each.reason for each in db.session.query(HandOff)] == ["asked"] * is_called


def test_a_model_that_asked_something_hears_the_answer(maya, with_claude: stand_in.Claude):
    with_claude.script = [
        {"blocks": [says("Shall I leave a message for the team?")]},
        {"blocks": [says("What is your number?")]},
    ]
    maya("My parcel is late")
    assert maya("ok")[-1] == "What is your number?"


# Machines


@pytest.fixture
def anna(taught, mail_desk, client, run_jobs):  # noqa: F811
    """`anna()` mails once more, as a machine that doesn't say so; what she has been mailed by then."""

    def mails():
        mails.sent += 1
        came = EmailMessage()
        came["From"], came["To"] = "anna@example.com", mail_desk.address
        came["Subject"], came["Message-ID"] = ASKED, f"<{mails.sent}@example.com>"
        came.set_content("Your message has reached us.")
        posted = client.post(mail_desk.url, data=bytes(came), headers=mail_desk.headers)
        assert posted.status_code == 200
        run_jobs()
        return mail_desk.outbox.to("anna@example.com")

    mails.sent = 0
    return mails


def test_two_machines_that_answer_each_other_come_to_an_end(anna, cast, monkeypatch):
    handed_off = []
    monkeypatch.setattr(racing.handing_off, "call_person", lambda *a: handed_off.append(a[1:]))
    counts = [len(anna()) for _ in range(9)]
    assert counts == [1, 2, 3, 4, 5, 6, 6, 6, 6]
    assert handed_off == [("assistant", racing.WANTED)] * 3


def test_a_person_is_called_for_it_once_a_day(anna, cast, run_jobs):
    for _ in range(9):
        mails = anna()
    assert len(mails) <= 7  # the last says that a person was called
    with cast.scope():
        (hand_off,) = db.session.query(HandOff).all()
        assert (hand_off.reason, hand_off.summary["wanted"]) == ("assistant", racing.WANTED)
        assert re.search("machine", hand_off.summary["wanted"])
