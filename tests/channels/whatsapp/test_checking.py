"""What Meta says of a number, its account and its token, in plain words."""

import time

import pytest
from flask import Flask

from app.channels import meta_apps
from app.channels.adapters import adapter
from app.channels.border import Checked, Line, SendFailed
from app.channels.graph import Access, access_of
from app.channels.whatsapp import account, template_calls
from tests.channels.whatsapp.conftest import line_of
from tests.standins.graph import Graph, Number

whatsapp = adapter("whatsapp")


def states(checked: Checked) -> dict[str, str]:
    return {finding.key: finding.state for finding in checked.findings}


def test_a_healthy_number_is_good_in_everything(line: Line, number: Number) -> None:
    checked = whatsapp.check(line)
    assert set(states(checked).values()) == {"good"}
    assert not checked.is_broken
    assert checked.token_expires_at is None
    assert checked.facts == {
        "display_number": "+442079460018", "verified_name": "Test Shop", "quality": "GREEN",
        "tier": "TIER_250", "throughput": 80, "is_coexistence": False, "payment": "ok",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("days", "state", "is_broken"), [(60, "good", False), (5, "warn", False), (-1, "bad", True)]
)
def test_a_tokens_end_is_seen_before_it_comes(
    line: Line, number: Number, days: int, state: str, is_broken: bool
) -> None:
    number.graph.tokens[number.token].expires_at = time.time() + days * 86_400
    checked = whatsapp.check(line)
    assert (states(checked)["token"], checked.is_broken) == (state, is_broken)


def test_a_token_that_was_taken_back_breaks_the_channel(line: Line, number: Number) -> None:
    number.graph.tokens[number.token].is_valid = False
    checked = whatsapp.check(line)
    assert (states(checked), checked.is_broken) == ({"token": "bad"}, True)
    assert checked.findings[0].fix


def test_a_wrong_app_secret_is_found(line: Line) -> None:
    wrong = {**line.credentials, "app_secret": "another"}
    checked = whatsapp.check(Line(1, "whatsapp", line.external_id, line.settings, wrong))
    assert checked.is_broken


def test_a_token_of_another_business_may_not_use_the_number(graph: Graph, number: Number) -> None:
    stranger = line_of(graph.number(app=number.app))
    line = line_of(number)
    mixed = Line(1, "whatsapp", line.external_id, line.settings, stranger.credentials)
    checked = whatsapp.check(mixed)
    assert (states(checked)["number"], checked.is_broken) == ("bad", True)


@pytest.mark.parametrize(
    ("change", "key", "state", "is_broken"),
    [
        ({"quality": "RED"}, "quality", "bad", False),
        ({"quality": "YELLOW"}, "quality", "warn", False),
        ({"is_registered": False}, "number", "bad", True),
        ({"is_on_biz_app": True}, "number", "good", False),
    ],
)
def test_a_number_says_how_it_is(
    number: Number, change: dict[str, object], key: str, state: str, is_broken: bool
) -> None:
    line = line_of(number)
    for name, value in change.items():
        setattr(number, name, value)
    checked = whatsapp.check(line)
    assert (states(checked)[key], checked.is_broken) == (state, is_broken)


@pytest.mark.parametrize(
    ("has", "shows", "said", "state"),
    [
        (True, True, "ok", "good"),
        (False, True, "missing", "bad"),
        (True, False, "unknown", "warn"),
        (False, False, "missing", "bad"),  # its health says so
    ],
)
def test_payment_is_known_or_said_to_be_unknown(
    number: Number, has: bool, shows: bool, said: str, state: str
) -> None:
    line = line_of(number)
    number.waba.has_payment, number.waba.shows_payment = has, shows
    checked = whatsapp.check(line)
    key = "payment_untold" if said == "unknown" else "payment"
    assert (checked.facts["payment"], states(checked)[key]) == (said, state)


def test_an_account_that_tells_us_nothing_is_found(line: Line, number: Number) -> None:
    number.waba.subscribed.clear()
    assert states(whatsapp.check(line))["webhook"] == "bad"


@pytest.mark.parametrize(
    ("kept", "missing", "is_broken"),
    [
        ("whatsapp_business_management", "whatsapp_business_messaging", True),
        ("whatsapp_business_messaging", "whatsapp_business_management", False),
    ],
)
def test_missing_permissions_are_named(
    line: Line, number: Number, kept: str, missing: str, is_broken: bool
) -> None:
    number.graph.tokens[number.token].scopes = (kept,)
    checked = whatsapp.check(line)
    words = {finding.key: finding.words for finding in checked.findings}
    assert missing in words["permissions"]
    assert checked.is_broken is is_broken


def test_meta_being_down_says_nothing_about_the_channel(graph: Graph, line: Line) -> None:
    graph.fails(2, at="app")
    with pytest.raises(SendFailed) as caught:
        whatsapp.check(line)
    assert caught.value.trouble == "retry"


# What connecting asks


def test_embedded_signup_gives_a_token_for_its_numbers(
    graph: Graph, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "META_APP_ID", graph.app.id)
    monkeypatch.setitem(app.config, "META_APP_SECRET", graph.app.secret)
    number = graph.number()
    number.is_registered = False
    code = graph.signup_code(number)
    granted = account.exchange_code(code)
    assert granted.token not in repr(granted)
    assert granted.expires_at is not None
    facts = meta_apps.debug_token(granted.token, graph.app.id, graph.app.secret)
    assert (facts.is_valid, facts.accounts) == (True, (number.waba_id,))
    access = Access(granted.token, graph.app.secret)
    assert [each.number_id for each in account.numbers_of(access, number.waba_id)] == [
        number.phone_number_id
    ]
    account.register(access, number.phone_number_id, "123456")
    assert number.is_registered
    with pytest.raises(SendFailed):
        account.exchange_code(code)


def test_an_account_tells_an_app_at_an_address_that_answers(graph: Graph, number: Number) -> None:
    access = access_of(line_of(number))
    account.unsubscribe(access, number.waba_id)
    assert account.subscribed_apps(access, number.waba_id) == {}
    with pytest.raises(SendFailed):
        account.subscribe(access, number.waba_id, "http://127.0.0.1:9/hooks", "token")
    graph.trusts_callbacks = True
    account.subscribe(access, number.waba_id, "https://example.com/hooks", "token")
    assert account.subscribed_apps(access, number.waba_id) == {
        number.app.id: "https://example.com/hooks"
    }
    url = "https://example.com/hooks/whatsapp/1-a"
    account.set_app_webhook(number.app.id, number.app.secret, url, "token", is_coexistence=True)
    assert number.app.hook_url == url
    assert "smb_message_echoes" in number.app.fields


def test_a_phones_own_data_is_asked_for_once(graph: Graph, number: Number) -> None:
    number.is_on_biz_app = True
    access = access_of(line_of(number))
    account.smb_app_data(access, number.phone_number_id, "history")
    assert number.synced == ["history"]
    with pytest.raises(SendFailed):
        account.smb_app_data(access, number.phone_number_id, "history")


# Templates


def made(name: str = "ready", **more: object) -> dict[str, object]:
    body = {
        "type": "BODY",
        "text": "Hello {{first_name}}, it is ready.",
        "example": {"body_text_named_params": [{"param_name": "first_name", "example": "Maya"}]},
    }
    return {
        "name": name, "language": "en_GB", "category": "UTILITY", "parameter_format": "NAMED",
        "components": [body], **more,
    }  # fmt: skip


def test_templates_are_made_changed_listed_and_deleted(
    graph: Graph, line: Line, number: Number
) -> None:
    said = template_calls.create(line, made())
    assert said["status"] == "PENDING"
    template = number.waba.templates["ready", "en_GB"]
    with pytest.raises(SendFailed):
        template_calls.edit(line, template.id, {"components": made()["components"]})
    template.status = "PAUSED"
    assert template_calls.unpause(line, template.id)
    template_calls.edit(line, template.id, {"components": made()["components"]})
    for index in range(4):
        graph.template(number, f"hello_{index}")
    pages = list(template_calls.listed(line, page_size=2))
    assert [len(page) for page in pages] == [2, 2, 1]
    template_calls.delete(line, "ready")
    assert ("ready", "en_GB") not in number.waba.templates


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "Not A Name"},
        {"category": "LETTERS"},
        {"components": [{"type": "BODY", "text": "Hello {{first_name}}, it is ready."}]},
        {"components": [{"type": "BODY", "text": "{{first_name}} is here now, at last."}]},
        {"components": [{"type": "FOOTER", "text": "Bye"}]},
    ],
)
def test_a_template_that_breaks_the_rules_is_refused(line: Line, wrong: dict[str, object]) -> None:
    with pytest.raises(SendFailed) as caught:
        template_calls.create(line, made(**wrong))
    assert caught.value.trouble == "permanent"


def test_a_header_shows_an_example_that_was_uploaded(
    graph: Graph, line: Line, number: Number
) -> None:
    handle = template_calls.upload_example(line, "menu.png", "image/png", b"a picture")
    header = {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": [handle]}}
    template_calls.create(
        line, made(components=[header, {"type": "BODY", "text": "Our menu of today."}])
    )
    assert ("ready", "en_GB") in number.waba.templates
