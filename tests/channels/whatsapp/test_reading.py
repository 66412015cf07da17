"""A webhook’s signature and handshake, and what is cut out of a batch."""

import pytest

from app.channels import meta_hooks
from app.channels.border import Hook, HookRefused
from app.channels.whatsapp import reading
from tests.channels.whatsapp.samples import (
    CONTACT,
    MESSAGES,
    NOTICES,
    NUMBER,
    PHONE,
    USER,
    WABA,
    about_number,
    all_entries,
    batch,
    entry,
    message,
    of_messages,
    of_statuses,
    signed,
    status,
)  # fmt: skip

SECRET = {"app_secret": "s3cret", "verify_token": "hello"}


def hook(body=b"", headers=None, args=None):
    lowered = {name.lower(): value for name, value in (headers or {}).items()}
    return Hook("POST", "https://desk.example/hooks/whatsapp", lowered, args or {}, body)


def split(*entries):
    return reading.split(hook(batch(*entries)))


def test_the_right_signature_passes():
    body = batch(of_messages(message()))
    assert meta_hooks.check_signature(hook(body, signed(body, "s3cret")), SECRET) is None


@pytest.mark.parametrize(
    ("headers", "credentials"),
    [
        ({}, SECRET),
        ({"X-Hub-Signature-256": "sha256="}, SECRET),
        ({"X-Hub-Signature-256": "sha256=é\udce9"}, SECRET),
        (signed(b"{}", "another"), SECRET),
        (signed(b"{} ", "s3cret"), SECRET),
        (signed(b"{}", ""), {}),  # without a secret nothing is right
    ],
)
def test_a_wrong_signature_is_refused(headers, credentials):
    with pytest.raises(HookRefused) as refused:
        meta_hooks.check_signature(hook(b"{}", headers), credentials)
    assert refused.value.status == 401


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ({"hub.mode": "subscribe", "hub.challenge": "42", "hub.verify_token": "hello"}, "42"),
        ({"hub.mode": "subscribe", "hub.challenge": "42", "hub.verify_token": "hallo"}, None),
        ({"hub.mode": "other", "hub.challenge": "42", "hub.verify_token": "hello"}, None),
        ({"hub.mode": "subscribe", "hub.challenge": "42"}, None),
        ({}, None),
    ],
)
def test_the_handshake(args, said):
    assert meta_hooks.answer_handshake(hook(args=args), SECRET) == said
    assert meta_hooks.answer_handshake(hook(args=args), {}) is None


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 5000, b'{"entry":' * 5000])
def test_what_is_no_json_is_refused(body):
    with pytest.raises(HookRefused) as refused:
        reading.split(hook(body))
    assert refused.value.status == 400


@pytest.mark.parametrize(
    "body", [b"[]", b"7", b"null", b'{"entry": 7}', b'{"entry": [{"changes": 1}]}']
)
def test_what_has_no_updates_has_none(body):
    assert reading.split(hook(body)) == []


def test_every_update_of_every_entry_is_there():
    found = split(*all_entries())
    assert len(found) == len(MESSAGES) + 1 + 5 + 1 + 1 + 1 + len(NOTICES) + 4
    assert len({each.external_id for each in found}) == len(found)


def test_messages_and_statuses_of_a_person_stand_in_one_lane():
    by_both, by_status = split(of_messages(message()), of_statuses(status("read")))
    bare = message(wamid="wamid.2", from_user_id=None)
    (by_contact,) = split(of_messages(bare))
    (hidden,) = split(of_messages(message() | {"from": None}, contacts=[{"user_id": USER}]))
    assert {each.person for each in (by_both, by_status, by_contact, hidden)} == {USER}
    assert by_both.account == NUMBER
    (only_number,) = split(of_messages(bare, contacts=[]))
    assert only_number.person == PHONE


def test_each_message_has_its_own_contact():
    other = {"profile": {"name": "Bea"}, "wa_id": "447700900555"}
    theirs = message(wamid="wamid.2", from_user_id=None) | {"from": "447700900555"}
    nobodys = message(wamid="wamid.3", from_user_id=None) | {"from": "447700900556"}
    found = split(of_messages(message(), theirs, nobodys, contacts=[other, CONTACT]))
    assert [each.payload["contact"] for each in found] == [CONTACT, other, {}]


def test_the_same_told_again_has_the_same_id():
    once, again = split(*all_entries()), split(*all_entries())
    assert [each.external_id for each in once] == [each.external_id for each in again]
    later = entry("account_review_update", NOTICES["account_review_update"], at=1_763_799_999)
    assert split(later)[0].external_id not in {each.external_id for each in once}


def test_statuses_of_a_message_are_told_apart():
    ids = [each.external_id for each in split(of_statuses(status("sent"), status("read")))]
    assert ids == ["s:wamid.OUT:sent", "s:wamid.OUT:read"]


def test_a_notice_names_the_account_it_is_about():
    (own,) = split(entry("account_review_update", {}))
    partner = {"event": "PARTNER_ADDED", "waba_info": {"waba_id": "777"}}
    (theirs,) = split(entry("account_update", partner))
    assert (own.account, own.person, theirs.account) == (WABA, "", "777")


@pytest.mark.parametrize("given", [None, "", "x", "-5", True, "99999999999", "1e400", [], 10**400])
def test_a_moment_that_can_not_be_is_the_batch_s(given):
    (found,) = split(of_messages(message(timestamp=given)))
    assert found.occurred_at.timestamp() == 1_763_700_001


def test_milliseconds_are_understood():
    (found,) = split(of_messages(message(timestamp="1763700000000")))
    assert found.occurred_at.timestamp() == 1_763_700_000


def test_without_a_number_the_account_is_named():
    (found,) = split(entry("messages", about_number(messages=[message()]) | {"metadata": None}))
    assert found.account == WABA
