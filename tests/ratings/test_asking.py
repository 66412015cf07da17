"""Who is asked how it was, once, and how on each channel."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from app.channels import consents
from app.conversations import services
from app.conversations.models import Message
from app.core.db import now
from app.extensions import db
from app.ratings import asking
from app.ratings.models import RatingSettings

LINK = "/rate/"


def test_a_customer_of_the_website_is_asked_in_the_chat_and_once(helped):
    talk = helped()
    with talk.inside():
        RatingSettings.change(question="All well?")
    talk.resolve()
    assert talk.newest() == ("event", "rating_asked", {"question": "All well?"})
    [rating] = talk.ratings()
    assert (rating.user_id, rating.stars) == (talk.cast.owner.id, None)
    with talk.inside():
        asking.ask(rating.event_id)  # the job comes again
    talk.says()
    talk.resolve()  # within a day
    assert len(talk.ratings()) == 1


def test_who_had_it_is_rated_and_not_who_resolves_it(helped):
    talk = helped()
    with talk.inside():
        talk.conversation.assignee_id = talk.cast.agent.id
    talk.resolve()
    assert talk.ratings()[0].user_id == talk.cast.agent.id


@pytest.mark.parametrize(
    ("kind", "is_list"), [("whatsapp", True), ("messenger", True), ("sms", False), ("email", False)]
)
def test_elsewhere_it_is_a_message_of_that_channel(helped, kind, is_list):
    talk = helped(kind)
    talk.resolve()
    [rating] = talk.ratings()
    _, body, content = talk.newest()
    assert body.startswith("How was our help?")
    assert (LINK in body) is not is_list
    if is_list:
        rows = content["sections"][0]["rows"]
        assert [row["id"] for row in rows] == [f"rating-{rating.id}-{n}" for n in (5, 4, 3, 2, 1)]
    with talk.inside():
        assert talk.conversation.status == "resolved"


def _off(talk):
    RatingSettings.change(is_on=False)


def _other_channel(talk):
    RatingSettings.change(channels=["email"])


def _blocked(talk):
    talk.visitor.blocked_at = now()


def _closed(talk):
    talk.visitor.window_until = now() - timedelta(minutes=1)


def _disconnected(talk):
    talk.reached.channel.state = "off"


def _broken(talk):
    talk.reached.channel.state = "broken"


def _opted_out(talk):
    keys = map(consents.key_of, talk.reached.addresses())
    consents.record("whatsapp", keys, purpose="all", state="out", basis="words", evidence={})


def _silent(talk):
    old = update(Message).where(Message.conversation_id == talk.reached.conversation_id)
    db.session.execute(old.values(created_at=now() - timedelta(days=2)))


def _unanswered(talk):
    theirs = update(Message).where(Message.kind == "outgoing")
    db.session.execute(theirs.values(author="system"))


@pytest.mark.parametrize(
    "forbid",
    [
        _off,
        _other_channel,
        _blocked,
        _closed,
        _disconnected,
        _broken,
        _opted_out,
        _silent,
        _unanswered,
    ],
)
def test_nobody_is_asked(helped, forbid):
    talk = helped("whatsapp")
    with talk.inside():
        forbid(talk)
    talk.resolve()
    assert talk.ratings() == []
    assert talk.newest()[1] == "resolved"


def test_what_goes_on_in_the_meantime_is_not_asked_about(helped):
    talk = helped()
    with talk.inside():
        RatingSettings.change(delay_minutes=30)
        services.resolve(talk.conversation, talk.owner)
    talk.ask()
    assert talk.ratings() == []
    talk.says()
    with talk.inside():
        [event] = [m for m in talk.conversation.messages_after() if m.body == "resolved"]
        asking.ask(event.id)
    assert talk.ratings() == []


def test_the_owners_own_preview_asks_nobody(helped):
    talk = helped()
    with talk.inside():
        talk.conversation.is_preview = True
    talk.resolve()
    assert talk.ratings() == []
