"""The block list: what waits isn't sent, the provider is told, and all of it can be undone."""

import pytest

from app.accounts.models import User
from app.channels import adapters
from app.channels.border import Adapter, Address, Limits, SendFailed
from app.channels.models import Delivery
from app.conversations import blocking
from app.core.db import now
from app.extensions import db
from tests.channels.reached import make_channel, reach


class Provider(Adapter):
    kind, label, limits = "testline", "Test line", Limits(text=100)

    def __init__(self):
        self.told, self.failure = [], None

    def block(self, line, person, *, is_blocked):
        if self.failure:
            raise self.failure
        self.told.append((person.addresses, is_blocked))

    def check_signature(self, hook, credentials): ...
    def split(self, hook): ...
    def understand(self, payload, line): ...
    def send(self, line, outgoing): ...
    def check(self, line): ...


@pytest.fixture
def provider(monkeypatch):
    made = Provider()
    monkeypatch.setitem(adapters.PLACES, "testline", "nowhere")
    monkeypatch.setattr(adapters, "adapter", lambda _kind: made)
    return made


@pytest.fixture
def mia(inside):
    with inside():
        person = reach(make_channel("testline"))
        for status in ("queued", "sending", "sent"):
            db.session.add(
                Delivery(
                    channel_id=person.channel_id, visitor_id=person.visitor_id,
                    token=f"{status}-{person.phone}", conversation_id=person.conversation_id,
                    content={"type": "text", "body": "Hi"}, category="service",
                    status=status, available_at=now(),
                )
            )  # fmt: skip
        return person


@pytest.fixture
def press(inside, cast):
    def pressing(verb, person):
        with inside():
            getattr(blocking, verb)(person.visitor, db.session.get_one(User, cast.owner.id))

    return pressing


def events(person):
    return [each.body for each in person.conversation.messages_after() if each.kind == "event"]


def statuses():
    return [each.status for each in db.session.query(Delivery).order_by(Delivery.id)]


def test_what_waits_is_dropped_and_the_conversation_over(inside, mia, press, provider, cast):
    press("block", mia)
    press("block", mia)
    with inside():
        assert (mia.visitor.blocked_by, mia.conversation.status) == (cast.owner.id, "resolved")
        assert statuses() == ["dropped", "sending", "sent"]
        assert db.session.query(Delivery).filter_by(status="dropped").one().error
        assert events(mia) == ["blocked", "resolved"]
        assert [each.id for each in blocking.blocked()] == [mia.visitor_id]


def test_unblocked_again(inside, mia, press, provider):
    press("block", mia)
    press("unblock", mia)
    press("unblock", mia)
    with inside():
        assert mia.visitor.blocked_at is None
        assert events(mia) == ["blocked", "resolved", "unblocked"]
        assert blocking.blocked() == []


def test_the_provider_is_told_how_it_is(mia, press, provider, run_jobs):
    who = (Address("phone", mia.phone),)
    press("block", mia)
    run_jobs()
    press("unblock", mia)
    run_jobs()
    assert [told for told in provider.told if told[0] == who] == [(who, True), (who, False)]


def test_a_provider_that_refuses_changes_nothing_here(inside, mia, press, provider, run_jobs):
    provider.failure = SendFailed("permanent", "Only people who wrote today can be blocked.")
    press("block", mia)
    run_jobs()
    with inside():
        assert mia.visitor.blocked_at
        assert events(mia)[-1] == "block_untold"


def test_a_provider_that_is_down_is_asked_again(inside, mia, press, provider, run_jobs):
    provider.failure = SendFailed("retry", "It is down.")
    press("block", mia)
    run_jobs()
    with inside():
        assert "block_untold" not in events(mia)


def test_a_channel_without_a_provider_tells_nobody(inside, press, run_jobs):
    with inside():
        person = reach(make_channel("sometime"))
    press("block", person)
    run_jobs()
    with inside():
        assert events(person) == ["blocked", "resolved"]
