"""A rule calls an address of the business's own."""

import hashlib
import hmac
import json
from contextlib import contextmanager
from threading import BoundedSemaphore

import pytest
from sqlalchemy import update

from app.automations import webhooks
from app.automations.models import AutomationCall
from app.core import jobs
from app.core.http import AddressRefused, Streamed, Unreachable
from app.core.outbox import OutboxJob
from app.extensions import db


@pytest.fixture
def server(monkeypatch):
    """Answers what it is told to, in turn, and keeps what it was sent."""

    class Server:
        answers, asked = [200], []

    Server.asked = []

    @contextmanager
    def stream(url, **sent):
        Server.asked.append((url, sent))
        answer = Server.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        yield Streamed(answer, {}, iter(()))

    monkeypatch.setattr(webhooks.http, "stream", stream)
    return Server


@pytest.fixture
def calls(shop):
    def found():
        with shop.inside():
            rows = db.session.query(AutomationCall).order_by(AutomationCall.id)
            return [(each.state, each.attempts, each.answer) for each in rows]

    return found


def come_back(shop):
    """The next attempt is due."""
    with shop.inside():
        db.session.execute(
            update(OutboxJob)
            .where(OutboxJob.name == "automations.call", OutboxJob.done_at.is_(None))
            .values(available_at=jobs.now())
        )
    shop.run_jobs()


def test_it_is_signed_says_what_happened_and_is_logged(shop, server, calls):
    shop.rule("message", ("webhook", "https://example.com/hook"), name="Tell the till")
    talk = shop.writes("I want two.")
    [(url, sent)] = server.asked
    said = json.loads(sent["body"])
    assert (url, said["event"], said["name"]) == (
        "https://example.com/hook", "message", "Tell the till",
    )  # fmt: skip
    assert (said["conversation"]["id"], said["message"]["text"]) == (talk, "I want two.")
    with shop.inside():
        key = webhooks.known_secret()
    stamp, _, sign = sent["headers"][webhooks.SIGNATURE].partition(",")
    at = stamp.removeprefix("t=")
    wanted = hmac.new(key.encode(), f"{at}.".encode() + sent["body"], hashlib.sha256).hexdigest()
    assert sign == f"v1={wanted}"
    assert calls() == [("done", 1, 200)]


def test_a_server_that_is_down_is_asked_again(shop, server, calls):
    server.answers = [503, Unreachable("no answer"), 204]
    shop.rule("message", ("webhook", "https://example.com/hook"))
    shop.writes("Hello")
    assert calls() == [("waiting", 1, 503)]
    come_back(shop)
    assert calls() == [("waiting", 2, None)]
    come_back(shop)
    assert calls() == [("done", 3, 204)]
    assert len({sent["headers"][webhooks.DELIVERY] for _, sent in server.asked}) == 1


def test_servers_that_are_slow_hold_few_slots_and_the_others_wait(shop, server, calls, monkeypatch):
    room = BoundedSemaphore(1)
    monkeypatch.setattr(webhooks, "_room", room)
    shop.rule("message", ("webhook", "https://example.com/hook"))
    with room:  # somebody else's is on its way
        shop.writes("Hello")
        assert calls() == [("waiting", 0, None)]
    come_back(shop)
    assert calls() == [("done", 1, 200)]


def test_a_round_ends_also_when_it_was_put_off_in_between(shop, server, calls, monkeypatch):
    monkeypatch.setattr(webhooks, "ATTEMPTS", 2)
    server.answers = [503, 503]
    shop.rule("message", ("webhook", "https://example.com/hook"))
    shop.writes("Hello")
    come_back(shop)
    assert calls() == [("failed", 2, 503)]


@pytest.mark.parametrize("answer", [410, AddressRefused("This address isn't public.")])
def test_what_can_t_get_better_is_given_up_at_once(shop, server, calls, answer):
    server.answers = [answer]
    shop.rule("message", ("webhook", "https://example.com/hook"))
    shop.writes("Hello")
    assert [state for state, *_ in calls()] == ["failed"]


def test_a_private_address_is_refused_by_the_line_itself(shop, calls):
    shop.rule("message", ("webhook", "http://127.0.0.1:9/hook"))
    shop.writes("Hello")
    assert calls() == []  # the rule is broken already
    shop.rule("started", ("webhook", "http://localhost/hook"))
    shop.writes("Hello")
    assert [state for state, *_ in calls()] == ["failed"]
