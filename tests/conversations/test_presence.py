"""Who else looks and types: in Redis for a moment, told to the others and to the customer."""

from unittest.mock import Mock

import pytest
from redis import RedisError

from app.core import realtime
from app.extensions import redis
from tests.conversations.seeded import comes, talk_on


@pytest.fixture
def signals(monkeypatch):
    """(topic's kind, event, name) of what went out at once."""
    found = []

    def note(topic, event="signal", _line=None, /, **data):
        found.append((topic.split(":")[0], event, data.get("name")))

    monkeypatch.setattr(realtime, "publish_now", note)
    return found


def say(inbox, talk, state):
    return inbox.post(f"/{talk.id}/presence", state=state)


def test_the_others_are_shown_and_go_by_themselves(owner, inbox, cast, talk, app):
    conversation = talk()
    agent = inbox(cast.agent)
    assert "Agent Person" not in say(owner, conversation, "looking").text
    say(agent, conversation, "note")
    page = owner.get(f"/{conversation.id}").text
    assert "Agent Person is looking at this too" in page
    assert "Agent is typing…" in page
    assert "Olivia Owner is looking" not in page
    say(agent, conversation, "looking")
    assert "is typing…</p>" not in owner.get(f"/{conversation.id}/presence").text
    say(agent, conversation, "gone")
    assert "Agent" not in owner.get(f"/{conversation.id}/presence").text
    with app.app_context():
        assert all(0 < redis.client.ttl(key) <= 50 for key in redis.client.scan_iter("*:looking:*"))


def test_only_news_is_told_and_the_customer_sees_that_a_reply_is_written(owner, talk, signals):
    conversation = talk()
    signals.clear()
    members = ("business", "signal", f"presence-{conversation.id}")
    say(owner, conversation, "looking")
    say(owner, conversation, "looking")
    assert signals == [members]
    say(owner, conversation, "reply")
    assert signals[1:] == [members, ("visitor", "typing", None)]
    say(owner, conversation, "note")  # is nobody's matter outside
    assert len(signals) == 3


def test_a_provider_is_told_once_in_a_while(owner, inside, monkeypatch, talk):
    from app.conversations import sending

    told = Mock()
    monkeypatch.setattr(sending, "mark_as_read", told)
    with inside():
        reached = talk_on()
        comes(reached, body="Hello")
    for _ in range(3):
        owner.post(f"/{reached.conversation_id}/presence", state="reply")
    assert told.call_count == 1
    assert told.call_args.kwargs == {"is_typing": True}


def test_without_redis_nobody_seems_to_be_there(owner, talk, monkeypatch):
    conversation = talk()
    broken = Mock()
    broken.pipeline.side_effect = RedisError
    monkeypatch.setattr(type(redis), "client", broken)
    assert owner.get(f"/{conversation.id}/presence").status_code == 200
    assert say(owner, conversation, "looking").status_code == 200


def test_refusals(owner, inbox, cast, talk):
    conversation = talk()
    assert say(owner, conversation, "dancing").status_code == 400
    assert say(inbox(cast.viewer), conversation, "looking").status_code == 200
    assert say(inbox(cast.accountant), conversation, "looking").status_code == 403
    assert owner.post("/999999999/presence", state="looking").status_code == 404


def test_who_may_only_read_writes_to_nobody(inbox, cast, talk, signals):
    conversation = talk()
    viewer = inbox(cast.viewer)
    signals.clear()
    assert say(viewer, conversation, "reply").status_code == 403
    assert [topic for topic, *_ in signals if topic == "visitor"] == []
    assert say(viewer, conversation, "looking").status_code == 200
