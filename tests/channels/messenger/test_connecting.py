"""Connecting a page over real HTTP: each value that an owner can get wrong; and looking after it."""

from collections.abc import Callable, Iterator
from threading import Thread
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select
from werkzeug.serving import make_server

from app.channels import checks, connecting
from app.channels.models import Channel
from app.extensions import db
from tests.standins.graph.messenger import new_page
from tests.standins.graph.things import PAGES


@pytest.fixture
def served(app, monkeypatch) -> Iterator[str]:
    """Our own address, so that Meta's handshake finds it."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setitem(app.config, "PUBLIC_URL", url)
    yield url
    server.shutdown()
    server.server_close()


@pytest.fixture
def fresh(graph):
    """A page that no app hears of yet."""
    return new_page(graph, "Test Shop", graph.own_app(), is_subscribed=False)


@pytest.fixture
def connect(login, cast, run_jobs, fresh) -> Callable[..., str]:
    """Through the page; what it says then."""

    def connecting_(**changes):
        client = login(cast.owner)
        typed = {
            "page_id": fresh.page_id, "access_token": fresh.token, "app_secret": fresh.app.secret
        } | changes  # fmt: skip
        asked = client.post(f"/b/{cast.slug}/settings/channels/new/messenger", data=typed)
        if asked.status_code == 422:
            return asked.text
        run_jobs()
        return client.get(urlsplit(asked.location).path, follow_redirects=True).text

    return connecting_


def channels(inside):
    with inside():
        found = list(db.session.scalars(select(Channel).where(Channel.kind == "messenger")))
        for each in found:
            _ = each.credentials_json
        db.session.expunge_all()
        return found


@pytest.mark.usefixtures("served")
@pytest.mark.parametrize("whose", ["page", "person"])
def test_a_page_is_connected_and_meta_told_where_to_post(connect, fresh, inside, whose):
    text = connect(access_token=fresh.token if whose == "page" else fresh.user_token)
    assert fresh.token not in text
    (channel,) = channels(inside)
    assert (channel.state, channel.external_id, channel.name) == (
        "active",
        fresh.page_id,
        "Test Shop",
    )
    assert channel.credentials["access_token"] == fresh.token
    assert "messages" in fresh.subscribed[fresh.app.id]
    assert fresh.app.hook_url.endswith(f"/hooks/messenger/{channel.public_key}")
    assert {each["state"] for each in channel.health} == {"good"}, channel.health


def test_a_webhook_that_meta_can_t_reach_is_said(connect, inside):
    connect()
    (channel,) = channels(inside)
    states = {each["key"]: each["state"] for each in channel.health}
    assert (channel.state, states["listen"]) == ("active", "bad")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"access_token": "EAAGnothing"}, "doesn’t accept this token"),
        ({"app_secret": "0123456789abcdef0123"}, "isn’t the secret of the app"),
        ({"page_id": "1234567890"}, "for another page"),
        ({"page_id": "our page"}, "Page ID"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_made(connect, inside, changes, said):
    assert said in connect(**changes)
    assert channels(inside) == []


def test_a_token_without_its_permission(connect, graph, fresh, inside):
    token = graph.token(fresh.app, fresh.page_id, scopes=PAGES[:1])
    assert "lacks pages_manage_metadata" in connect(access_token=token.value)
    assert channels(inside) == []


def test_meta_is_away(connect, graph, inside):
    graph.fails(2, times=20, at="app")
    assert "Messenger has a trouble of its own" in connect()
    assert channels(inside) == []


@pytest.fixture
def checked(connected, inside):
    def check():
        with inside():
            checks.ask_now(connected.channel)
        connected.run_jobs()
        with inside():
            channel = connected.channel
            return channel.state, {each["key"]: each["state"] for each in channel.health}

    return check


def test_a_check_finds_all_well_and_mends_what_it_can(checked, connected):
    connected.page.subscribed.clear()
    state, found = checked()
    assert (state, found["token"], found["page"]) == ("active", "good", "good")
    assert "messages" in connected.page.subscribed[connected.page.app.id]
    assert checked()[1]["webhook"] == "good"


def test_a_dead_token_breaks_the_channel(checked, connected):
    connected.graph.tokens[connected.page.token].is_valid = False
    assert checked()[0] == "broken"


def test_a_permission_that_was_taken_back(checked, connected):
    connected.graph.tokens[connected.page.token].scopes = PAGES[1:]
    state, found = checked()
    assert (state, found["permissions"]) == ("broken", "bad")


def test_a_token_of_another_page(checked, connected, graph, inside):
    other = graph.page(app=connected.page.app)
    with inside():
        channel = connected.channel
        channel.credentials = channel.credentials | {"access_token": other.token}
    state, found = checked()
    assert (state, found["page"]) == ("broken", "bad")


def test_disconnected_meta_tells_us_no_more(connected, inside):
    with inside():
        connecting.disconnect(connected.channel)
    connected.run_jobs()
    assert connected.page.subscribed == {}
