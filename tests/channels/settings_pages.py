"""The pages of channels as somebody with a browser uses them, and a parrot to connect."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Select, select
from werkzeug.test import TestResponse

from app.channels.adapters import PLACES
from app.channels.models import Channel, ChannelRoute
from app.extensions import db
from tests.channels.parrot import KEY, Parrot
from tests.conftest import Cast, Inside, Person

Login = Callable[[Person], FlaskClient]


@dataclass
class Settings:
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
