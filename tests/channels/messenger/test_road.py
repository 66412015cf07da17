"""From somebody on Messenger into the inbox and back, over HTTP; and what the page tells of it."""

from hashlib import sha256
from io import BytesIO
from uuid import uuid4

import pytest
from sqlalchemy import select

from app.accounts.models import User
from app.channels.content import Media
from app.channels.models import ChannelUpdate, Delivery
from app.contacts.models import Visitor
from app.conversations import services as conversations
from app.conversations.models import Conversation, Message, MessageFile
from app.core import storage
from app.extensions import db
from tests.channels.inbound.test_files import JPEG


@pytest.fixture
def road(connected, maya):
    """Maya has written and has an answer."""
    maya.writes("Do you have tulips?")
    connected.hear()
    return connected


def thread(inside):
    with inside():
        query = select(Message).order_by(Message.id)
        return [(each.author, each.body) for each in db.session.scalars(query)]


def deliveries(inside):
    with inside():
        rows = list(db.session.scalars(select(Delivery).order_by(Delivery.id)))
        db.session.expunge_all()
        return rows


def reply(inside, cast, text="", **more):
    with inside():
        owner = db.session.get_one(User, cast.owner.id)
        conversation = db.session.scalars(select(Conversation)).one()
        conversations.reply(conversation, owner, text, str(uuid4()), **more)


def test_a_message_is_answered_and_the_echo_is_no_message(road, maya, inside):
    told = thread(inside)
    assert told[0] == ("visitor", "Do you have tulips?")
    assert [author for author, _ in told].count("member") == 0
    (row, *_) = deliveries(inside)
    (sent, *_) = maya.received
    assert (row.provider_id, sent.body["message"]["metadata"]) == (sent.wamid, row.token)
    assert row.heard_at is not None
    with inside():
        assert db.session.scalars(select(Visitor)).one().name == "Maya Ortiz"
    assert (maya.psid, "mark_seen") in maya.page.actions


def test_it_is_delivered_and_read(road, maya, inside):
    maya.gets()
    road.hear()
    assert {row.status for row in deliveries(inside)} == {"delivered"}
    maya.reads()
    road.hear()
    assert {row.status for row in deliveries(inside)} == {"read"}


def test_somebody_answers_in_the_page_s_inbox(road, maya, inside):
    road.page.echoes(maya, "I’ll see to it.", app_id="263902037430900")
    road.hear()
    before = len(maya.received)
    assert ("member", "I’ll see to it.") in thread(inside)
    with inside():
        assert db.session.scalars(select(Conversation)).one().is_handed_off
    maya.writes("Thank you!")
    road.hear()
    assert len(maya.received) == before


def test_another_app_has_the_conversation(connected, maya, inside):
    event = connected.page.event(maya) | {"message": {"mid": "m_1", "text": "Hello there"}}
    connected.page.tells_aside(event)
    connected.hear()
    assert thread(inside) == [("visitor", "Hello there")]
    assert maya.received == []


def test_told_twice_it_stands_there_once(connected, maya, inside):
    maya.writes("Hello")
    (hook,) = connected.graph.take_hooks()
    assert (connected.post(hook), connected.post(hook)) == (200, 200)
    connected.run_jobs()
    assert [each for each in thread(inside) if each[0] == "visitor"] == [("visitor", "Hello")]


def test_a_wrong_signature_and_another_page(connected, graph, maya, inside):
    maya.writes("Hello")
    (hook,) = graph.take_hooks()
    assert connected.post(hook, **{"X-Hub-Signature-256": "sha256=00"}) == 401
    other = graph.page(app=connected.page.app)
    other.person().writes("Not yours")
    (hook,) = graph.take_hooks()
    assert connected.post(hook) == 200
    assert connected.post(hook, path="1-nobody") == 404
    assert thread(inside) == []


def test_a_picture_comes_in_and_one_with_words_goes_out(road, maya, inside, cast):
    maya.sends_file("image", JPEG, "image/jpeg")
    road.hear()
    with inside():
        file = db.session.scalars(select(MessageFile)).one()
        assert (file.state, file.byte_count) == ("stored", len(JPEG))
        stored = storage.store(BytesIO(JPEG), "tulips.jpg", sha256(JPEG).hexdigest(), len(JPEG))
        media = Media(kind="image", caption="These", file_id=stored.id, mime="image/jpeg")
    before = len(maya.received)
    reply(inside, cast, "These", content=media)
    road.run_jobs()
    first, second = maya.received[before:]
    assert first.body["message"]["attachment"]["type"] == "image"
    assert second.body["message"]["text"] == "These"
    assert [body for _, body in road.page.uploaded] == [JPEG]


def test_taken_and_nobody_told_the_echo_resolves_it(road, maya, inside, cast):
    road.graph.cuts(after_accepting=True)
    reply(inside, cast, "Yes, we do.")
    road.run_jobs()
    assert deliveries(inside)[-1].status == "unknown"
    road.hear()
    assert deliveries(inside)[-1].status == "sent"
    assert [sent.body["message"].get("text") for sent in maya.received].count("Yes, we do.") == 1


@pytest.mark.parametrize(
    ("code", "ended"),
    [(613, ("queued", "retry")), (551, ("failed", "permanent")), (368, ("failed", "billing"))],
)
def test_what_meta_refuses_is_said(road, inside, cast, code, ended):
    road.graph.fails(code)
    reply(inside, cast, "Yes, we do.")
    road.run_jobs()
    row = deliveries(inside)[-1]
    assert (row.status, row.trouble) == ended
    assert "WhatsApp" not in row.error


def test_the_window_is_closed(road, maya, inside, cast):
    with inside():
        visitor = db.session.scalars(select(Visitor)).one()
        assert visitor.window_until is not None
        visitor.window_until = visitor.created_at
    reply(inside, cast, "Still there?")
    road.run_jobs()
    assert deliveries(inside)[-1].status == "dropped"


def test_an_advertisement_is_the_lead(connected, maya, inside):
    maya.comes_by_ad("spring", "238412")
    connected.hear()
    with inside():
        visitor = db.session.scalars(select(Visitor)).one()
        assert visitor.lead_source["source_id"] == "238412"
        assert visitor.window_until is not None
        assert all(row.done_at for row in db.session.scalars(select(ChannelUpdate)))
    assert thread(inside) == []


def test_a_reaction(connected, maya, inside):
    mid = maya.writes("Hello")
    connected.hear()
    maya.reacts(mid, "❤")
    connected.hear()
    with inside():
        query = select(Message).where(Message.external_id == mid)
        (reaction,) = db.session.scalars(query).one().reactions
        assert reaction["emoji"] == "❤"
