"""Settings → Channels: connecting one, disconnecting it, and what is refused."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.channels import trouble
from app.channels.border import SendFailed
from app.channels.models import Channel, ConnectAttempt
from app.core.db import now
from app.core.jobs import OutboxJob
from app.extensions import db
from tests.channels.parrot import KEY, Parrot
from tests.channels.settings_pages import Login, Settings, connected, parrot, routes, settings, the
from tests.conftest import Cast, Inside

__all__ = ["connected", "parrot", "settings"]


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
    assert "The cage is shut.\nCome back later." in page
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
