"""Webhooks: what is stored of them, once."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from app.channels import updates
from app.channels.models import Channel
from app.core import jobs
from app.core.db import now
from app.core.outbox import OutboxJob
from app.extensions import db
from tests.channels.hooks.conftest import many, tell
from tests.channels.whatsapp.samples import (
    USER,
    batch,
    entry,
    message,
    signed,
    status,
)  # fmt: skip

# What is stored


def test_what_is_told_is_stored_as_it_came(client, number):
    response = tell(client, number, number.says(message()), number.says(status("read")))
    assert (response.status_code, response.text) == (200, "")
    assert "Set-Cookie" not in response.headers
    first, second = number.stored
    assert (first.external_id, first.person) == ("m:wamid.IN", USER)
    assert first.payload["item"] == message()
    assert (second.external_id, second.lane) == ("s:wamid.OUT:read", first.lane)
    assert first.done_at is None


def test_it_is_stored_once_however_often_it_is_told(client, number):
    told = number.says(message(), message(), message("image", "wamid.2"))
    assert [tell(client, number, told, told).status_code for _ in range(3)] == [200, 200, 200]
    assert [each.external_id for each in number.stored] == ["m:wamid.IN", "m:wamid.2"]


def test_the_same_id_on_another_number_is_another_message(client, connect, cast, number):
    theirs = connect(cast.neighbour_business_id)
    for each in (number, theirs):
        tell(client, each, each.says(message()))
    assert [len(each.stored) for each in (number, theirs)] == [1, 1]


def test_a_batch_takes_two_statements(client, number, count_queries):
    tell(client, number, number.says(message()))  # opens the door
    with count_queries() as statements:
        tell(client, number, number.says(*many(1000)))
    assert len(statements) == 2, statements  # the updates, the jobs
    assert len(number.stored) == 1001


def test_updates_keep_the_order_in_which_they_came(client, number):
    told = [message(wamid=f"wamid.{n}") for n in (5, 3, 9, 1)]
    tell(client, number, number.says(*told))
    assert [each.external_id for each in number.stored] == [f"m:{each['id']}" for each in told]


def test_each_lane_with_something_new_has_one_job(app, client, number):
    tell(client, number, number.says(*many(100)))
    tell(client, number, number.says(*many(101)))
    with app.app_context():
        query = select(OutboxJob).where(OutboxJob.key.startswith(f"updates-{number.id}-"))
        found = list(db.session.scalars(query))
        asked = {each.args[1]: each.asked for each in found}
        (newest,) = [each.lane for each in number.stored][100:]
        assert {each.name for each in found} == {"frontdesk.work_off"}
        assert {each.business_id for each in found} == {number.business_id}
        assert asked == {lane: int(lane == newest) for lane in range(8)}


def test_how_far_messages_got_is_worked_off_with_what_comes_meanwhile(
    app, client, number, monkeypatch
):
    monkeypatch.setattr(updates, "MAY_WAIT", timedelta(minutes=5))

    def wait():
        with app.app_context():
            query = select(OutboxJob).where(OutboxJob.key.startswith(f"updates-{number.id}-"))
            (job,) = db.session.scalars(query)
            return job.available_at - now()

    tell(client, number, number.says(status("sent")))
    tell(client, number, number.says(status("delivered")))
    assert wait() > timedelta(minutes=4)
    tell(client, number, number.says(message()))
    assert wait() <= timedelta()


def test_jobs_are_pushed_when_the_answer_has_gone_out(client, number, monkeypatch):
    pushed = []
    monkeypatch.setattr(jobs, "push_all", pushed.extend)
    response = tell(client, number, number.says(message()))
    assert (response.status_code, pushed) == (200, [])
    response.close()
    assert len(pushed) == 1


def test_without_redis_it_is_stored_all_the_same(client, number, monkeypatch):
    def fail(*_job):
        raise ConnectionError

    monkeypatch.setattr(jobs, "push_all", fail)
    with tell(client, number, number.says(message())) as response:
        assert response.status_code == 200
    assert len(number.stored) == 1


def test_without_the_database_the_provider_is_asked_to_come_again(client, number, monkeypatch):
    def fail(_found):
        raise OperationalError("no", None, Exception("away"))

    with monkeypatch.context() as away:
        away.setattr(updates, "store", fail)
        response = tell(client, number, number.says(message()))
    assert (response.status_code, number.stored) == (503, [])
    assert response.headers["Retry-After"]
    assert tell(client, number, number.says(message())).status_code == 200
    assert len(number.stored) == 1


@pytest.mark.parametrize("text", ["a\x00b", "half \ud83d of a sign", "\\u0000 typed", "\\"])
def test_signs_that_postgres_does_not_know_do_no_harm(client, number, text):
    odd = message(text={"body": text}, big=float("inf"))
    assert tell(client, number, number.says(odd, message(wamid="wamid.2"))).status_code == 200
    first, _ = number.stored
    assert first.payload["item"]["text"]["body"] in (text, "ab", "half ? of a sign")


def test_deep_brackets_and_long_ids_do_no_harm(client, number):
    deep = {}
    for _ in range(300):
        deep = {"x": deep}
    assert (
        tell(client, number, number.says(message(wamid="w" * 9000, deep=deep))).status_code == 200
    )
    (stored,) = number.stored
    assert len(stored.external_id) < 200


def test_the_channel_knows_when_it_last_heard(client, number):
    tell(client, number, number.says(message()))
    with number.scope():
        first = db.session.get(Channel, (number.business_id, number.id)).heard_at
    tell(client, number, number.says(message(wamid="wamid.2")))
    with number.scope():
        again = db.session.get(Channel, (number.business_id, number.id)).heard_at
    assert first is not None
    assert again == first  # once a minute is enough


# Bodies


def test_three_megabytes_are_refused(client, number):
    body = batch(number.says(message(text={"body": "x" * 3 * 1024 * 1024})))
    response = client.post(number.url, data=body, headers=signed(body, number.secret))
    assert response.status_code == 413
    assert response.json["error"]["code"] == "too_large"
    assert number.stored == []


def test_two_megabytes_pass(client, number):
    told = number.says(*(message(wamid=str(n), text={"body": "x" * 2000}) for n in range(900)))
    assert tell(client, number, told).status_code == 200
    assert len(number.stored) == 900


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"entry": [null, {"changes": 3}]}'])
def test_what_is_signed_but_says_nothing_is_not_asked_for_again(client, number, body):
    """A provider would try it for days, and then close the address."""
    response = client.post(number.url, data=body, headers=signed(body, number.secret))
    assert (response.status_code, number.stored) == (200, [])


def test_a_field_that_nobody_knows_is_kept_for_whoever_asks(client, number):
    told = entry("nothing_we_know", {"a": 1}) | {"id": number.waba}
    assert tell(client, number, told).status_code == 200
    (stored,) = number.stored
    assert (stored.person, stored.payload["item"]) == ("", {"a": 1})
