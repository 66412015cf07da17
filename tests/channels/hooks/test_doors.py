"""Who may speak at a webhook’s address, of whose numbers, and that pages leave room for them."""

import pytest

from app.channels import hook_doors
from app.channels.models import Channel
from app.core import gate
from app.extensions import db
from tests.channels.hooks.conftest import tell
from tests.channels.whatsapp.samples import (
    NOTICES,
    batch,
    entry,
    message,
    signed,
)  # fmt: skip

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
