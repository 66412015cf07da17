"""An answer to a notification's e-mail: into the conversation, once, and by nobody else."""

import base64
from datetime import timedelta
from email.message import EmailMessage

import pytest
import time_machine
from sqlalchemy import select, update

from app.accounts.models import User
from app.businesses.models import Membership
from app.channels.email import fetching
from app.channels.models import ChannelUpdate
from app.conversations import blocking, mentioning, services
from app.core.db import now
from app.core.jobs import OutboxJob
from app.core.storage import File
from app.extensions import db
from app.notifications import addresses, replying
from app.notifications.addresses import Ticket
from tests.channels.email.conftest import desk as mail_desk  # noqa: F401

SECRET = "a password of the webhook"
DOMAIN = "in.frontdesk.example"
LOGIN = {"Authorization": "Basic " + base64.b64encode(f"x:{SECRET}".encode()).decode()}


@pytest.fixture
def our_domain(app, monkeypatch):
    monkeypatch.setitem(app.config, "INBOUND_MAIL_DOMAIN", DOMAIN)
    monkeypatch.setitem(app.config, "INBOUND_MAIL_SECRET", SECRET)


class Mailed:
    """An e-mail that a member got, and what comes of answers to it."""

    def __init__(self, desk, talk, mailbox, client):
        self.desk, self.talk, self.mailbox, self.client = desk, talk, mailbox, client
        (self.mail,) = mailbox.mails
        self.said = self.mail.get_body(("plain",)).get_content()
        mailbox.mails.clear()

    def answer(self, body="Water it.", *, number=1, to="", sender=None, **headers):
        mail = EmailMessage()
        mail["From"] = self.mail["To"] if sender is None else sender
        mail["To"] = to or self.mail["Reply-To"]
        mail["Subject"] = f"Re: {self.mail['Subject']}"
        mail["Message-ID"] = f"<{number}@phone.example>"
        mail["In-Reply-To"] = self.mail["Message-ID"]
        for name, value in headers.items():
            mail[name.replace("_", "-")] = value
        quote = "\n".join(f"> {line}" for line in self.said.splitlines())
        lead = "On Monday, 10:02, Frontdesk <desk@example.com> wrote:"
        mail.set_content(f"{body}\n\n-- \nAna, Test Shop\n\n{lead}\n{quote}\n")
        return mail

    def comes(self, mail):
        assert self.client.post("/hooks/email", data=bytes(mail), headers=LOGIN).status_code == 200
        self.desk.run()

    @property
    def written(self):
        return [body for kind, body in self.talk.lines() if kind in ("outgoing", "note")]

    @property
    def refused(self):
        """Why, as the member is told."""
        (mail,) = self.mailbox.mails
        assert (mail["To"], mail["Auto-Submitted"]) == (self.mail["To"], "auto-generated")
        self.mailbox.mails.clear()
        return mail.get_body(("plain",)).get_content()


@pytest.fixture
def told(desk, waiting, clock, mailbox, our_domain, client):  # noqa: PLR0917
    """Of a message in the agent's conversation."""
    desk.gives(waiting, desk.cast.agent)
    waiting.visitor_says("Is it dead?")
    desk.run()
    clock.at(2.1)
    return Mailed(desk, waiting, mailbox, client)


@pytest.fixture
def named(desk, waiting, clock, mailbox, our_domain):
    """`named(person)`: the e-mails after a note that names them."""

    def name(person):
        with waiting.work():
            by = db.session.get_one(User, desk.cast.owner.id)
            mentioning.note(waiting.row(), by, f"@{person.name} is it dead?", "n")
        desk.run()
        clock.at(2.1)
        return mailbox

    return name


def test_an_answer_stands_in_the_conversation_once(told):
    assert told.mail["Reply-To"].endswith(f"@{DOMAIN}")
    assert len(told.mail["Reply-To"].partition("@")[0]) <= 64
    assert "Answer this e-mail, and your answer goes to" in told.said
    for _ in range(2):
        told.comes(told.answer())
    assert told.written == ["Water it."]
    agent = told.desk.cast.agent
    assert told.talk.look(lambda row: row.newest_messages()[-1].user_id) == agent.id
    with told.desk.inside():
        assert db.session.scalars(select(File)).all() == []
        assert db.session.scalars(select(ChannelUpdate)).all() == []


def test_a_program_that_quotes_in_its_own_way_is_cut_at_our_line(told):
    mail = told.answer()
    mail.set_content(f"Water it.\n\n{told.said}")
    told.comes(mail)
    assert told.written == ["Water it."]


def test_an_answer_opens_a_resolved_one_again(told):
    told.talk.do(services.resolve, told.desk.cast.owner)
    told.comes(told.answer())
    state = told.talk.look(lambda row: (row.status, row.assignee_id))
    assert state == ("open", told.desk.cast.agent.id)


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Precedence": "bulk"},
        {"X_Frontdesk_Channel": "1"},
        {"Return_Path": "<>"},
    ],
)
def test_a_machine_gets_no_answer(told, headers):
    told.comes(told.answer(**headers))
    assert (told.written, told.mailbox.mails) == ([], [])


@pytest.mark.parametrize("sender", ["thief@evil.example", "Ana <ana@home.example>", ""])
def test_another_sender_is_refused_and_the_member_hears_of_it(told, sender):
    told.comes(told.answer(sender=sender))
    assert told.written == []
    said = told.refused
    assert "Answer from the address that you have in Frontdesk" in said
    assert "Water it." in said


def test_after_thirty_days_it_is_refused(told):
    with time_machine.travel(now() + timedelta(days=31), tick=False):
        told.comes(told.answer())
    assert told.written == []
    assert "30 days" in told.refused


def test_what_the_composer_refuses_comes_back(told):
    told.talk.do(lambda row, by: blocking.block(row.visitor, by), told.desk.cast.owner)
    told.comes(told.answer())
    assert told.written == []
    assert "You blocked this person" in told.refused


def test_an_empty_answer_and_a_file_that_nobody_takes_come_back(told):
    told.comes(told.answer(body=""))
    assert "Write something first" in told.refused
    mail = told.answer(number=2)
    mail.add_attachment(
        b"MZ\0\0", maintype="application", subtype="octet-stream", filename="plant.exe"
    )
    told.comes(mail)
    assert told.written == ["Water it."]
    assert "plant.exe can’t be sent here" in told.refused


@pytest.mark.parametrize("how", ["left", "viewer"])
def test_who_may_no_longer_answer_posts_nothing(told, how):
    cast = told.desk.cast
    with told.desk.inside():
        member = Membership.of(cast.agent.id, cast.slug)
        if how == "left":
            db.session.delete(member)
        else:
            member.role = "viewer"
    told.comes(told.answer())
    assert (told.written, told.mailbox.mails) == ([], [])


def test_a_changed_address_is_nobody_s(told):
    box, _, domain = told.mail["Reply-To"].partition("@")
    other = box[:-5] + ("a" if box[-5] != "a" else "b") + box[-4:]
    for changed in (other, box[:10] + box[11:], "r-" + "a" * 42):
        told.comes(told.answer(to=f"{changed}@{domain}"))
    assert (told.written, told.mailbox.mails) == ([], [])


def test_what_goes_wrong_on_our_side_comes_back_too(told, monkeypatch):
    def fail(*_args):
        raise RuntimeError("out of order")

    monkeypatch.setattr(replying.scheduling, "send", fail)
    told.comes(told.answer())
    with time_machine.travel(now() + timedelta(days=1), tick=True):
        for _ in range(8):
            with told.desk.inside():
                due = update(OutboxJob).where(OutboxJob.done_at.is_(None))
                db.session.execute(due.values(available_at=now()))
            told.desk.run()
    assert told.written == []
    assert "Something on our side went wrong" in told.refused


def test_an_answer_to_a_colleague_s_note_is_a_note(desk, waiting, named, client):
    told = Mailed(desk, waiting, named(desk.cast.agent), client)
    assert "kept as a note" in told.said
    told.comes(told.answer("No."))
    assert waiting.lines()[-1] == ("note", "No.")


def test_a_viewer_s_mail_has_no_such_address(desk, named):
    assert named(desk.cast.viewer).mails[0]["Reply-To"] is None


def test_a_mailbox_of_the_business_takes_it_in(desk, waiting, mail_desk, mailbox, clock):  # noqa: F811
    """Fetched over IMAP, behind a plus: no customer's conversation begins."""

    def look():
        with desk.inside():
            fetching.fetch(mail_desk.channel_id)
        desk.run()

    look()
    desk.gives(waiting, desk.cast.agent)
    desk.run()
    clock.at(2.1)
    told = Mailed(desk, waiting, mailbox, None)
    assert told.mail["Reply-To"].startswith(f"desk-{desk.cast.business_id}+r-")
    mail_desk.inbox.take(bytes(told.answer()))
    look()
    assert told.written == ["Water it."]
    with desk.inside():
        assert db.session.scalars(select(ChannelUpdate)).all() == []


def test_a_ticket_is_read_as_it_was_written(app, context):
    ticket = Ticket("note", 2**31, 2**31, 2**39, 9_000)
    token = addresses.written(ticket)
    assert addresses.read(token.upper()) == ticket
    assert addresses.ticket_in(["anna@example.com", f"desk+r-{token}@shop.example"]) == ticket
    assert addresses.read("") is addresses.read("a1!") is None
