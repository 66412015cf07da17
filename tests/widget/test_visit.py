"""What the chat asks of who writes, what it has read, and a reply that it missed."""

import re

import pytest

from app.businesses import hours
from app.channels.website import Asked
from app.core.db import now
from app.core.unit_of_work import unit_of_work
from app.frontdesk import expecting
from app.lib.hours import Range
from app.widget import links
from tests.widget.conftest import body

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
    (number,) = talk.read("id")
    page = login(cast.agent).get(f"/b/{cast.slug}/inbox/{number}").text
    assert re.search(r'conversation-seen"[^>]*>Seen · ', page)


# --- a reply that was missed


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


def test_the_mail_and_its_link_speak_the_visitors_language(later, talk, visitor):
    visitor.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "de"
    visitor.say("Hallo", "k2")
    visitor.post("/details", values={"email": "marta@example.com"})
    talk.reply("Ja.")
    (letter,) = later(11)
    assert "hat Ihnen geantwortet" in letter["Subject"]
    assert "lang=de#continue=" in body(letter)


@pytest.fixture
def link(later, talk, visitor):
    """The token of a mail to marta@example.com."""
    visitor.post("/details", values={"email": "marta@example.com"})
    talk.reply("Yes.")
    (letter,) = later(11)
    return re.search(r"#continue=(\S+)", body(letter))[1]


def test_a_link_opens_the_chat_in_the_first_browser_that_goes_on_by_it(link, visit, visitor, cast):
    first, second = visit(cast.website_key), visit(cast.website_key)
    for _ in range(2):  # as a mail's scanner does
        looked = first.post("/continue/look", token=link, claim="mine").json
        assert looked == {"address": "m…@example.com", "is_open": True, "is_here": False}
    for _ in range(2):  # as if the first answer was lost
        session = first.post("/continue", token=link, claim="mine")
        assert session.status_code == 201
    first.token = session.json["token"]
    assert "Hello, is it Anna there?" in first.sees()
    assert first.post("/continue/look", token=link, claim="mine").json["is_here"]
    assert not second.post("/continue/look", token=link, claim="theirs").json["is_open"]
    for claim in ("theirs", "", None):
        refused = second.post("/continue", token=link, claim=claim)
        assert (refused.status_code, refused.json["error"]["code"]) == (403, "link_used")


def test_a_used_link_gets_another_one_mailed_to_the_same_person(link, visit, cast, later):
    first, second = visit(cast.website_key), visit(cast.website_key)
    first.post("/continue", token=link, claim="mine")
    assert second.post("/continue/again", token=link).status_code == 204
    (letter,) = later(1)
    assert letter["To"] == "marta@example.com"
    newer = re.search(r"#continue=(\S+)", body(letter))[1]
    assert second.post("/continue", token=newer, claim="theirs").status_code == 201
    assert first.post("/continue", token=link, claim="mine").status_code == 403
    assert first.post("/continue", token=newer, claim="mine").status_code == 403


def test_an_old_link_opens_nothing_and_gets_another_one(link, visitor, later):
    later(60 * 24 * links.DAYS + 1)
    assert not visitor.post("/continue/look", token=link, claim="mine").json["is_open"]
    refused = visitor.post("/continue", token=link, claim="mine")
    assert refused.json["error"]["code"] == "link_used"
    visitor.post("/continue/again", token=link)
    assert len(later(1)) == 1


def test_a_person_is_mailed_three_links_a_day(link, visitor, rate_limits):
    codes = [visitor.post("/continue/again", token=link).status_code for _ in range(4)]
    assert codes == [204, 204, 204, 429]


def test_a_link_of_somebody_whose_data_was_deleted_leads_nowhere(link, visitor, visit, cast):
    visitor.post("/erasure", confirm=True)
    other = visit(cast.website_key)
    for path in ("", "/look", "/again"):
        assert other.post(f"/continue{path}", token=link, claim="mine").status_code == 403


@pytest.mark.parametrize("token", ["", "nonsense", None])
def test_a_link_that_is_none_opens_nothing(visitor, visit, cast, token):
    for path in ("", "/look", "/again"):
        assert visitor.post(f"/continue{path}", token=token, claim="mine").status_code == 403
    neighbour = visit(cast.neighbour_key)
    assert neighbour.post("/continue", token=visitor.token, claim="mine").status_code == 403
