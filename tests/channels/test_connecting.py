"""Settings → Channels: connecting one, how it is, disconnecting it, and what is refused."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Select, select, update
from werkzeug.test import TestResponse

from app.businesses.models import Business
from app.channels import checks, trouble
from app.channels.adapters import PLACES
from app.channels.border import Checked, Finding, SendFailed
from app.channels.models import Channel, ChannelRoute, ConnectAttempt
from app.core import tenancy
from app.core.db import now
from app.core.jobs import OutboxJob
from app.core.unit_of_work import unit_of_work
from app.extensions import db
from tests.channels.parrot import GOOD, KEY, Parrot
from tests.conftest import Cast, Inside, Person

Login = Callable[[Person], FlaskClient]
BROKEN = Checked(
    (Finding("key", "Key", "bad", "The key was taken away.", "Ask for another."),), is_broken=True
)


@dataclass
class Settings:
    """The pages of channels, as somebody with a browser uses them."""

    client: FlaskClient
    slug: str
    run: Callable[[], int]
    perch: str = ""  # another in each test: two businesses can't have the same

    def url(self, path: str = "") -> str:
        return f"/b/{self.slug}/settings/channels/{path}"

    def page(self, path: str = "") -> str:
        return self.client.get(self.url(path)).text

    def post(self, path: str, **form: str) -> TestResponse:
        return self.client.post(self.url(path), data=form)

    def connect(self, path: str = "new/parrot", **changes: str) -> TestResponse:
        """Typed, asked, and where that leads."""
        asked = self.post(path, **({"perch": self.perch, "key": KEY, "colour": ""} | changes))
        if asked.status_code != 303:
            return asked
        self.run()
        return self.client.get(asked.location)


@pytest.fixture
def parrot(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Parrot]]:
    monkeypatch.setitem(PLACES, "parrot", "tests.channels.parrot.Parrot")
    Parrot.heard.clear()
    kept = Parrot.checked, Parrot.fails
    yield Parrot
    Parrot.checked, Parrot.fails = kept


@pytest.fixture
def settings(
    parrot: type[Parrot], cast: Cast, login: Login, run_jobs: Callable[[], int]
) -> Settings:
    return Settings(login(cast.owner), cast.slug, run_jobs, str(cast.business_id))


@pytest.fixture
def connected(settings: Settings, inside: Inside) -> int:
    settings.connect()
    with inside():
        return Channel.connected()[0].id


def routes(settings: Settings) -> Select[tuple[ChannelRoute]]:
    return select(ChannelRoute).where(ChannelRoute.external_id == settings.perch)


def the(inside: Inside) -> Channel:
    with inside():
        channel = Channel.connected()[0]
        _ = channel.credentials_json
        db.session.expunge(channel)
        return channel


def test_a_channel_that_was_typed_right_is_there(settings: Settings, inside: Inside) -> None:
    assert "Needs a cage." in settings.page()
    response = settings.connect(perch=f" {settings.perch}\n", colour="green")
    channel = the(inside)
    assert response.location.endswith(f"/channels/{channel.id}")
    assert (channel.kind, channel.external_id, channel.state) == (
        "parrot",
        settings.perch,
        "active",
    )
    assert channel.name == f"Parrot {settings.perch}"
    assert channel.credentials["key"] == KEY
    assert len(channel.credentials["verify_token"]) > 20
    assert channel.settings == {
        "perch": settings.perch, "colour": "green", "app": "own", "mood": "cheerful",
    }  # fmt: skip
    page = settings.page(f"{channel.id}")
    assert "It holds." in page
    assert "cheerful" in page
    assert f"/hooks/parrot/{channel.public_key}" in page
    assert "of 1,000 that are free" in page
    assert KEY not in page
    assert "You may write for 24 hours" in settings.page()


def test_the_provider_is_told_where_to_send(
    settings: Settings, connected: int, parrot: type[Parrot]
) -> None:
    assert parrot.heard[0] == "begin"
    assert "/hooks/parrot/" in parrot.heard[1]


def test_nothing_is_there_while_it_is_asked(settings: Settings, inside: Inside) -> None:
    asked = settings.post("new/parrot", perch=settings.perch, key=KEY)
    assert "Asking Parrot" in settings.client.get(asked.location).text
    with inside():
        assert Channel.connected() == []


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"perch": ""}, "Copy the perch into this field."),
        ({"perch": "twelve"}, "This can’t be it. It looks like 12."),
        ({"key": ""}, "Copy the key into this field."),
        ({"key": "x" * 2001}, "This is too long."),
    ],
)
def test_what_is_typed_wrong_is_told_at_once(
    settings: Settings, inside: Inside, typed: dict[str, str], told: str
) -> None:
    response = settings.connect(**({"colour": "green"} | typed))
    assert response.status_code == 422
    assert told in response.text
    assert 'value="green"' in response.text
    with inside():
        assert db.session.scalars(select(ConnectAttempt)).all() == []


def test_what_the_provider_refuses_stands_beside_its_field_and_stays_typed(
    settings: Settings, inside: Inside
) -> None:
    page = settings.connect(key="another", colour="green").text
    assert 'id="key-error"' in page
    assert "This key fits no cage." in page
    assert 'value="green"' in page
    assert "another" not in page.replace("Connect another", "").replace("type another", "")
    with inside():
        assert Channel.connected() == []
        assert db.session.scalars(routes(settings)).all() == []


def test_a_secret_that_was_right_need_not_be_typed_again(
    settings: Settings, inside: Inside, parrot: type[Parrot]
) -> None:
    parrot.fails = SendFailed("retry", "The cage is shut.", next_step="Come back later.")
    page = settings.connect().text
    assert "The cage is shut. Come back later." in page
    assert "Saved. Leave this empty to keep it" in page
    parrot.fails = None
    with inside():
        attempt = db.session.scalars(select(ConnectAttempt.id)).one()
    settings.connect(key="", attempt=str(attempt))
    assert the(inside).credentials["key"] == KEY


def test_somebody_elses_attempt_gives_nothing_away(
    settings: Settings, inside: Inside, cast: Cast, login: Login, run_jobs: Callable[[], int]
) -> None:
    settings.connect(key="another")
    with inside():
        attempt = db.session.scalars(select(ConnectAttempt.id)).one()
    neighbour = Settings(login(cast.neighbour), cast.neighbour_slug, run_jobs)
    assert neighbour.client.get(neighbour.url(f"attempts/{attempt}")).status_code == 404
    assert neighbour.connect(key="", attempt=str(attempt)).status_code == 422


def test_a_crash_on_our_side_is_told_too(
    settings: Settings, inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Parrot, "connect", lambda *_: 1 / 0)
    asked = settings.post("new/parrot", perch=settings.perch, key=KEY)
    for _ in range(3):
        settings.run()
        with inside():
            asked_again = update(OutboxJob).where(OutboxJob.name == "channels.connect")
            db.session.execute(asked_again.values(available_at=now()))
    assert "Something went wrong on our side. Nothing was changed." in (
        settings.client.get(asked.location).text
    )


def test_cut_off_in_the_middle_nothing_is_half_done(
    settings: Settings, inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as cut:
        cut.setattr(trouble, "mend", lambda _channel: 1 / 0)
        settings.connect()
    with inside():
        assert Channel.connected() == []
        assert db.session.scalars(routes(settings)).all() == []
        asked_again = update(OutboxJob).where(OutboxJob.name == "channels.connect")
        db.session.execute(asked_again.values(available_at=now()))
    settings.run()
    assert (the(inside).state, the(inside).external_id) == ("active", settings.perch)


def test_what_was_typed_is_forgotten(settings: Settings, inside: Inside) -> None:
    settings.connect()
    with inside():
        attempt = db.session.scalars(select(ConnectAttempt)).one()
        assert attempt.values == {}
        later = update(OutboxJob).where(OutboxJob.name == "channels.forget_attempt")
        db.session.execute(later.values(available_at=now()))
    settings.run()
    with inside():
        assert db.session.scalars(select(ConnectAttempt)).all() == []


def test_two_businesses_can_t_have_the_same(
    settings: Settings, connected: int, *, cast: Cast, login: Login, app: Flask,
    run_jobs: Callable[[], int],
) -> None:  # fmt: skip
    neighbour = Settings(login(cast.neighbour), cast.neighbour_slug, run_jobs, settings.perch)
    assert "This one is connected to another business on Frontdesk." in neighbour.connect().text
    with app.app_context(), cast.neighbour_scope():
        assert Channel.connected() == []
    assert neighbour.client.get(neighbour.url(str(connected))).status_code == 404
    assert neighbour.post(f"{connected}/disconnection", typed="disconnect").status_code == 404
    assert "/channels/" in neighbour.connect(perch=str(cast.neighbour_business_id)).location


def test_several_of_a_kind(settings: Settings, connected: int, inside: Inside) -> None:
    settings.connect(perch=f"{settings.perch}0")
    with inside():
        found = [each.external_id for each in Channel.connected()]
        assert found == [settings.perch, f"{settings.perch}0"]


def test_connected_twice_it_is_one(settings: Settings, connected: int, inside: Inside) -> None:
    settings.connect()
    with inside():
        assert [each.id for each in Channel.connected()] == [connected]


@pytest.mark.parametrize("typed", ["", "disconect", "yes"])
def test_disconnecting_wants_the_word(
    settings: Settings, connected: int, inside: Inside, typed: str
) -> None:
    response = settings.post(f"{connected}/disconnection", typed=typed)
    assert response.status_code == 422
    assert "Not disconnected" in response.text
    assert the(inside).state == "active"


def test_disconnected_it_has_no_secret_and_comes_back_as_it_was(
    settings: Settings, connected: int, inside: Inside, parrot: type[Parrot]
) -> None:
    assert settings.post(f"{connected}/disconnection", typed="Disconnect ").status_code == 303
    channel = the(inside)
    assert channel.state == "off"
    with inside():
        assert db.session.scalars(routes(settings)).all() == []
    settings.run()
    assert the(inside).credentials == {}
    assert parrot.heard[-1] == f"leave {KEY}"
    assert "This channel is disconnected" in settings.page(str(connected))
    assert settings.post(f"{connected}/disconnection", typed="disconnect").status_code == 409
    assert settings.connect(f"{connected}/reconnection", key="").status_code == 422
    settings.connect(f"{connected}/reconnection")
    assert (the(inside).id, the(inside).state) == (connected, "active")
    assert the(inside).public_key == channel.public_key


def test_a_provider_that_doesn_t_answer_keeps_no_secret_alive(
    settings: Settings, connected: int, inside: Inside, parrot: type[Parrot]
) -> None:
    parrot.fails = SendFailed("retry", "The cage is shut.")
    settings.post(f"{connected}/disconnection", typed="disconnect")
    settings.run()
    assert the(inside).credentials == {}


def test_only_what_changed_is_typed_to_connect_again(
    settings: Settings, connected: int, inside: Inside
) -> None:
    page = settings.page(f"{connected}/reconnection")
    assert f'value="{settings.perch}"' in page
    assert "Saved. Leave this empty to keep it" in page
    assert KEY not in page
    settings.connect(f"{connected}/reconnection", key="", colour="blue")
    assert (the(inside).credentials["key"], the(inside).settings["colour"]) == (KEY, "blue")


def test_another_number_is_another_channel(
    settings: Settings, connected: int, inside: Inside
) -> None:
    page = settings.connect(f"{connected}/reconnection", perch="999999").text
    assert "This is “Parrot 999999”, not the one that was connected here." in page
    assert the(inside).external_id == settings.perch


def test_a_broken_one_is_loud_until_it_works_again(
    settings: Settings, connected: int, inside: Inside, *, cast: Cast, login: Login,
    parrot: type[Parrot],
) -> None:  # fmt: skip
    inbox = f"/b/{cast.slug}/inbox/"
    assert "is not working" not in settings.client.get(inbox).text
    parrot.checked = BROKEN
    settings.post(f"{connected}/checks")
    settings.run()
    channel = the(inside)
    assert (channel.state, channel.trouble) == (
        "broken", "The key was taken away. Ask for another.",
    )  # fmt: skip
    for person in (cast.owner, cast.agent):
        assert f"<b>Parrot {settings.perch}</b> is not working" in login(person).get(inbox).text
    assert settings.page(str(connected)).count("The key was taken away.") == 2
    assert mails_to(inside, cast.owner) == 1
    settings.post(f"{connected}/checks")
    settings.run()
    assert mails_to(inside, cast.owner) == 1
    parrot.checked = GOOD
    settings.post(f"{connected}/checks")
    settings.run()
    assert the(inside).state == "active"
    assert "is not working" not in settings.client.get(inbox).text


def mails_to(inside: Inside, person: Person) -> int:
    with inside():
        mails = db.session.scalars(select(OutboxJob).where(OutboxJob.name == "core.mail"))
        return len([job for job in mails if job.args[1] == person.email])


def test_the_bar_costs_no_query_where_nothing_is_broken(
    settings: Settings, connected: int, inside: Inside, count_queries: Callable[[], object]
) -> None:
    path = settings.url("bar")
    with count_queries() as healthy:  # type: ignore[attr-defined]
        settings.client.get(path)
    with inside():
        trouble.break_channel(Channel.connected()[0], "Gone.")
    with count_queries() as broken:  # type: ignore[attr-defined]
        assert f"Parrot {settings.perch}" in settings.client.get(path).text
    assert len(broken) == len(healthy) + 1


def test_a_provider_that_can_t_be_asked_breaks_nothing(
    settings: Settings, connected: int, inside: Inside, parrot: type[Parrot]
) -> None:
    parrot.checked = SendFailed("retry", "The cage is shut.")
    settings.post(f"{connected}/checks")
    settings.run()
    assert the(inside).state == "active"
    page = settings.page(str(connected))
    assert "The provider couldn’t be asked: The cage is shut." in page
    assert "It holds." in page
    parrot.checked = SendFailed("reconnect", "The key is wrong.", next_step="Make another.")
    settings.post(f"{connected}/checks")
    settings.run()
    assert (the(inside).state, the(inside).trouble) == ("broken", "The key is wrong. Make another.")


def test_the_clock_asks_daily_and_hourly_while_it_is_broken(
    app: Flask, settings: Settings, connected: int, inside: Inside, parrot: type[Parrot]
) -> None:
    def route(*, due: bool = False) -> ChannelRoute:
        with app.app_context(), unit_of_work() as session:
            found = session.scalars(routes(settings)).one()
            if due:
                found.check_at = now()
            session.flush()
            session.refresh(found)
            session.expunge(found)
            return found

    assert timedelta(hours=20) < route().check_at - now() < timedelta(hours=28)
    route(due=True)
    parrot.checked = BROKEN
    with app.app_context():
        checks.enqueue_due()
        checks.enqueue_due()
    settings.run()
    assert the(inside).state == "broken"
    assert route().check_at - now() < timedelta(hours=2)


@pytest.mark.parametrize(
    ("days", "told", "tone"),
    [(15, None, ""), (13, "expires in 12 days", "amber"), (-1, "It has expired.", "red")],
)
def test_a_token_that_runs_out_is_told_of_in_time(
    settings: Settings,
    connected: int,
    inside: Inside,
    *,
    cast: Cast,
    days: int,
    told: str,
    tone: str,
) -> None:
    with inside():
        Channel.connected()[0].token_expires_at = now() + timedelta(days=days)
    pages = settings.page(str(connected)), settings.client.get(f"/b/{cast.slug}/").text
    for page in pages:
        assert (told in page) if told else ("expire" not in page)
    assert not told or f"alert--{tone}" in pages[1]


def test_silence_is_told(settings: Settings, connected: int, inside: Inside) -> None:
    assert "Nothing has come yet." in settings.page(str(connected))
    with inside():
        Channel.connected()[0].heard_at = now() - timedelta(days=9)
    assert "Nothing has come for 9 days." in settings.page(str(connected))
    with inside():
        Channel.connected()[0].heard_at = now()
    assert "Nothing has come" not in settings.page(str(connected))


@pytest.mark.parametrize("path", ["new/parrot", "{}/reconnection", "{}/checks", "{}/disconnection"])
def test_who_may_only_look_changes_nothing(
    settings: Settings, connected: int, cast: Cast, *, login: Login, inside: Inside, path: str
) -> None:
    agent = Settings(login(cast.agent), cast.slug, settings.run)
    page = agent.page(str(connected))
    assert "It holds." in page
    assert "Type “disconnect”" not in page
    assert the(inside).credentials["verify_token"] not in page
    assert agent.post(path.format(connected), typed="disconnect").status_code == 403


def test_the_business_counts_its_broken_channels_itself(
    app: Flask, settings: Settings, connected: int, inside: Inside
) -> None:
    def count() -> int:
        with inside():
            return db.session.get_one(Business, tenancy.current_business_id()).broken_channels

    with inside():
        trouble.break_channel(Channel.connected()[0], "Gone.")
    assert count() == 1
    settings.post(f"{connected}/disconnection", typed="disconnect")
    assert count() == 0
