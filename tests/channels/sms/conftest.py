"""A number that the cast's business has connected, at a stand-in of Twilio."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask

from app.channels import adapters
from app.channels.lines import line_of
from app.channels.models import Channel
from app.core import tenancy
from app.extensions import db
from tests.channels.reached import make_channel
from tests.conftest import Cast, Inside
from tests.standins import twilio as stand_in
from tests.standins.twilio import Account, Hook, Number, Twilio

THEIRS = "+447700900123"


@dataclass
class Texting:
    """`twilio` with the business's account and number, and the channel's id here."""

    app: Flask
    twilio: Twilio
    account: Account
    number: Number
    channel_id: int

    @property
    def channel(self) -> Channel:
        return db.session.get_one(Channel, (tenancy.current_business_id(), self.channel_id))

    @property
    def line(self) -> Any:
        return line_of(self.channel)

    @property
    def adapter(self) -> Any:
        return adapters.adapter("sms")

    def post(self, hook: Hook, **headers: str) -> Any:
        client = self.app.test_client()
        return client.post(hook.path, data=hook.body, headers=hook.headers | headers)


@pytest.fixture
def twilio(app: Flask) -> Iterator[Twilio]:
    kept = app.config["TWILIO_BASE_URL"]
    try:
        with stand_in.running() as running:
            app.config["TWILIO_BASE_URL"] = running.url
            yield running
    finally:
        app.config["TWILIO_BASE_URL"] = kept


@pytest.fixture
def texting(app: Flask, cast: Cast, inside: Inside, twilio: Twilio) -> Texting:
    account = twilio.account()
    number = twilio.number(account)
    with inside():
        channel = make_channel(
            "sms",
            external_id=number.phone,
            settings={"account_sid": account.sid, "number": number.phone, "number_sid": number.sid},
        )
        channel.credentials = {"auth_token": account.token}
        db.session.flush()
        number.sms_url = line_of(channel).hook_url
        return Texting(app, twilio, account, number, channel.id)
