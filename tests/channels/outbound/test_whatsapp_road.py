"""The whole road over real HTTP: in by the webhook, out to a stand-in that is as strict as Graph, and its callbacks."""

import random
from uuid import uuid4

import pytest
from sqlalchemy import select

from app.accounts.models import User
from app.channels import checks, deliveries, sending
from app.channels.models import Channel, Delivery
from app.conversations import services as conversations
from app.conversations.models import Conversation
from app.extensions import db
from tests.channels.conftest import Connected
from tests.channels.outbound.conftest import WorkerKilled
from tests.standins.graph import Sent


class Road:
    """Somebody who has written to the number, and what is said to them."""

    def __init__(self, with_graph: Connected, client, inside, cast, run_jobs) -> None:
        self.graph, self.client, self.inside, self.cast = with_graph.graph, client, inside, cast
        self.connected, self.run_jobs = with_graph, run_jobs
        self.person = self.graph.person(phone="+447700900123", name="Ada")
        self.person.writes(with_graph.number, "Do you deliver?")
        self.hear()
        self.reply("Hello.")  # which also marks it as read

    def hear(self) -> None:
        """Everything that Graph tells, worked off."""
        codes = self.connected.deliver_hooks(self.client)
        assert set(codes) <= {200}
        self.run_jobs()

    def reply(self, *texts: str, runs: bool = True) -> None:
        with self.inside():
            owner = db.session.get_one(User, self.cast.owner.id)
            for text in texts:
                conversations.reply(self.conversation(), owner, text, str(uuid4()))
        if runs:
            self.run_jobs()

    def conversation(self) -> Conversation:
        query = select(Conversation).where(Conversation.channel_id == self.connected.channel_id)
        return db.session.scalars(query).one()

    def rows(self) -> list[Delivery]:
        """After the first."""
        with self.inside():
            query = select(Delivery).where(Delivery.channel_id == self.connected.channel_id)
            found = list(db.session.scalars(query.order_by(Delivery.id)))
            db.session.expunge_all()
            return found[1:]

    @property
    def statuses(self) -> list[str]:
        return [row.status for row in self.rows()]

    @property
    def texts(self) -> list[str]:
        return [sent.body["text"]["body"] for sent in self.received]

    @property
    def received(self) -> list[Sent]:
        return self.person.received[1:]

    def were_sent_once(self) -> bool:
        return set(self.graph.count_by_opaque().values()) <= {1}


@pytest.fixture
def road(with_graph, client, inside, cast, run_jobs):
    return Road(with_graph, client, inside, cast, run_jobs)


def test_what_is_written_arrives_and_each_step_is_told(road):
    road.reply("Yes, we do.", "On Saturdays.")
    assert road.texts == ["Yes, we do.", "On Saturdays."]
    assert road.statuses == ["sent", "sent"]
    for sent in road.received:
        road.graph.tells_statuses(sent, ["read", "sent", "delivered", "read", "sent"])
    random.shuffle(road.graph.hooks)
    road.hear()
    assert road.statuses == ["read", "read"]
    assert all(row.heard_at and row.delivered_at and row.pricing for row in road.rows())
    assert road.were_sent_once()


def test_taken_and_nobody_told_the_callback_resolves_it(road):
    road.graph.cuts(after_accepting=True)
    road.reply("Yes, we do.")
    assert road.statuses == ["unknown"]
    (sent,) = road.received
    road.graph.tells_statuses(sent, ["sent"])
    road.hear()
    assert (road.statuses, road.rows()[0].provider_id) == (["sent"], sent.wamid)
    assert road.were_sent_once()


def test_the_line_broke_and_nothing_was_taken_it_stays_unsure(road):
    road.graph.cuts(after_accepting=False)
    road.reply("Yes, we do.")
    road.hear()
    assert (road.statuses, road.texts) == (["unknown"], [])


def test_killed_after_it_was_taken_it_is_there_once(road, monkeypatch):
    road.reply("Yes, we do.", runs=False)
    (row,) = road.rows()
    with monkeypatch.context() as broken, road.inside():
        broken.setattr(sending, "_note_sent", dies)
        with pytest.raises(WorkerKilled):
            sending.deliver(row.visitor_id)
    road.run_jobs()
    assert road.statuses == ["unknown"]
    road.graph.tells_statuses(road.received[0], ["delivered"])
    road.hear()
    assert (road.statuses, road.texts) == (["delivered"], ["Yes, we do."])


def dies(*_args):
    raise WorkerKilled


@pytest.mark.parametrize(
    ("code", "trouble"), [(130429, "retry"), (131056, "retry"), (131049, "wait")]
)
def test_what_passes_waits(road, code, trouble):
    road.graph.fails(code)
    road.reply("Yes, we do.")
    (row,) = road.rows()
    assert (row.status, row.trouble, row.error_code) == ("queued", trouble, str(code))


def test_a_dead_token_breaks_the_channel_and_nothing_says_sent(road):
    road.graph.fails(190)
    road.reply("Yes, we do.")
    with road.inside():
        channel = db.session.scalars(
            select(Channel).where(Channel.id == road.connected.channel_id)
        ).one()
        assert channel.state == "broken"
    road.run_jobs()
    assert (road.statuses, road.texts) == (["queued"], [])


def test_without_a_payment_method_the_channel_s_page_says_so(road):
    """Told later, as Meta does; own apps have no other way to know."""
    road.reply("Yes, we do.", "On Saturdays.")
    for sent in road.received:
        road.graph.tells_failure(sent, 131042)
    road.hear()
    assert {row.trouble for row in road.rows()} == {"billing"}
    with road.inside():
        channel = Channel.by_id(road.connected.channel_id)
        assert channel.state == "active"
        (said,) = [
            each for each in checks.health(channel) if "payment method that works" in each.words
        ]
    assert (said.state, "WhatsApp Manager" in said.fix) == ("bad", True)


def test_a_window_that_closed_at_the_provider_is_told_later(road):
    """We thought that it was open."""
    road.reply("Yes, we do.")
    road.graph.tells_failure(road.received[0], 131047)
    road.hear()
    (row,) = road.rows()
    assert (row.status, row.trouble) == ("failed", "template")
    shown = deliveries.shown_of(row)
    assert shown.words
    assert "template" in shown.next_step.lower()
    with road.inside():
        assert [each.body for each in road.conversation().newest_messages()][-1] == "undelivered"
