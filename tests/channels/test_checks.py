"""How a channel is: asked of its provider, shown on its page, and loud where it is broken."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.businesses.models import Business
from app.channels import checks, trouble
from app.channels.border import Checked, Finding, SendFailed
from app.channels.models import Channel, ChannelRoute
from app.core import tenancy
from app.core.db import now
from app.core.jobs import OutboxJob
from app.core.unit_of_work import unit_of_work
from app.extensions import db
from tests.channels.parrot import GOOD, Parrot
from tests.channels.settings_pages import Login, Settings, connected, parrot, routes, settings, the
from tests.conftest import Cast, Inside, Person

__all__ = ["connected", "parrot", "settings"]

BROKEN = Checked(
    (Finding("key", "Key", "bad", "The key was taken away.", "Ask for another."),), is_broken=True
)


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
