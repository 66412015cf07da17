"""Numbers on WhatsApp that tell their webhooks things."""

import secrets
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count

import pytest
from sqlalchemy import select

from app.channels.models import Channel, ChannelRoute, ChannelUpdate, new_public_key
from app.core import unit_of_work
from app.core.tenancy import business_scope
from app.extensions import db
from tests.channels.whatsapp.samples import (
    batch,
    message,
    of_messages,
    of_statuses,
    signed,
)  # fmt: skip

_numbers = count(1)


@dataclass
class Number:
    """A number on WhatsApp that a business has connected."""

    app: object
    business_id: int
    id: int
    key: str
    external_id: str
    waba: str
    secret: str
    verify_token: str = "hello"

    @contextmanager
    def scope(self):
        with self.app.app_context(), business_scope(self.business_id), unit_of_work.unit_of_work():
            yield

    @property
    def url(self):
        return f"/hooks/whatsapp/{self.key}"

    @property
    def stored(self):
        with self.scope():
            query = select(ChannelUpdate).where(ChannelUpdate.channel_id == self.id)
            found = list(db.session.scalars(query.order_by(ChannelUpdate.id)))
            db.session.expunge_all()
            return found

    def says(self, *items, **changes):
        """An entry about this number."""
        made = of_statuses(*items) if "status" in items[0] else of_messages(*items)
        made["id"] = self.waba
        made["changes"][0]["value"]["metadata"]["phone_number_id"] = self.external_id
        return made | changes

    def change(self, **values):
        with self.scope():
            channel = db.session.get(Channel, (self.business_id, self.id))
            for name, value in values.items():
                setattr(channel, name, value)


@pytest.fixture
def connect(app):
    """`connect(business_id)` is a number of an owner's own app, or of ours with `is_ours`."""

    def make(business_id, *, secret="", waba="", is_ours=False):
        external_id, waba = (
            f"9{next(_numbers):05}{secrets.randbelow(10**6)}",
            waba or f"8{next(_numbers)}",
        )
        secret = secret or secrets.token_hex(8)
        with app.app_context(), business_scope(business_id), unit_of_work.unit_of_work():
            channel = Channel(
                kind="whatsapp", name="W", public_key=new_public_key(business_id), external_id=external_id,
                settings={"waba_id": waba, "app": "ours" if is_ours else "own"},
            )  # fmt: skip
            channel.credentials = {"app_secret": secret, "verify_token": "hello"}
            db.session.add(channel)
            db.session.flush()
            for kind, name in (("whatsapp", external_id), ("whatsapp_account", waba)):
                if is_ours:
                    db.session.add(
                        ChannelRoute(
                            kind=kind,
                            external_id=name,
                            business_id=business_id,
                            channel_id=channel.id,
                        )
                    )
            return Number(
                app, business_id, channel.id, channel.public_key, external_id, waba, secret
            )

    return make


@pytest.fixture
def number(connect, cast):
    return connect(cast.business_id)


@pytest.fixture
def our_app(app, monkeypatch):
    monkeypatch.setitem(app.config, "META_APP_SECRET", "ours")
    monkeypatch.setitem(app.config, "META_VERIFY_TOKEN", "our token")


def tell(client, number, *entries, secret=None, url=None):
    body = batch(*entries)
    return client.post(url or number.url, data=body, headers=signed(body, secret or number.secret))


def many(amount):
    """Messages of different people, so of all lanes."""
    return [message(wamid=f"wamid.{n}", from_user_id=f"GB.{n}") for n in range(amount)]
