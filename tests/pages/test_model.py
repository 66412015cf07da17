"""The page on which the owner chooses who writes the answers."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app.assistant.language_models import own
from app.assistant.models import AssistantSettings, ModelCall
from app.extensions import db
from tests.conftest import Cast, Inside, Person
from tests.standins import openai
from tests.standins.openai import OpenAI, calls, fails, says

Login = Callable[[Person], FlaskClient]
FORM = {
    "provider": "own",
    "own_base_url": "https://llm.example.com/v1/",
    "own_model": "small-model",
    "own_key": "sk-0123456789-abcd",
    "own_read_price": "0,40",
    "own_written_price": "1.6",
}


def url(cast: Cast, path: str = "") -> str:
    return f"/b/{cast.slug}/assistant/model/{path}"


@pytest.fixture
def inner(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """A deployment that allows addresses of its own network."""
    monkeypatch.setitem(app.config, "OWN_MODEL_PRIVATE_ADDRESSES", True)


@pytest.fixture
def server(inner: None):
    with openai.running() as running:
        yield running


def saved(inside: Inside) -> dict[str, object]:
    with inside():
        found = AssistantSettings.current()
        names = [name for name in (*FORM, "provider") if name != "own_key"]
        return {name: getattr(found, name) for name in names} | {"key": own.key_of(found)}


def test_an_endpoint_is_saved_and_its_key_only_shown_by_its_end(
    cast: Cast, login: Login, inside: Inside
) -> None:
    owner = login(cast.owner)
    assert owner.post(url(cast), data=FORM).status_code == 303
    assert saved(inside) == {
        "provider": "own",
        "own_base_url": "https://llm.example.com/v1",
        "own_model": "small-model",
        "own_read_price": 0.4,
        "own_written_price": 1.6,
        "key": "sk-0123456789-abcd",
    }
    page = owner.get(url(cast)).text
    assert 'value="own" checked' in page
    assert 'value="https://llm.example.com/v1"' in page
    assert "It ends in abcd" in page or "it ends in abcd" in page
    assert "0123456789" not in page
    with inside():
        stored = db.session.scalar(text("SELECT own_key FROM assistant_settings"))
        assert "abcd" not in stored
    assert saved_key_of_neighbour(cast, login) == ""


def saved_key_of_neighbour(cast: Cast, login: Login) -> str:
    page = login(cast.neighbour).get(f"/b/{cast.neighbour_slug}/assistant/model/").text
    found = re.search(r"it ends in (\w+)", page)
    return found[1] if found else ""


def test_an_empty_key_keeps_the_stored_one_for_the_same_server_alone(
    cast: Cast, login: Login, inside: Inside
) -> None:
    owner = login(cast.owner)
    owner.post(url(cast), data=FORM)
    moved = FORM | {"own_key": "", "own_base_url": "https://llm.example.com/other/v1"}
    assert owner.post(url(cast), data=moved).status_code == 303
    assert saved(inside)["key"] == FORM["own_key"]
    elsewhere = FORM | {"own_key": "", "own_base_url": "https://collector.example.com/v1"}
    for path in ("", "trial"):
        refused = owner.post(url(cast, path), data=elsewhere)
        assert refused.status_code == 422
        assert "The address has changed, so type the key for it." in refused.text
    assert saved(inside)["own_base_url"] == "https://llm.example.com/other/v1"
    assert owner.post(url(cast), data=elsewhere | {"no_key": "y"}).status_code == 303
    assert saved(inside)["key"] == ""


def test_changing_to_another_provider_and_back_keeps_the_endpoint(
    cast: Cast, login: Login, inside: Inside
) -> None:
    owner = login(cast.owner)
    owner.post(url(cast), data=FORM)
    for provider in ("none", "claude"):
        assert owner.post(url(cast), data={"provider": provider}).status_code == 303
        assert saved(inside)["provider"] == provider
    assert saved(inside)["key"] == FORM["own_key"]


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("provider", "other", "Not a valid choice"),
        ("own_base_url", "", "Only addresses that begin with"),
        ("own_base_url", "llm.example.com/v1", "Only addresses that begin with"),
        ("own_base_url", "https://me:pw@llm.example.com/v1", "a user name or password"),
        ("own_base_url", "http://llm.example.com/v1", "only go over an https://"),
        ("own_base_url", "https://llm.example.com/v1?key=1", "Leave out what stands after"),
        ("own_base_url", "https://127.0.0.1:11434/v1", "OWN_MODEL_PRIVATE_ADDRESSES"),
        ("own_base_url", "https://localhost/v1", "OWN_MODEL_PRIVATE_ADDRESSES"),
        ("own_base_url", "https://169.254.169.254/v1", "OWN_MODEL_PRIVATE_ADDRESSES"),
        ("own_model", " ", "as the endpoint spells it"),
        ("own_model", "x" * 121, "as the endpoint spells it"),
        ("own_key", "two words", "This is no key"),
        ("own_key", "schlüssel", "This is no key"),
        ("own_key", "line\nbreak", "This is no key"),
        ("own_read_price", "cheap", "dollars per million tokens"),
        ("own_read_price", "-1", "dollars per million tokens"),
        ("own_read_price", "nan", "dollars per million tokens"),
        ("own_written_price", "", "Give both prices or neither"),
    ],
)
def test_what_is_wrong_is_told_and_what_was_typed_stays(
    cast: Cast, login: Login, inside: Inside, *, field: str, value: str, told: str
) -> None:
    owner = login(cast.owner)
    response = owner.post(url(cast), data=FORM | {field: value})
    assert response.status_code == 422
    assert told in response.text
    assert field == "own_model" or 'value="small-model"' in response.text
    assert "sk-0123" not in response.text
    assert saved(inside)["own_base_url"] == ""
    assert owner.post(url(cast, "trial"), data=FORM | {field: value}).status_code == 422


def test_what_was_pasted_too_much_is_cut(cast: Cast, login: Login, inside: Inside) -> None:
    pasted = FORM | {"own_base_url": " https://llm.example.com/v1/chat/completions "}
    login(cast.owner).post(url(cast), data=pasted)
    assert saved(inside)["own_base_url"] == "https://llm.example.com/v1"


def test_a_deployment_may_allow_its_own_network(
    cast: Cast, login: Login, inside: Inside, inner: None
) -> None:
    owner = login(cast.owner)
    assert "http://127.0.0.1:11434/v1" in owner.get(url(cast)).text
    local = FORM | {"own_base_url": "http://127.0.0.1:11434/v1", "own_key": ""}
    assert owner.post(url(cast), data=local).status_code == 303
    assert saved(inside)["key"] == ""


def test_who_may_not_change_it_sees_it(cast: Cast, login: Login, inside: Inside) -> None:
    viewer = login(cast.viewer)
    page = viewer.get(url(cast)).text
    assert "Your role may look at this and not change it." in page
    assert "What leaves this server" in page
    assert "Test connection" not in page
    assert viewer.post(url(cast), data=FORM).status_code == 403
    assert viewer.post(url(cast, "trial"), data=FORM).status_code == 403
    assert saved(inside)["provider"] == "claude"


def test_without_a_key_for_claude_it_is_said(
    app: Flask, cast: Cast, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = login(cast.owner)
    assert "has no key for Claude" in owner.get(url(cast)).text
    monkeypatch.setitem(app.config, "ANTHROPIC_API_KEY", "sk-x")
    page = owner.get(url(cast)).text
    assert "has no key for Claude" not in page
    assert app.config["ANTHROPIC_MODEL"] in page


def try_it(client: FlaskClient, cast: Cast, server: OpenAI, **changes: str) -> str:
    data = FORM | {"own_base_url": server.url, "own_key": openai.KEY} | changes
    response = client.post(url(cast, "trial"), data=data, headers={"HX-Request": "true"})
    assert response.status_code == 200
    assert "<html" not in response.text
    return response.text


def test_a_good_endpoint_is_found_good_and_nothing_is_saved(
    cast: Cast, login: Login, inside: Inside, server: OpenAI
) -> None:
    server.script = [says("Until 18:45 [1]."), calls(("leave_message", {"message": "At five."}))]
    found = try_it(login(cast.owner), cast, server)
    assert "It can answer your customers." in found
    assert found.count(">Good<") == 3
    assert "Problem" not in found
    assert saved(inside)["own_base_url"] == ""
    with inside():
        assert [call.purpose for call in db.session.query(ModelCall)] == ["check", "check"]
        assert db.session.query(ModelCall).first().cost_micros == round(640 * 0.4 + 23 * 1.6)


def test_what_a_model_lacks_is_a_note(cast: Cast, login: Login, server: OpenAI) -> None:
    server.script = [says("Until 18:45.", usage=None), says("I'll tell them!")]
    found = try_it(login(cast.owner), cast, server)
    assert "It can answer your customers." in found
    assert "didn’t say which passage" in found
    assert "doesn’t count tokens" in found
    assert "didn’t use a tool" in found


@pytest.mark.parametrize(
    ("step", "told"),
    [
        (fails(401, "no"), "refuses the key"),
        (fails(400, "small does not support tools"), "can’t use tools"),
        ({"body": b"<html></html>"}, "web page"),
        (fails(404, "<b>not</b> found"), "no chat at this address"),
        (fails(400, "<b>odd</b>"), "&lt;b&gt;odd&lt;/b&gt;"),
        (says(""), "It gave no answer."),
        (fails(400, "Too long", code="context_length_exceeded"), "hold enough text"),
    ],
)
def test_trouble_is_explained(
    cast: Cast, login: Login, server: OpenAI, step: dict[str, object], told: str
) -> None:
    server.script = [step]
    found = try_it(login(cast.owner), cast, server)
    assert "It can’t be used like this." in found
    assert told in found
    assert openai.KEY not in found


def test_an_unknown_model_is_told_with_those_that_there_are(
    cast: Cast, login: Login, server: OpenAI
) -> None:
    server.models = {"alpha", "beta"}
    found = try_it(login(cast.owner), cast, server)
    assert "no model called “small-model”" in found
    assert "It offers: alpha, beta." in found


def test_without_javascript_the_page_comes_back_with_the_findings(
    cast: Cast, login: Login, server: OpenAI
) -> None:
    data = FORM | {"own_base_url": server.url, "own_key": openai.KEY}
    page = login(cast.owner).post(url(cast, "trial"), data=data).text
    assert "<html" in page
    assert "The first words came after" in page
    assert f'value="{server.url}"' in page
    assert openai.KEY not in page


def test_a_refused_trial_is_told_to_htmx_in_one_line(cast: Cast, login: Login) -> None:
    owner = login(cast.owner)
    headers = {"HX-Request": "true"}
    told = owner.post(url(cast, "trial"), data=FORM | {"own_model": ""}, headers=headers)
    assert told.status_code == 422
    assert "as the endpoint spells it" in told.text
    told = owner.post(url(cast, "trial"), data={"provider": "none"}, headers=headers)
    assert "Choose your own model first." in told.text


def test_trials_are_limited(cast: Cast, login: Login, server: OpenAI, rate_limits: None) -> None:
    owner = login(cast.owner)
    for _time in range(6):
        try_it(owner, cast, server)
    data = FORM | {"own_base_url": server.url}
    assert owner.post(url(cast, "trial"), data=data).status_code == 429


def test_a_cap_of_nought_means_no_call(
    cast: Cast, login: Login, inside: Inside, server: OpenAI
) -> None:
    with inside():
        db.session.add(AssistantSettings(month_cap_cents=0))
    try_it(login(cast.owner), cast, server)
    assert server.requests == []
