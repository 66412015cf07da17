"""An answer to the mail of a missed reply: into the chat, once, and by nobody else."""

from email.message import EmailMessage

import pytest
from sqlalchemy import select

from app.accounts.models import User
from app.conversations import services as conversations
from app.conversations.models import Message
from app.core.unit_of_work import unit_of_work
from app.extensions import db
from app.widget import mail_replies
from tests.widget.conftest import body
from tests.widget.test_files import PNG


class Answers:
    """To the mail that marta@example.com got."""

    def __init__(self, app, cast, clock, letter, sent):
        self.app, self.cast, self.clock, self.letter, self.sent = app, cast, clock, letter, sent

    def come(self, words, sender="Marta <Marta@example.com>", number=1, files=(), **headers):
        mail = EmailMessage()
        mail["From"], mail["To"] = sender, self.letter["Reply-To"]
        mail["Message-ID"] = f"<{number}@phone.example>"
        for name, value in headers.items():
            mail[name.replace("_", "-")] = value
        quote = "\n".join(f"> {line}" for line in body(self.letter).splitlines())
        mail.set_content(f"{words}\n\n-- \nMarta\n\nOn Monday, 10:02, Shop wrote:\n{quote}\n")
        for name, data in files:
            mail.add_attachment(data, maintype="application", subtype="x", filename=name)
        with self.app.app_context(), unit_of_work():
            assert mail_replies.keep(bytes(mail), [self.letter["Reply-To"]])
        self.clock.run_jobs()

    @property
    def written(self):
        """In the chat, after what began it."""
        with self.app.app_context(), self.cast.scope():
            said = select(Message.body).where(Message.kind == "incoming")
            return list(db.session.scalars(said.order_by(Message.position)))[1:]

    @property
    def mailed(self):
        """To the visitor since."""
        return [body(each) for each in self.sent[1:] if each["To"] == "marta@example.com"]


@pytest.fixture
def answers(app, cast, later, talk, visitor, monkeypatch, clock):  # noqa: PLR0917
    monkeypatch.setitem(app.config, "INBOUND_MAIL_DOMAIN", "in.frontdesk.example")
    monkeypatch.setitem(app.config, "INBOUND_MAIL_SECRET", "a password of the webhook")
    visitor.post("/details", values={"email": "marta@example.com"})
    talk.reply("Yes, on Fridays.")
    (letter,) = later(11)
    return Answers(app, cast, clock, letter, later.sent)


def test_an_answer_stands_in_the_chat_once(answers, visitor, talk, later):
    assert "your answer goes into the chat" in body(answers.letter)
    for _ in range(2):
        answers.come("Friday is fine.")
    assert answers.written == ["Friday is fine."]
    assert "Friday is fine." in visitor.sees()
    talk.reply("See you then.")
    later(11)
    assert "See you then." in answers.mailed[-1]


def test_files_come_along_as_the_chat_takes_them(answers, visitor):
    files = [("plant.png", PNG), ("plant.exe", b"MZ\0\0"), ("two.png", PNG)]
    for _ in range(2):
        answers.come("Look:", files=files)
    assert answers.written == ["Look:", "Picture", "Picture"]
    assert visitor.sees().count("/files/") >= 2


def test_it_goes_where_it_belongs_and_the_assistants_answer_is_mailed(
    answers, visitor, talk, later
):
    (first,) = talk.read("id")
    with answers.app.app_context(), answers.cast.scope(), unit_of_work():
        conversations.resolve(talk.row(), db.session.get_one(User, answers.cast.agent.id))
    visitor.say("Something else", "k2", not_in=first)
    answers.come("Thank you!")
    with answers.app.app_context(), answers.cast.scope():
        said = select(Message.conversation_id).where(Message.body == "Thank you!")
        assert db.session.scalars(said).all() == [first]
    later(11)
    assert "You’re welcome" in answers.mailed[-1]


@pytest.mark.parametrize(
    ("words", "headers", "why"),
    [
        ("Buy now", {"sender": "thief@evil.example"}, "another address"),
        ("", {}, "Write something"),
        ("x" * 10_001, {}, "10,000 fit"),
    ],
)
def test_what_is_refused_is_said_to_the_visitor_alone(answers, words, headers, why):
    answers.come(words, **headers)
    assert answers.written == []
    assert why in answers.mailed[-1]
    assert "Buy now" not in answers.mailed[-1]


@pytest.mark.parametrize(
    "headers", [{"Auto_Submitted": "auto-replied"}, {"Precedence": "bulk"}, {"Return_Path": "<>"}]
)
def test_a_machines_mail_is_left(answers, headers):
    answers.come("I am away", **headers)
    assert (answers.written, answers.mailed) == ([], [])


def test_so_many_mails_are_no_persons(answers, monkeypatch):
    monkeypatch.setattr(mail_replies, "MOST_A_DAY", 2)
    for number in range(3):
        answers.come(f"{number} away", number=number)
    assert answers.written == ["0 away", "1 away"]


def test_nobody_answers_for_who_was_erased(answers, visitor):
    visitor.post("/erasure", confirm=True)
    answers.come("Hello?")
    assert (answers.written, answers.mailed) == ([], [])


def test_without_incoming_mail_it_leads_to_the_chat_alone(later, talk, visitor):
    visitor.post("/details", values={"email": "marta@example.com"})
    talk.reply("Yes.")
    (letter,) = later(11)
    assert letter["Reply-To"] is None
    assert "Open the conversation and reply" in body(letter)
    assert "Answer this e-mail" not in body(letter)
