"""Connecting WhatsApp over real HTTP: each value that an owner can get wrong, and Meta's sign-in."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from threading import Thread

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from app.channels.models import Channel, ChannelRoute
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
    assert "Webhook verified" in page
    assert "You may write first to 250 people" in page
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


def test_the_webhook_of_an_app_follows_to_its_other_number(
    owner: Owner, own_app: App, outside: str
) -> None:
    """It stood at the address of the one that was connected last."""
    owner.number.is_on_biz_app = True
    second = owner.graph.number(app=own_app, waba=owner.number.waba)
    owner.connect()
    owner.connect(phone_number_id=second.phone_number_id)
    first, other = owner.channels
    assert own_app.hook_url == f"{outside}/hooks/whatsapp/{other.public_key}"
    assert "smb_message_echoes" in own_app.fields
    owner.client.post(owner.url(f"{other.id}/disconnection"), data={"typed": "disconnect"})
    owner.run()
    assert own_app.hook_url == f"{outside}/hooks/whatsapp/{first.public_key}"


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


@pytest.fixture
def ours(app: Flask, graph: Graph, monkeypatch: pytest.MonkeyPatch) -> App:
    """The deployment has an app of its own."""
    settings = {
        "META_APP_ID": graph.app.id, "META_APP_SECRET": graph.app.secret,
        "META_VERIFY_TOKEN": graph.app.verify_token, "META_SIGNUP_CONFIG_ID": "77",
    }  # fmt: skip
    for name, value in settings.items():
        monkeypatch.setitem(app.config, name, value)
    return graph.app


@pytest.fixture
def signing(owner: Owner, ours: App) -> Callable[..., str]:
    """A number is chosen in Meta's window, and the browser brings what that gives."""
    owner.number = owner.graph.number(is_subscribed=False)

    def sign_up(**changes: str) -> str:
        brought = {
            "code": owner.graph.signup_code(owner.number), "waba_id": owner.number.waba_id,
            "phone_number_id": owner.number.phone_number_id,
        }  # fmt: skip
        return owner.post("whatsapp-signup/", brought | changes)

    return sign_up


def test_meta_s_sign_in_connects_a_number(
    owner: Owner, ours: App, signing: Callable[..., str]
) -> None:
    assert "Connect with Facebook" in owner.client.get(owner.url("")).text
    owner.number.is_registered = False
    page = signing()
    (channel,) = owner.channels
    assert channel.settings["app"] == "ours"
    assert channel.credentials["access_token"] in owner.graph.tokens
    assert channel.credentials["pin"] == owner.number.pin
    assert owner.number.is_registered
    assert ours.id in owner.number.waba.subscribed
    assert channel.token_expires_at is not None
    assert "Verify token" not in page
    assert routes(owner) == {"whatsapp", "whatsapp_account"}


def test_signed_in_once_more_it_is_the_same_channel(
    owner: Owner, signing: Callable[..., str]
) -> None:
    signing()
    (channel,) = owner.channels
    owner.client.post(owner.url(f"{channel.id}/disconnection"), data={"typed": "disconnect"})
    owner.run()
    again = owner.client.get(owner.url(f"{channel.id}/reconnection"))
    assert again.location.endswith("/whatsapp-signup/")
    signing()
    assert [(each.id, each.state) for each in owner.channels] == [(channel.id, "active")]


def routes(owner: Owner) -> set[str]:
    with owner.inside():
        ids = (owner.number.phone_number_id, owner.number.waba_id)
        found = select(ChannelRoute.kind).where(ChannelRoute.external_id.in_(ids))
        return set(db.session.scalars(found))


def test_what_is_told_of_an_account_goes_to_its_next_number(
    owner: Owner, signing: Callable[..., str]
) -> None:
    signing()
    second = owner.graph.number(waba=owner.number.waba)
    signing(phone_number_id=second.phone_number_id)
    first, other = owner.channels
    owner.client.post(owner.url(f"{first.id}/disconnection"), data={"typed": "disconnect"})
    with owner.inside():
        query = select(ChannelRoute.channel_id).where(ChannelRoute.kind == "whatsapp_account")
        found = db.session.scalars(query.where(ChannelRoute.external_id == owner.number.waba_id))
        assert found.all() == [other.id]


def test_a_number_that_stays_on_the_phone_is_not_registered(
    owner: Owner, signing: Callable[..., str]
) -> None:
    owner.number.is_on_biz_app, owner.number.is_registered = True, False
    signing(phone_number_id="", is_coexistence="y")
    assert owner.channels[0].settings["is_coexistence"] is True
    assert not owner.number.is_registered
    assert owner.number.synced == ["smb_app_state_sync", "history"]


def test_ids_that_the_token_doesn_t_confirm_are_not_believed(
    owner: Owner, signing: Callable[..., str]
) -> None:
    stranger = owner.graph.number()
    assert "gave us no access to this WhatsApp account" in signing(waba_id=stranger.waba_id)
    assert "The number isn’t in the account" in signing(phone_number_id=stranger.phone_number_id)
    assert owner.channels == []


def test_a_code_is_good_once(owner: Owner, signing: Callable[..., str]) -> None:
    assert "Meta’s sign-in has run out" in signing(code="used")
    assert (
        "Meta’s sign-in brought nothing"
        in owner.client.post(owner.url("whatsapp-signup/"), data={}).text
    )


def test_a_number_with_a_pin_asks_for_it_and_goes_on(
    owner: Owner, signing: Callable[..., str]
) -> None:
    owner.number.is_registered, owner.number.pin = False, "654321"
    page = signing()
    assert "The number has another two-step PIN." in page
    attempt = re.search(r'name="attempt"[^>]* value="(\d+)"', page)
    assert attempt is not None
    owner.post("whatsapp-signup/", {"attempt": attempt[1], "pin": "654321"})
    assert owner.channels[0].credentials["pin"] == "654321"


def test_only_that_page_lets_facebook_in(owner: Owner, ours: App) -> None:
    policy = owner.client.get(owner.url("whatsapp-signup/")).headers["Content-Security-Policy"]
    assert "https://connect.facebook.net" in policy
    assert "facebook" not in owner.client.get(owner.url("")).headers["Content-Security-Policy"]
    page = owner.client.get(owner.url("whatsapp-signup/")).text
    assert "<script" in page
    assert 'src="https://connect' not in page


def test_without_an_app_of_the_deployment_there_is_no_sign_in(owner: Owner) -> None:
    assert owner.client.get(owner.url("whatsapp-signup/")).status_code == 404
    assert "Connect with Facebook" not in owner.client.get(owner.url("")).text
