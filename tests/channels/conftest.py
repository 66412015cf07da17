"""A number on WhatsApp that the cast's business has connected, at a stand-in of Graph."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.channels.models import Channel, ChannelRoute, new_public_key
from app.core.tenancy import business_scope
from app.core.unit_of_work import unit_of_work
from app.extensions import db
from tests.conftest import Cast
from tests.standins.graph import Graph, Number, Person, Sent


@dataclass
class Connected:
    """`graph` with the business's `number`, and the channel's id and key here."""

    graph: Graph
    number: Number
    channel_id: int
    public_key: str

    def deliver_hooks(self, client: FlaskClient) -> list[int]:
        """Post what the stand-in has told since the last time, as Meta would. The status of each answer."""
        url = f"/hooks/whatsapp/{self.public_key}"
        return [
            client.post(url, data=hook.body, headers=hook.headers).status_code
            for hook in self.graph.take_hooks()
        ]

    def person(self, **known: str) -> Person:
        return self.graph.person(**known)

    @property
    def sent(self) -> list[Sent]:
        return self.graph.sent


@pytest.fixture
def with_graph(app: Flask, cast: Cast) -> Iterator[Connected]:
    kept = app.config["GRAPH_BASE_URL"]
    try:
        with Graph() as graph:
            app.config["GRAPH_BASE_URL"] = graph.url
            number = graph.number(app=graph.own_app())
            yield connected(app, graph, number, cast.business_id)
    finally:
        app.config["GRAPH_BASE_URL"] = kept


def connected(app: Flask, graph: Graph, number: Number, business_id: int) -> Connected:
    """As if the owner had connected it, by an app of their own."""
    with app.app_context(), business_scope(business_id), unit_of_work():
        channel = Channel(
            kind="whatsapp", name=number.verified_name, public_key=new_public_key(business_id),
            external_id=number.phone_number_id,
            settings={
                "waba_id": number.waba_id, "display_number": number.display_number,
                "verified_name": number.verified_name, "app": "own", "is_coexistence": False,
                "throughput": number.throughput, "quality": number.quality, "tier": number.tier,
            },
        )  # fmt: skip
        channel.credentials = {
            "access_token": number.token, "app_secret": number.app.secret,
            "verify_token": number.app.verify_token, "pin": "123456",
        }  # fmt: skip
        db.session.add(channel)
        db.session.flush()
        db.session.add(
            ChannelRoute(
                kind="whatsapp", external_id=number.phone_number_id, business_id=business_id,
                channel_id=channel.id,
            )
        )  # fmt: skip
        return Connected(graph, number, channel.id, channel.public_key)
