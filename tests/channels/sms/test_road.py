"""A text message from a phone into the inbox and back, over HTTP; connecting a number, and looking after it."""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from app.channels import checks, connecting, consents
from app.channels.border import Address
from app.channels.models import Channel, ChannelRoute, Consent
from app.conversations.models import Conversation, Message, MessageFile
from app.core.unit_of_work import unit_of_work
from app.extensions import db
from tests.channels.sms.conftest import THEIRS


@pytest.fixture
def writes(twilio, texting, run_jobs):
    def writing(body, phone=THEIRS, **more):
        answer = texting.post(twilio.writes(texting.account, phone, texting.number, body, **more))
        run_jobs()
        return answer

    return writing


def incoming():
    query = db.session.query(Message).filter_by(kind="incoming").order_by(Message.id)
    return [each.body for each in query]


def test_a_text_stands_in_the_inbox_once(writes, texting, twilio, inside, run_jobs):
    answer = writes("Do you have tulips?")
    assert (answer.status_code, answer.mimetype) == (200, "text/xml")
    assert answer.text.endswith("<Response />")
    assert texting.post(twilio.hooks[-1]).status_code == 200  # told again
    run_jobs()
    with inside():
        assert incoming() == ["Do you have tulips?"]
        conversation = db.session.query(Conversation).one()
        assert conversation.visitor.contact.identity("phone").value == THEIRS


@pytest.mark.parametrize("signature", ["", "AAAA"])
def test_a_wrong_signature_is_refused(twilio, texting, inside, signature):
    hook = twilio.writes(texting.account, THEIRS, texting.number, "Hi")
    assert texting.post(hook, **{"X-Twilio-Signature": signature}).status_code == 401
    other = twilio.account()
    forged = twilio.tells(other, texting.number.sms_url, {"MessageSid": "SM1", "From": THEIRS})
    assert texting.post(forged).status_code == 401
    with inside():
        assert incoming() == []


def test_what_is_signed_and_no_message_is_answered(twilio, texting, inside):
    assert (
        texting.post(twilio.tells(texting.account, texting.number.sms_url, {})).status_code == 200
    )
    with inside():
        assert incoming() == []


def test_an_address_that_nobody_has(twilio, texting):
    hook = twilio.tells(texting.account, "http://127.0.0.1:8000/hooks/sms/1-nobody", {})
    assert texting.post(hook).status_code == 404


def test_a_picture_is_fetched_and_kept(writes, inside):
    writes("These", media=1)
    with inside():
        file = db.session.query(MessageFile).one()
        assert (file.state, file.kind) == ("stored", "image")


def test_stop_is_answered_by_the_carrier_alone(writes, twilio, inside):
    writes("STOP")
    assert twilio.sent == []
    with inside():
        kept = db.session.query(Consent).one()
        assert (kept.purpose, kept.state, kept.basis) == ("all", "out", "word")
    writes("START")
    with inside():
        them = [Address("phone", THEIRS)]
        assert consents.current("sms", them, "all").state == "in"


def test_a_machine_s_code_is_kept_and_not_answered(writes, twilio, inside):
    writes("Your code is 1234", phone="88811")
    with inside():
        assert incoming() == ["Your code is 1234"]
    assert twilio.sent == []


# Connecting


@pytest.fixture
def connect(login, cast, run_jobs, inside) -> Callable[..., str]:
    """Through the page; what it says then."""

    def connecting_(account, sender, token=None):
        client = login(cast.owner)
        typed = {
            "account_sid": account.sid, "auth_token": token or account.token, "sender": sender
        }  # fmt: skip
        asked = client.post(f"/b/{cast.slug}/settings/channels/new/sms", data=typed)
        if asked.status_code == 422:
            return asked.text
        run_jobs()
        return client.get(urlsplit(asked.location).path, follow_redirects=True).text

    return connecting_


def number_of(twilio, account, **values):
    """Another at each test: a number belongs to one business alone."""
    from secrets import randbelow

    return twilio.number(account, f"+4420{randbelow(10**8):08}", **values)


def test_a_number_is_connected_and_twilio_told_where_to_send(connect, twilio, inside):
    account = twilio.account()
    number = number_of(twilio, account)
    text = connect(account, number.phone)
    assert account.token not in text
    with inside():
        channel = db.session.query(Channel).filter_by(kind="sms").one()
        assert (channel.state, channel.external_id) == ("active", number.phone)
        assert number.sms_url.endswith(f"/hooks/sms/{channel.public_key}")
        assert {each["state"] for each in channel.health} == {"good"}


def test_a_messaging_service_is_connected(connect, twilio, inside):
    account = twilio.account()
    service = twilio.service(account, number_of(twilio, account))
    connect(account, service.sid)
    with inside():
        channel = db.session.query(Channel).filter_by(kind="sms").one()
        assert service.url.endswith(f"/hooks/sms/{channel.public_key}")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"token": "wrong"}, "doesn’t know this pair"),
        ({"sender": "+442079999999"}, "isn’t in that account"),
        ({"sender": f"MG{0:032x}"}, "messaging service isn’t in that account"),
        ({"sender": "the shop"}, "Number or messaging service"),
        ({"status": "suspended"}, "as suspended"),
        ({"can_sms": False}, "can’t do text messages"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_made(connect, twilio, inside, change, said):
    account = twilio.account(status=change.get("status", "active"))
    number = number_of(twilio, account, can_sms=change.get("can_sms", True))
    text = connect(account, change.get("sender", number.phone), change.get("token"))
    assert said in text
    with inside():
        assert db.session.query(Channel).filter_by(kind="sms").count() == 0


def test_a_number_that_another_business_has(connect, twilio, app, cast):
    account = twilio.account()
    number = number_of(twilio, account)
    with app.app_context(), cast.neighbour_scope(), unit_of_work():
        other = Channel.of_kind("website")
        db.session.add(
            ChannelRoute(
                kind="sms", external_id=number.phone, business_id=other.business_id,
                channel_id=other.id,
            )
        )  # fmt: skip
    assert "another business" in connect(account, number.phone)


@pytest.fixture
def checked(texting, inside, run_jobs):
    def check():
        with inside():
            checks.ask_now(texting.channel)
        run_jobs()
        with inside():
            channel = texting.channel
            return channel.state, {each["key"]: each["state"] for each in channel.health}

    return check


def test_a_check_finds_all_well(checked, texting):
    texting.number.sms_url = "https://elsewhere.example/"
    state, found = checked()
    assert (state, found["account"], found["number"], found["listen"]) == ("active", *["good"] * 3)
    assert "/hooks/sms/" in texting.number.sms_url


def test_a_token_that_was_changed_breaks_the_channel(checked, texting):
    texting.account.token = "another"
    assert checked()[0] == "broken"


def test_a_number_that_was_given_back_breaks_the_channel(checked, texting):
    texting.account.numbers.clear()
    state, found = checked()
    assert (state, found["number"]) == ("broken", "bad")


def test_a_suspended_account_breaks_the_channel(checked, texting):
    texting.account.status = "suspended"
    assert checked()[0] == "broken"


def test_a_trial_account_is_told_of(checked, texting):
    texting.account.kind = "Trial"
    state, found = checked()
    assert (state, found["account"]) == ("active", "warn")


def test_an_address_that_we_may_not_set_is_told(checked, texting):
    texting.account.may_change = False
    texting.number.sms_url = ""
    state, found = checked()
    assert (state, found["listen"]) == ("active", "warn")


def test_disconnected_it_takes_its_address_back(texting, inside, run_jobs):
    with inside():
        connecting.disconnect(texting.channel)
    run_jobs()
    assert texting.number.sms_url == ""


def test_disconnected_it_leaves_what_points_elsewhere(texting, inside, run_jobs):
    texting.number.sms_url = "https://elsewhere.example/"
    with inside():
        connecting.disconnect(texting.channel)
    run_jobs()
    assert texting.number.sms_url == "https://elsewhere.example/"
