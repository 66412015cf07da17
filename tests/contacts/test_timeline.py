"""What happens with a person stands in the timeline of their contact, once they surely are it."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import g
from sqlalchemy import select, update

from app.businesses.models import Business
from app.channels import consents
from app.channels.models import Channel
from app.contacts import activities, services
from app.contacts.models import Activity, Contact
from app.conversations import callbacks
from app.conversations import services as conversations
from app.conversations.models import Conversation
from app.core.db import now
from app.extensions import db
from app.pages import contact_words
from tests.channels.reached import make_channel, reach

ANNA, LONG_AGO = "anna@example.com", datetime(2020, 1, 1, tzinfo=UTC)


def kinds(inside, contact_id):
    """In the order in which they happened."""
    with inside():
        query = select(Activity.kind).where(Activity.contact_id == contact_id).order_by(Activity.id)
        return list(db.session.scalars(query))


def last_activity(inside, contact_id):
    with inside():
        return Contact.by_id(contact_id).last_activity_at


def talk_of(visitor):
    return db.session.get_one(Conversation, (visitor.cast.business_id, visitor.conversation_id))


@pytest.fixture
def anna(guest):
    anna = guest()
    anna.says(name="Anna", email=ANNA)
    return anna


def test_what_a_visitor_did_before_it_was_known_follows(anna, inside):
    assert kinds(inside, anna.looks()["contact"]) == [
        "conversation.started", "contact.made", "identity.added"
    ]  # fmt: skip


def test_a_conversation_tells_its_events_once(anna, inside, member):
    with inside():
        talk, by = talk_of(anna), member()
        conversations.request_person(talk)
        conversations.take_over(talk, by)
        conversations.resolve(talk, by)
        conversations.resolve(talk, by)
        left = callbacks.leave(talk, email=ANNA, message="Call me about the roses")
        callbacks.leave(talk, email=ANNA, message="After six")
        callbacks.finish(left, by)
        callbacks.finish(left, by)
    assert kinds(inside, anna.looks()["contact"])[3:] == [
        "hand_off.called", "hand_off.taken", "conversation.resolved", "callback.left", "callback.done"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("event", "details", "said"),
    [
        ("snoozed", {"until": None}, ("Conversation snoozed until they reply", "")),
        ("snoozed", {"until": "2031-11-24T09:00:00+00:00"}, ("Conversation snoozed until Mon 24 Nov 2031, 9:00", "")),
        ("woken", None, ("Snooze over", "")),
        ("assigned", {"user_id": 1, "name": "Ana"}, ("Conversation assigned to", "Ana")),
        ("unassigned", {"waiting": False}, ("Conversation put back", "")),
        ("tagged", {"tag": "Roses"}, ("Conversation tagged", "Roses")),
        ("untagged", {"tag": "Roses"}, ("Tag taken from the conversation", "Roses")),
        ("prioritised", {"priority": "high"}, ("Priority changed", "high")),
        ("prioritised", {"priority": "none"}, ("Priority taken away", "")),
    ],
)  # fmt: skip
def test_what_members_do_is_said_in_words(anna, inside, event, details, said):
    with inside():
        conversations.post(talk_of(anna).lock(), "event", "member", event, details=details)
    with inside():
        g.business = Business.by_slug(anna.cast.slug)
        newest = select(Activity).order_by(Activity.id.desc()).limit(1)
        line = db.session.scalars(newest).one()
        assert (contact_words.look(line).words, line.summary) == said


def test_the_owner_s_preview_has_no_timeline(inside):
    from uuid import uuid4

    with inside():
        preview = Channel.of_kind("preview")
        message, _ = conversations.receive(preview, uuid4(), "Hello", str(uuid4()))
        conversations.request_person(message.conversation)
        assert db.session.scalars(select(Activity)).all() == []


def test_who_only_says_to_be_somebody_has_a_timeline_of_its_own(anna, guest, inside):
    contact_id = anna.looks()["contact"]
    before = kinds(inside, contact_id)
    mallory = guest()
    mallory.says(email=ANNA)
    assert kinds(inside, contact_id) == before
    mallory.do(services.confirm)
    assert kinds(inside, contact_id) == [*before, "conversation.started"]
    mallory.do(lambda row: setattr(row, "contact_link", "says"))
    mallory.do(services.refuse)
    assert kinds(inside, contact_id) == before


def test_consent_stands_in_the_timeline_once(inside):
    with inside():
        person = reach(make_channel(), name="Mia")
        message = person.writes("STOP")
        for _ in range(2):
            consents.note_words(person.channel, person.visitor, message)
        said = select(Activity).where(Activity.kind == "consent.changed")
        (activity,) = db.session.scalars(said).all()
        assert activity.payload["state"] == "out"
        assert activity.visitor_id == person.visitor.id


def test_the_last_activity_is_kept_current(anna, inside):
    contact_id = anna.looks()["contact"]
    with inside():
        db.session.execute(update(Contact).values(last_activity_at=LONG_AGO))
    with inside():
        talk = talk_of(anna)
        conversations.take_in(talk.channel, talk.visitor, "Hello again", "again")
    assert last_activity(inside, contact_id) > now() - timedelta(minutes=1)
    with inside():
        activities.touch(contact_id, LONG_AGO)
    assert last_activity(inside, contact_id) > now() - timedelta(minutes=1)


def test_a_message_never_waits_for_who_edits_the_contact(anna, app, cast, inside):
    """Nor do the two stand in each other's way: a contact that is held is being touched by its holder."""
    from app.core.unit_of_work import unit_of_work

    with app.app_context(), cast.scope(), unit_of_work():
        contact_id = services.locked(anna.row().contact_id).id
        db.session.flush()
        with inside():
            talk = talk_of(anna)
            conversations.take_in(talk.channel, talk.visitor, "Hello again", "again")
    assert "conversation.started" in kinds(inside, contact_id)


def test_a_savepoint_holds_no_contact_until_the_end(anna, inside):
    contact_id = anna.looks()["contact"]
    with inside():
        db.session.execute(update(Contact).values(last_activity_at=LONG_AGO))
    with inside():
        with db.session.begin_nested():
            activities.touch(contact_id)
        assert Contact.by_id(contact_id).last_activity_at == LONG_AGO
        db.session.expire_all()
    assert last_activity(inside, contact_id) > LONG_AGO


def test_what_a_caller_said_is_for_those_who_may_read_conversations(anna, inside, records, cast):
    with inside():
        callbacks.leave(talk_of(anna), email=ANNA, message="Call me about the roses")
    contact = anna.looks()["contact"]
    assert "about the roses" in records(cast.viewer).get(f"/{contact}").text
    page = records(cast.accountant).get(f"/{contact}").text
    assert "Left a message for you" in page
    assert "about the roses" not in page
