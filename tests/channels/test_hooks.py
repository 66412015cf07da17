"""Webhooks: who may speak at which address, and what is stored of it, once."""

import secrets
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from app.channels import hook_doors, updates
from app.channels.models import Channel, ChannelRoute, ChannelUpdate, new_public_key
from app.core import gate, unit_of_work
from app.core.jobs import OutboxJob
from app.core.tenancy import business_scope
from app.extensions import db
from tests.channels.whatsapp.samples import (
    NOTICES,
    USER,
    batch,
    entry,
    message,
    of_messages,
    of_statuses,
    signed,
    status,
)  # fmt: skip

_numbers = count(1)


@dataclass
class Number:
    """A number on WhatsApp that a business has connected."""

    app: object
    business_id: int
    id: int
    key: str
    external_id: str
    waba: str
    secret: str
    verify_token: str = "hello"

    @contextmanager
    def scope(self):
        with self.app.app_context(), business_scope(self.business_id), unit_of_work.unit_of_work():
            yield

    @property
    def url(self):
        return f"/hooks/whatsapp/{self.key}"

    @property
    def stored(self):
        with self.scope():
            query = select(ChannelUpdate).where(ChannelUpdate.channel_id == self.id)
            found = list(db.session.scalars(query.order_by(ChannelUpdate.id)))
            db.session.expunge_all()
            return found

    def says(self, *items, **changes):
        """An entry about this number."""
        made = of_statuses(*items) if "status" in items[0] else of_messages(*items)
        made["id"] = self.waba
        made["changes"][0]["value"]["metadata"]["phone_number_id"] = self.external_id
        return made | changes

    def change(self, **values):
        with self.scope():
            channel = db.session.get(Channel, (self.business_id, self.id))
            for name, value in values.items():
                setattr(channel, name, value)


@pytest.fixture
def connect(app):
    """`connect(business_id)` is a number of an owner's own app, or of ours with `is_ours`."""

    def make(business_id, *, secret="", waba="", is_ours=False):
        external_id, waba = (
            f"9{next(_numbers):05}{secrets.randbelow(10**6)}",
            waba or f"8{next(_numbers)}",
        )
        secret = secret or secrets.token_hex(8)
        with app.app_context(), business_scope(business_id), unit_of_work.unit_of_work():
            channel = Channel(
                kind="whatsapp", name="W", public_key=new_public_key(business_id), external_id=external_id,
                settings={"waba_id": waba, "app": "ours" if is_ours else "own"},
            )  # fmt: skip
            channel.credentials = {"app_secret": secret, "verify_token": "hello"}
            db.session.add(channel)
            db.session.flush()
            for kind, name in (("whatsapp", external_id), ("whatsapp_account", waba)):
                if is_ours:
                    db.session.add(
                        ChannelRoute(
                            kind=kind,
                            external_id=name,
                            business_id=business_id,
                            channel_id=channel.id,
                        )
                    )
            return Number(
                app, business_id, channel.id, channel.public_key, external_id, waba, secret
            )

    return make


@pytest.fixture
def number(connect, cast):
    return connect(cast.business_id)


@pytest.fixture
def our_app(app, monkeypatch):
    monkeypatch.setitem(app.config, "META_APP_SECRET", "ours")
    monkeypatch.setitem(app.config, "META_VERIFY_TOKEN", "our token")


def tell(client, number, *entries, secret=None, url=None):
    body = batch(*entries)
    return client.post(url or number.url, data=body, headers=signed(body, secret or number.secret))


def many(amount):
    """Messages of different people, so of all lanes."""
    return [message(wamid=f"wamid.{n}", from_user_id=f"GB.{n}") for n in range(amount)]


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


def test_a_batch_takes_three_statements(client, number, count_queries):
    tell(client, number, number.says(message()))  # opens the door
    with count_queries() as statements:
        tell(client, number, number.says(*many(1000)))
    assert len(statements) == 3, statements  # the scope, the updates, the jobs
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


def test_jobs_are_pushed_when_the_answer_has_gone_out(client, number, monkeypatch):
    pushed = []
    monkeypatch.setattr("app.core.many_jobs.push", lambda *job: pushed.append(job))
    response = tell(client, number, number.says(message()))
    assert (response.status_code, pushed) == (200, [])
    response.close()
    assert len(pushed) == 1


def test_without_redis_it_is_stored_all_the_same(client, number, monkeypatch):
    def fail(*_job):
        raise ConnectionError

    monkeypatch.setattr("app.core.many_jobs.push", fail)
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


# Who may speak


@pytest.mark.parametrize("header", [None, "", "sha256=", "sha256=00", "sha1=aa", "sha256=é"])
def test_a_wrong_signature_is_refused_without_a_word(client, number, header):
    headers = {} if header is None else {"X-Hub-Signature-256": header}
    response = client.post(number.url, data=batch(number.says(message())), headers=headers)
    assert (response.status_code, response.text, number.stored) == (401, "", [])


def test_another_business_s_secret_opens_nothing(client, connect, cast, number):
    theirs = connect(cast.neighbour_business_id)
    told = number.says(message())
    assert tell(client, number, told, secret=theirs.secret).status_code == 401
    # With its own secret at its own address it can't speak of our number.
    assert tell(client, theirs, told).status_code == 200
    assert (number.stored, theirs.stored) == ([], [])


@pytest.mark.parametrize(
    "path", ["carrierpigeon", "website", "whatsapp/1-nothing", "whatsapp/x", "sms"]
)
def test_an_unknown_address_is_not_found(client, number, path):
    body = batch(number.says(message()))
    response = client.post(f"/hooks/{path}", data=body, headers=signed(body, number.secret))
    assert response.status_code == 404
    assert client.get(f"/hooks/{path}").status_code == 404


def test_the_key_of_a_chat_on_a_website_opens_nothing(client, cast, number):
    url = f"/hooks/whatsapp/{cast.website_key}"
    assert tell(client, number, number.says(message()), url=url).status_code == 404


def test_a_key_of_another_business_s_number_is_nothing(client, cast, number):
    url = f"/hooks/whatsapp/{cast.neighbour_business_id}-{number.key.partition('-')[2]}"
    assert tell(client, number, number.says(message()), url=url).status_code == 404


def test_a_channel_that_is_off_hears_nothing(client, number):
    number.change(state="off")
    assert tell(client, number, number.says(message())).status_code == 404
    assert number.stored == []


def test_a_broken_one_still_hears(client, number):
    number.change(state="broken")
    assert tell(client, number, number.says(message())).status_code == 200
    assert len(number.stored) == 1


def test_a_secret_that_was_just_changed_counts_at_once(client, number, monkeypatch):
    tell(client, number, number.says(message()))
    monkeypatch.setattr(hook_doors, "ANEW_SECONDS", 0)
    number.change(credentials={"app_secret": "changed", "verify_token": "hello"})
    assert (
        tell(client, number, number.says(message(wamid="2")), secret="changed").status_code == 200
    )
    assert (
        tell(client, number, number.says(message(wamid="3")), secret=number.secret).status_code
        == 401
    )
    assert len(number.stored) == 2


def test_secrets_are_opened_once_and_not_for_every_request(client, number, count_queries):
    tell(client, number, number.says(message()))
    with count_queries() as statements:
        tell(client, number, number.says(message(wamid="wamid.2")), secret="wrong")
    assert statements == []


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


# Several numbers


def test_an_own_app_may_speak_of_its_other_numbers(client, connect, cast, number):
    sibling = connect(cast.business_id, secret=number.secret)
    stranger = connect(cast.business_id)
    told = [each.says(message()) for each in (number, sibling, stranger)]
    assert tell(client, number, *told).status_code == 200
    assert [len(each.stored) for each in (number, sibling, stranger)] == [1, 1, 0]


def test_a_number_connected_just_now_is_known_at_once(client, connect, cast, number, monkeypatch):
    tell(client, number, number.says(message()))
    monkeypatch.setattr(hook_doors, "ANEW_SECONDS", 0)
    sibling = connect(cast.business_id, secret=number.secret)
    tell(client, number, sibling.says(message()))
    assert len(sibling.stored) == 1


def test_a_notice_of_an_account_goes_to_its_first_number_that_works(client, connect, cast, number):
    number.change(state="broken")
    second = connect(cast.business_id, secret=number.secret, waba=number.waba)
    connect(cast.business_id, secret=number.secret, waba=number.waba)
    field = "account_review_update"
    assert (
        tell(client, number, entry(field, NOTICES[field]) | {"id": number.waba}).status_code == 200
    )
    assert (len(number.stored), len(second.stored)) == (0, 1)


def test_our_own_app_speaks_for_every_business(client, connect, cast, our_app, caplog):
    first, second = (
        connect(each, is_ours=True) for each in (cast.business_id, cast.neighbour_business_id)
    )
    own = connect(cast.business_id)  # of another app: our app doesn't speak for it
    field = "account_review_update"
    told = [
        first.says(message()),
        second.says(message()),
        own.says(message()),
        first.says(message(wamid="2")),
    ]
    notice = entry(field, NOTICES[field]) | {"id": second.waba}
    caplog.set_level("WARNING", logger="app.channels.hooks")
    response = tell(client, first, *told, notice, secret="ours", url="/hooks/whatsapp")
    assert response.status_code == 200
    assert [len(each.stored) for each in (first, second, own)] == [2, 2, 0]
    assert "dropped 1 whatsapp updates of nobody" in caplog.text


def test_what_our_app_says_of_a_number_that_is_off_is_dropped(client, connect, cast, our_app):
    number = connect(cast.business_id, is_ours=True)
    number.change(state="off")
    response = tell(client, number, number.says(message()), secret="ours", url="/hooks/whatsapp")
    assert (response.status_code, number.stored) == (200, [])


def test_without_an_app_of_ours_nobody_speaks_there(client, number, app, monkeypatch):
    for secret in ("", number.secret):
        told = number.says(message())
        assert (
            tell(client, number, told, secret=secret or "x", url="/hooks/whatsapp").status_code
            == 404
        )
    assert client.get("/hooks/whatsapp").status_code == 404


# The handshake


def shake(client, url, token, challenge="1158201444"):
    query = {"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": token}
    return client.get(url, query_string=query)


def test_a_handshake_with_the_right_token_is_answered_and_noted(client, number):
    response = shake(client, number.url, "hello", "<b>42</b>")
    assert (response.status_code, response.text) == (200, "<b>42</b>")
    assert response.content_type == "text/plain; charset=utf-8"
    with number.scope():
        settings = db.session.get(Channel, (number.business_id, number.id)).settings
    assert settings["hook_seen"]
    assert settings["waba_id"] == number.waba


def test_a_handshake_with_a_wrong_token_is_refused(client, number):
    assert shake(client, number.url, "hallo").status_code == 403
    assert client.get(number.url).status_code == 403
    with number.scope():
        assert "hook_seen" not in db.session.get(Channel, (number.business_id, number.id)).settings


def test_our_own_app_s_handshake(client, our_app):
    assert shake(client, "/hooks/whatsapp", "our token").text == "1158201444"
    assert shake(client, "/hooks/whatsapp", "hello").status_code == 403


# The gate


@pytest.fixture
def taken(app, monkeypatch):
    """`taken("gate")`: every place behind it is taken."""
    monkeypatch.setattr(gate, "WAIT_SECONDS", 0.01)
    held = []

    def take(name):
        places = app.extensions[name]
        while places.acquire(blocking=False):
            held.append(places)

    yield take
    for places in held:
        places.release()


def test_pages_never_keep_a_provider_waiting(client, number, taken):
    taken("gate")
    assert client.get("/login").status_code == 503
    assert tell(client, number, number.says(message())).status_code == 200


def test_a_provider_that_finds_no_place_comes_again(client, number, taken):
    tell(client, number, number.says(message()))
    taken("hooks_gate")
    response = tell(client, number, number.says(message(wamid="wamid.2")))
    assert (response.status_code, len(number.stored)) == (503, 1)
    assert client.get("/login").status_code == 200


def test_places_are_given_back_whatever_happens(app, client, number):
    places = app.config["POOL_SIZE"]
    for _ in range(places):
        client.get("/hooks/whatsapp/1-nothing")
        tell(client, number, number.says(message()), secret="wrong")
        tell(client, number, number.says(message()))
    assert shake(client, number.url, "hello").status_code == 200
