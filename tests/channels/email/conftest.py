"""A mailbox of the cast's business: its mail server and its inbox are stand-ins."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import delete

from app.channels.lines import line_of
from app.channels.models import Channel, ChannelRoute, new_public_key
from app.core.tenancy import business_scope
from app.core.unit_of_work import unit_of_work
from app.extensions import db
from tests.conftest import Cast
from tests.standins import imap, mail

SECRET = "a password of the webhook"


@dataclass
class Desk:
    """The channel, the mails that were `sent` from it, and the inbox that it looks into."""

    app: Flask
    business_id: int
    channel_id: int
    public_key: str
    address: str
    outbox: mail.Mailbox
    inbox: imap.Inbox

    @property
    def url(self) -> str:
        return f"/hooks/email/{self.public_key}"

    @property
    def headers(self) -> dict[str, str]:
        return {
            "Authorization": "Basic " + base64.b64encode(f"frontdesk:{SECRET}".encode()).decode()
        }

    def row(self) -> Channel:
        found = Channel.by_id(self.channel_id)
        assert found
        return found

    def line(self):
        return line_of(self.row())


@pytest.fixture
def desk(app: Flask, cast: Cast) -> Iterator[Desk]:
    with mail.running(wants_login=True) as outbox, imap.running() as inbox:
        address = f"desk-{cast.business_id}@shop.example"
        with app.app_context(), business_scope(cast.business_id), unit_of_work():
            channel = Channel(
                kind="email", name="Test Shop", external_id=address, public_key=new_public_key(cast.business_id),
                settings={
                    "address": address, "name": "Test Shop", "smtp_host": outbox.url.removeprefix("smtp://"),
                    "imap_host": inbox.host, "user": mail.USER, "signature": "Test Shop, 12 Mill Lane",
                },
            )  # fmt: skip
            channel.credentials = {"secret": SECRET, "password": mail.PASSWORD}
            db.session.add(channel)
            db.session.flush()
            db.session.add(
                ChannelRoute(
                    kind="email",
                    external_id=address,
                    business_id=cast.business_id,
                    channel_id=channel.id,
                )
            )
            made = (cast.business_id, channel.id, channel.public_key, address)
        yield Desk(app, *made, outbox, inbox)
        with app.app_context(), unit_of_work():
            db.session.execute(delete(ChannelRoute).where(ChannelRoute.external_id == address))
