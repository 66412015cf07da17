"""What is said: in the chat, at a provider, behind a link."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.channels.border import Address, Incoming, Person
from app.channels.content import Choice
from app.contacts.models import Activity
from app.core.db import now
from app.core.errors import Conflict, Invalid
from app.extensions import db
from app.frontdesk import news
from app.ratings import answering, asking
from app.ratings.models import Rating


@pytest.fixture
def asked(helped):
    """`asked(kind)` is a customer with the question before them."""

    def ask(kind="website"):
        talk = helped(kind)
        talk.resolve()
        [talk.rating] = talk.ratings()
        return talk

    return ask


def rate(talk, stars, words=None):
    with talk.inside():
        answering.rate(Rating.by_id(talk.rating.id), stars, words)


def age(talk, days):
    with talk.inside():
        db.session.execute(update(Rating).values(created_at=now() - timedelta(days=days)))


def test_the_newest_counts_and_has_one_line(asked):
    talk = asked()
    for said in ((4,), (4,), (2, " Late\x00, and cold "), (3,)):
        rate(talk, *said)
    [rating] = talk.ratings()
    assert (rating.stars, rating.words) == (3, "Late, and cold")
    told = {"rating_id": rating.id, "stars": 3, "words": "Late, and cold"}
    assert talk.lines("rated") == [told]
    with talk.inside():
        assert talk.conversation.status == "resolved"
        activity = db.session.scalars(
            select(Activity).where(Activity.kind == "conversation.rated")
        ).one()
        assert activity.payload == told


@pytest.mark.parametrize("stars", [0, 6, -1])
def test_there_are_one_to_five_stars(asked, stars):
    with pytest.raises(Invalid):
        rate(asked(), stars)


def test_too_many_words_and_too_late_are_refused(asked):
    talk = asked()
    with pytest.raises(Invalid):
        rate(talk, 5, "x" * 1001)
    age(talk, 31)
    with pytest.raises(Conflict):
        rate(talk, 5)
    assert talk.ratings()[0].stars is None


def test_of_somebody_blocked_nothing_is_kept(asked):
    talk = asked()
    with talk.inside():
        talk.visitor.blocked_at = now()
    rate(talk, 1, "You will see")
    assert talk.ratings()[0].stars is None
    assert talk.lines("rated") == []


# --- at a provider


def tap(talk, row, phone=""):
    person = Person((Address("phone", phone or talk.reached.phone),))
    said = Incoming(person, f"wamid.{row}", Choice(id=row, title="★★★★"), now())
    with talk.inside():
        news.take(talk.reached.channel, said)


def test_a_tapped_row_is_the_answer_and_no_message(asked):
    talk = asked("whatsapp")
    tap(talk, f"rating-{talk.rating.id}-4")
    assert talk.ratings()[0].stars == 4
    with talk.inside():
        assert talk.conversation.status == "resolved"
        assert [m.body for m in talk.conversation.newest_messages()].count("★★★★") == 0


@pytest.mark.parametrize("row", ["rating-{}-6", "rating-{}-4x", "rating-999999-4"])
def test_other_rows_are_messages(asked, row):
    talk = asked("whatsapp")
    tap(talk, row.format(talk.rating.id))
    assert talk.ratings()[0].stars is None
    with talk.inside():
        assert talk.conversation.newest_messages()[-1].body == "★★★★"


def test_another_person_s_question_is_not_theirs(asked):
    talk = asked("whatsapp")
    tap(talk, f"rating-{talk.rating.id}-1", phone="+447700900999")
    assert talk.ratings()[0].stars is None


# --- behind a link


@pytest.fixture
def linked(asked, app):
    talk = asked("email")
    with talk.inside():
        talk.path = re.sub(r"^https?://[^/]+", "", asking.link(talk.rating))
    return talk


def test_the_link_shows_the_question_and_only_a_post_answers(linked, client):
    page = client.get(linked.path).text
    assert "How was our help?" in page
    assert linked.ratings()[0].stars is None
    sent = client.post(linked.path, data={"stars": "5", "words": "Lovely <b>"})
    assert sent.status_code == 303
    assert (linked.ratings()[0].stars, linked.ratings()[0].words) == (5, "Lovely <b>")
    again = client.get(linked.path).text
    assert "Thank you" in again
    assert "Lovely &lt;b&gt;" in again


def test_what_is_refused_keeps_what_was_typed(linked, client):
    refused = client.post(linked.path, data={"words": "Nice people"})
    assert refused.status_code == 422
    assert "Choose one to five stars." in refused.text
    assert "Nice people" in refused.text


def test_a_link_that_is_over_or_changed(linked, client):
    assert client.get(linked.path[:-2] + "xx").status_code == 404
    age(linked, 40)
    assert "too long ago" in client.get(linked.path).text
    assert client.post(linked.path, data={"stars": "5"}).status_code == 409


# --- in the chat


@pytest.fixture
def in_chat(asked, app):
    from app.widget import visitors

    talk = asked()
    with talk.inside():
        channel = talk.reached.channel
        token = visitors.issue(channel, talk.visitor.uuid).text
        talk.base = f"/w/{channel.public_key}"
        other = visitors.issue(channel).text
    talk.headers = {"Authorization": f"Bearer {token}"}
    talk.others = {"Authorization": f"Bearer {other}"}
    talk.path = f"{talk.base}/messages/{talk.rating.asked_id}/stars"
    return talk


def test_the_chat_shows_the_question_with_what_was_pressed(in_chat, client):
    def sees():
        return client.get(f"{in_chat.base}/messages", headers=in_chat.headers).text

    assert sees().count("data-stars=") == 5
    sent = client.post(in_chat.path, json={"stars": 2}, headers=in_chat.headers)
    assert sent.status_code == 204
    client.post(in_chat.path, json={"stars": 2, "words": "Slow"}, headers=in_chat.headers)
    assert in_chat.ratings()[0].words == "Slow"
    assert 'data-stars="2" aria-pressed="true"' in sees()
    assert "gave 2 of 5" not in sees()


@pytest.mark.parametrize("body", [{}, {"stars": "5"}, {"stars": 9}, {"stars": True}, {"stars": 5, "words": 1}])  # fmt: skip
def test_the_chat_refuses_what_is_no_rating(in_chat, client, body):
    assert client.post(in_chat.path, json=body, headers=in_chat.headers).status_code == 422


def test_nobody_else_rates_it(in_chat, client):
    assert client.post(in_chat.path, json={"stars": 1}).status_code == 401
    assert client.post(in_chat.path, json={"stars": 1}, headers=in_chat.others).status_code == 404
    assert in_chat.ratings()[0].stars is None
