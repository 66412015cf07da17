"""What the chat asks of who writes, what it has read, and a reply that it missed."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts.models import User
from app.businesses import hours
from app.channels.models import Channel
from app.channels.website import Asked, WebsiteSettings
from app.conversations import services as conversations
from app.conversations.models import Conversation
from app.core import mail
from app.core.db import now
from app.core.unit_of_work import unit_of_work
from app.extensions import db
from app.frontdesk import expecting
from app.lib.hours import Range
from app.widget import missed


@pytest.fixture
def talk(app, cast, visitor):
    """A visitor who has written; `talk.reply(text)` is a member's answer."""

    class Talk:
        def reply(self, text):
            with app.app_context(), cast.scope(), unit_of_work():
                by = db.session.get_one(User, cast.agent.id)
                return conversations.reply(self.row(), by, text, f"r-{text}").position

        def row(self):
            return db.session.scalars(select(Conversation)).one()

        def read(self, *names):
            with app.app_context(), cast.scope():
                row = self.row()
                return tuple(getattr(row, name) for name in names)

        def ask(self, **settings):
            with app.app_context(), cast.scope(), unit_of_work():
                WebsiteSettings(**settings).keep_in(Channel.of_kind("website"))

    visitor.say("Hello, is it Anna there?")
    return Talk()


# --- details


def test_details_are_kept_as_the_visitors_words(talk, visitor, app, cast):
    talk.ask(asked=[Asked(kind="text", label="Order number")])
    typed = {"name": "Marta Ruiz", "email": "marta@example.com", "text": " A-17 "}
    assert visitor.post("/details", values=typed).status_code == 204
    with app.app_context(), cast.scope():
        row = talk.row().visitor
        assert (row.name, row.email) == ("Marta Ruiz", "marta@example.com")
        assert row.attributes == {"Order number": "A-17"}
    assert 'data-known="name email text"' in visitor.sees()


@pytest.mark.parametrize(
    ("values", "code"), [({"email": "marta@"}, "email"), ({"phone": "12"}, "phone"), ("no", None)]
)
def test_what_is_no_address_is_refused_by_name(talk, visitor, values, code):
    answer = visitor.post("/details", values=values)
    assert answer.status_code == 422
    assert code is None or answer.json["error"]["code"] == code


def test_of_somebody_who_has_not_written_nothing_is_kept(visit, cast, client):
    stranger = visit(cast.website_key)
    assert stranger.post("/details", values={"name": "Eve"}).status_code == 404
    assert stranger.post("/seen", after=5).status_code == 204
    assert client.post(f"/w/{cast.website_key}/details", json={"values": {}}).status_code == 401


# --- hours in the header


def test_closed_it_says_when_it_opens_and_asks_for_a_way_back(app, cast, client):
    with app.app_context(), cast.scope(), unit_of_work():
        hours.change_week({now().weekday(): (Range(0, 1),)})
    page = client.get(f"/w/{cast.website_key}").text
    assert "We are closed now and open again" in page
    assert '<label data-kind="email" data-closed>' in page
    assert "Leave a message and how to reach you" in page


def test_the_usual_reply_is_the_median_of_real_ones(app, cast, client, monkeypatch):
    monkeypatch.setattr(expecting, "_experience", lambda *_: ([60, 120, 3000, 4000, 9000], 0))
    with app.app_context(), cast.scope():
        assert expecting.usual_reply() == 3000
        monkeypatch.setattr(expecting, "_experience", lambda *_: ([], 0))
        assert expecting.usual_reply() == 3000  # for ten minutes
    assert (
        "The team usually replies within 50 minutes." in client.get(f"/w/{cast.website_key}").text
    )


# --- what was read


def test_members_are_told_what_was_read(talk, visitor, cast, login):
    position = talk.reply("Yes, here I am")
    assert talk.read("seen_at") == (None,)
    assert visitor.post("/seen", after=position + 50).status_code == 204
    seen_position, seen_at = talk.read("seen_position", "seen_at")
    assert (seen_position, seen_at is not None) == (position, True)
    visitor.post("/seen", after=1)
    assert talk.read("seen_position", "seen_at") == (seen_position, seen_at)
    with_it = login(cast.agent).get(f"/b/{cast.slug}/inbox/", follow_redirects=True)
    assert with_it.status_code == 200


# --- a reply that was missed


@pytest.fixture
def later(app, clock, monkeypatch):
    """`later(minutes)` is the time having gone by; answers what was mailed since."""
    sent = []
    monkeypatch.setitem(app.config, "SMTP_URL", "smtp://127.0.0.1:9")
    monkeypatch.setattr(mail, "_hand_over", sent.append)

    def go(minutes):
        before = len(sent)
        clock.travel.shift(timedelta(minutes=minutes))
        clock.run_jobs()
        return sent[before:]

    return go


def body(letter):
    return letter.get_body(("plain",)).get_content()


def test_it_is_mailed_once_and_not_again_before_the_visitor_was_back(later, talk, visitor):
    visitor.post("/details", values={"email": "marta@example.com"})
    talk.reply("Yes, we deliver.")
    talk.reply("On Fridays too.")
    assert later(5) == []
    (letter,) = later(6)
    assert letter["To"] == "marta@example.com"
    assert "Yes, we deliver." in body(letter)
    assert "On Fridays too." in body(letter)
    assert talk.read("mailed_position") > talk.read("seen_position")
    talk.reply("Are you there?")
    assert later(30) == []
    visitor.post("/seen", after=talk.read("position")[0])
    talk.reply("Good to see you.")
    (again,) = later(11)
    assert "Good to see you." in body(again)
    assert "Yes, we deliver." not in body(again)


@pytest.mark.parametrize("why", ["read", "answered", "unknown"])
def test_nothing_is_mailed(later, talk, visitor, why):
    if why != "unknown":
        visitor.post("/details", values={"email": "marta@example.com"})
    position = talk.reply("Yes.")
    if why == "read":
        visitor.post("/seen", after=position)
    if why == "answered":
        visitor.say("Thank you", "k2")
    assert later(11) == []


def test_its_link_opens_the_conversation_in_the_visitors_language(later, talk, visitor, visit):
    visitor.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "de"
    visitor.say("Hallo", "k2")
    visitor.post("/details", values={"email": "marta@example.com"})
    talk.reply("Ja.")
    (letter,) = later(11)
    assert "hat Ihnen geantwortet" in letter["Subject"]
    token = re.search(r"lang=de#continue=(\S+)", body(letter))[1]
    other = visit(visitor.base.removeprefix("/w/"))
    session = other.post("/continue", token=token)
    assert session.status_code == 201
    other.token = session.json["token"]
    assert "Hello, is it Anna there?" in other.sees()
    later(60 * 24 * missed.LINK_DAYS + 1)
    assert other.post("/continue", token=token).json["error"]["code"] == "link_over"


@pytest.mark.parametrize("token", ["", "nonsense", None])
def test_a_link_that_is_none_opens_nothing(visitor, visit, cast, token):
    assert visitor.post("/continue", token=token).status_code == 403
    assert visit(cast.neighbour_key).post("/continue", token=visitor.token).status_code == 403
