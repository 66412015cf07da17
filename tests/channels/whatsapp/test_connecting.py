"""Connecting WhatsApp over real HTTP: each value that an owner can get wrong, and Meta's sign-in."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from threading import Thread

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from app.channels.models import Channel
from app.extensions import db
from tests.conftest import Cast, Inside, Person
from tests.standins.graph import App, Graph, Number
from tests.standins.graph.things import MESSAGING

Login = Callable[[Person], FlaskClient]


@dataclass
class Owner:
    """At the form, with a number of their own at Meta."""

    client: FlaskClient
    slug: str
    run: Callable[[], int]
    graph: Graph
    number: Number
    inside: Inside
    fields: dict[str, str] = field(default_factory=dict)

    def url(self, path: str) -> str:
        return f"/b/{self.slug}/settings/channels/{path}"

    def connect(self, path: str = "new/whatsapp", **changes: str) -> str:
        return self.post(path, self.fields | changes)

    def post(self, path: str, typed: dict[str, str]) -> str:
        asked: TestResponse = self.client.post(self.url(path), data=typed)
        self.run()
        return self.client.get(asked.location, follow_redirects=True).text

    @property
    def channels(self) -> list[Channel]:
        with self.inside():
            found = Channel.connected()
            for each in found:
                _ = each.credentials_json
                db.session.expunge(each)
            return found


@pytest.fixture
def graph(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Graph]:
    with Graph() as graph:
        monkeypatch.setitem(app.config, "GRAPH_BASE_URL", graph.url)
        yield graph


@pytest.fixture
def own_app(graph: Graph) -> App:
    return graph.own_app()


@pytest.fixture
def owner(
    graph: Graph,
    own_app: App,
    cast: Cast,
    login: Login,
    inside: Inside,
    *,
    run_jobs: Callable[[], int],
) -> Owner:
    number = graph.number(app=own_app, is_subscribed=False)
    owner = Owner(login(cast.owner), cast.slug, run_jobs, graph, number, inside)
    owner.fields = {
        "phone_number_id": number.phone_number_id, "waba_id": number.waba_id,
        "access_token": number.token, "app_secret": own_app.secret, "pin": "",
    }  # fmt: skip
    return owner


@pytest.fixture
def outside(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The app at an address that the stand-in can reach."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setitem(app.config, "PUBLIC_URL", url)
    yield url
    server.shutdown()
    thread.join()


def test_an_own_app_is_connected_and_its_webhook_set(
    owner: Owner, own_app: App, outside: str
) -> None:
    page = owner.connect()
    (channel,) = owner.channels
    assert channel.name == f"WhatsApp {owner.number.display_number}"
    assert channel.external_id == owner.number.phone_number_id
    assert channel.settings["waba_id"] == owner.number.waba_id
    assert channel.settings["quality"] == "GREEN"
    assert channel.settings["app"] == "own"
    assert own_app.hook_url == f"{outside}/hooks/whatsapp/{channel.public_key}"
    assert own_app.verify_token == channel.credentials["verify_token"]
    assert own_app.id in owner.number.waba.subscribed
    assert owner.client.get(owner.url(str(channel.id))).text.count("finding--bad") == 0
    assert "It answers as the provider will ask it." in page
    assert "May write first to" in page
    assert owner.number.token not in page
    assert own_app.secret not in page


def test_where_meta_can_t_reach_us_the_page_says_what_to_do(owner: Owner) -> None:
    page = owner.connect()
    assert owner.channels[0].state == "active"
    assert "finding--bad" in page
    assert "PUBLIC_URL" in page
    assert "put in the address and the verify token below" in page


@pytest.mark.parametrize(
    ("changes", "at", "told"),
    [
        ({"access_token": "EAAGnonsense"}, "access_token", "Meta doesn’t accept this token"),
        ({"app_secret": "secret-0123456789"}, "app_secret", "isn’t the secret of the app"),
        ({"phone_number_id": "999999999"}, "phone_number_id", "The token can’t see this number."),
        ({"waba_id": "999999999"}, "waba_id", "The token can’t see this account."),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    owner: Owner, changes: dict[str, str], at: str, told: str
) -> None:
    page = owner.connect(**changes)
    assert told in page
    assert f'id="{at}-error"' in page
    assert f'value="{owner.number.waba_id}"' in page or at == "waba_id"
    assert owner.channels == []
    assert owner.number.waba.subscribed == {}


def test_a_token_of_another_app_or_business(owner: Owner) -> None:
    stranger = owner.graph.number(app=owner.graph.own_app())
    assert "isn’t the secret of the app" in owner.connect(access_token=stranger.token)
    page = owner.connect(access_token=stranger.token, app_secret=stranger.app.secret)
    assert "The token can’t see this number." in page
    assert "The token can’t see this account." in page


def test_a_number_of_another_account_names_those_that_are_in_it(owner: Owner, own_app: App) -> None:
    other = owner.graph.number(app=own_app)
    own_token = owner.graph.tokens[owner.number.token]
    own_token.nodes.add(other.waba_id)
    page = owner.connect(phone_number_id=other.phone_number_id)
    assert f"{owner.number.display_number} (ID {owner.number.phone_number_id})" in page


def test_a_token_without_permission(owner: Owner) -> None:
    owner.graph.tokens[owner.number.token].scopes = (MESSAGING,)
    assert "The token lacks whatsapp_business_management." in owner.connect()


def test_meta_away_keeps_all_that_was_typed(owner: Owner) -> None:
    owner.graph.fails_at_gateway(502, times=5, at="app")
    page = owner.connect()
    assert "Meta didn’t answer" in page
    assert "Saved. Leave this empty to keep it" in page
    assert owner.channels == []


def test_a_number_that_isn_t_registered_wants_a_pin(owner: Owner) -> None:
    owner.number.is_registered = False
    assert "Choose six digits as its PIN" in owner.connect()
    owner.number.pin = "654321"
    assert "The number has another two-step PIN." in owner.connect(pin="123456")
    owner.connect(pin="654321")
    assert owner.number.is_registered
    assert owner.channels[0].credentials["pin"] == "654321"


def test_two_numbers_of_one_account(owner: Owner, own_app: App) -> None:
    second = owner.graph.number(app=own_app, waba=owner.number.waba)
    owner.connect()
    owner.connect(phone_number_id=second.phone_number_id)
    first, other = owner.channels
    assert (first.external_id, other.external_id) == (
        owner.number.phone_number_id, second.phone_number_id,
    )  # fmt: skip
    for channel, is_told in ((first, True), (other, False)):
        owner.client.post(owner.url(f"{channel.id}/disconnection"), data={"typed": "disconnect"})
        owner.run()
        assert (own_app.id in owner.number.waba.subscribed) is is_told


def test_a_token_that_was_taken_back_breaks_the_channel(owner: Owner, outside: str) -> None:
    owner.connect()
    owner.graph.tokens[owner.number.token].is_valid = False
    (channel,) = owner.channels
    owner.client.post(owner.url(f"{channel.id}/checks"))
    owner.run()
    assert owner.channels[0].state == "broken"
    fresh = owner.graph.token(owner.number.app, owner.number.waba_id).value
    owner.post(
        f"{channel.id}/reconnection", owner.fields | {"access_token": fresh, "app_secret": ""}
    )
    assert owner.channels[0].state == "active"
    assert owner.channels[0].credentials["access_token"] == fresh
