"""From a phone at the stand-in of Graph to the inbox: over the webhook, the lanes and the jobs."""

import pytest
from sqlalchemy import select

from app.channels.models import ChannelUpdate, VisitorAddress
from app.contacts.models import Visitor
from app.conversations.models import Conversation, MessageFile
from app.extensions import db
from tests.channels.conftest import with_graph  # noqa: F401
from tests.channels.inbound.test_files import JPEG


@pytest.fixture
def line(with_graph, client, run_jobs):  # noqa: F811
    """`line()`: what the stand-in has told is delivered and worked off."""

    def carry():
        assert set(with_graph.deliver_hooks(client)) <= {200}
        run_jobs()

    carry.graph, carry.number = with_graph.graph, with_graph.number
    return carry


@pytest.fixture
def thread(inside):
    def look():
        with inside():
            found = db.session.scalars(select(Conversation).order_by(Conversation.id)).all()
            return [[(m.author, m.body) for m in row.messages_after()] for row in found]

    return look


def done(inside):
    with inside():
        rows = list(db.session.scalars(select(ChannelUpdate)))
        return [(row.done_at is not None, row.error) for row in rows]


def test_words_and_what_becomes_of_them(line, thread, inside):
    maya = line.graph.person(phone="+447700900123", name="Maya Brown")
    wamid = maya.writes(line.number, "Helo")
    line()
    maya.edits(line.number, wamid, "Hello")
    maya.reacts(line.number, wamid, "👍")
    line()
    assert thread()[0][0] == ("visitor", "Hello")
    maya.revokes(line.number, wamid)
    line()
    assert thread()[0][0] == ("visitor", "")
    assert all(is_done and error is None for is_done, error in done(inside))


def test_a_picture_is_fetched(line, inside):
    maya = line.graph.person(phone="+447700900123", name="Maya Brown")
    maya.sends_file(line.number, "image", JPEG, "image/jpeg")
    line()
    with inside():
        row = db.session.scalars(select(MessageFile)).one()
        assert (row.state, row.byte_count, row.error) == ("stored", len(JPEG), None)


def test_known_by_a_user_id_first_and_a_number_later(line, inside, thread):
    maya = line.graph.person(phone="+447700900123", username="maya", shows_phone=False)
    maya.writes(line.number, "Do you know me?")
    line()
    with inside():
        assert {each.kind for each in db.session.scalars(select(VisitorAddress))} == {"user"}
    maya.shows_phone = True
    maya.writes(line.number, "By my number now", has_contact=False)
    line()
    with inside():
        held = db.session.scalars(select(VisitorAddress))
        assert {each.kind for each in held} == {"user", "phone"}
        assert db.session.scalars(select(Visitor)).one().phone == "+447700900123"
    assert len(thread()) == 1


def test_a_number_is_changed(line, inside):
    maya = line.graph.person(phone="+447700900123", name="Maya Brown")
    maya.writes(line.number, "Hello")
    line()
    maya.changes_number(line.number, "+447700900999")
    line()
    with inside():
        phones = select(VisitorAddress.value).where(VisitorAddress.kind == "phone")
        assert list(db.session.scalars(phones)) == ["+447700900999"]
