"""Who writes: one visitor and one contact, by whichever address they come."""

import threading
from contextlib import contextmanager
from dataclasses import replace
from uuid import uuid4

import pytest
from sqlalchemy import select, text, update

from app.channels import people
from app.channels.border import Address, NotYetKnown, Person, Renamed
from app.channels.models import Channel, Consent, Delivery, VisitorAddress
from app.contacts import services as contacts
from app.contacts.models import Contact, ContactIdentity, Visitor
from app.contacts.services import Details
from app.conversations.models import Conversation
from app.core.db import now
from app.core.unit_of_work import unit_of_work
from app.extensions import db
from tests.channels.inbound.heard import MAYA, PHONE, START, USER, Phone

NEW_PHONE, NEW_USER = Address("phone", "+447700900999"), Address("user", "GB.2222")
BY_PHONE, BY_USER = Person((PHONE,), "Maya Brown"), Person((USER,), "Maya Brown")


@pytest.fixture
def meet(phone, inside):
    """`meet(person)`: its visitor's id."""

    def find(person):
        with inside():
            return people.visitor_of(phone.channel(), person).id

    return find


@pytest.fixture
def known(phone, inside):
    """What is known of the channel's people: {(kind, value): visitor} and {(kind, value): contact}."""

    def look():
        with inside():
            held = db.session.scalars(select(VisitorAddress)).all()
            named = db.session.scalars(select(ContactIdentity)).all()
            return (
                {(each.kind, each.value): each.visitor_id for each in held},
                {(each.kind, each.value): each.contact_id for each in named},
            )

    return look


def count(table):
    """Of contacts those that were not merged into another."""
    rows = db.session.scalars(select(table)).all()
    return len([each for each in rows if not getattr(each, "is_merged", False)])


def test_a_new_person_is_a_visitor_and_a_contact(meet, known, inside):
    visitor_id = meet(MAYA)
    addresses, identities = known()
    assert set(addresses.values()) == {visitor_id}
    assert set(identities) == {("phone", PHONE.value), ("whatsapp", USER.value)}
    with inside():
        visitor = db.session.scalars(select(Visitor).where(Visitor.id == visitor_id)).one()
        assert (visitor.display_name, visitor.phone) == ("Maya Brown", PHONE.value)
        assert visitor.sure_contact is not None
        assert {each.said_by for each in visitor.sure_contact.identities} == {None}


def test_without_a_number_too(meet, known, inside):
    meet(Person((USER,), "🌸"))
    assert set(known()[1]) == {("whatsapp", USER.value)}
    with inside():
        assert count(Contact) == 1


@pytest.mark.parametrize("person", [MAYA, BY_PHONE, BY_USER])
def test_whoever_is_known_is_found(meet, person):
    assert meet(MAYA) == meet(person)


def test_the_common_case_is_one_statement(meet, phone, inside, count_queries):
    meet(MAYA)
    with inside():
        channel = phone.channel()
        with count_queries() as statements:
            people.visitor_of(channel, MAYA)
    assert len(statements) == 1


def test_a_second_address_is_learnt(meet, known):
    visitor_id = meet(BY_PHONE)
    assert meet(MAYA) == visitor_id
    assert set(known()[0].values()) == {visitor_id}
    assert len(set(known()[1].values())) == 1


def test_two_become_one_when_both_addresses_meet(phone, meet, known, inside):
    phone.says("Hello", by=BY_PHONE)
    phone.says("Me again", by=BY_USER, at=5)
    first, second = meet(BY_PHONE), meet(BY_USER)
    assert first != second
    with inside():
        db.session.add(Consent(channel_kind="heard", address="user:x", visitor_id=second,
                               purpose="marketing", state="out", basis="word", occurred_at=now()))  # fmt: skip
        talk = db.session.scalars(
            select(Conversation).where(Conversation.visitor_id == second)
        ).one()
        db.session.add(Delivery(
            channel_id=phone.channel_id, visitor_id=second, conversation_id=talk.id, content={},
            category="service", token="t", available_at=now(),
        ))  # fmt: skip
    phone.says("Both", by=MAYA, at=9)
    assert meet(MAYA) == first
    assert set(known()[0].values()) == {first}
    assert len(set(known()[1].values())) == 1
    with inside():
        assert [count(each) for each in (Visitor, Contact, Conversation)] == [1, 1, 2]
        for table in (Conversation, Consent, Delivery):
            assert {each.visitor_id for each in db.session.scalars(select(table))} == {first}
        newest = db.session.scalars(select(Conversation).order_by(Conversation.id.desc())).first()
        assert newest.last_text == "Both"


def test_merging_keeps_what_each_had(meet, inside):
    first, second = meet(BY_PHONE), meet(BY_USER)
    with inside():
        theirs = update(Visitor).where(Visitor.id == second)
        said = {"lead_source": {"a": 1}, "language": "es"}
        db.session.execute(theirs.values(blocked_at=now(), window_until=START, **said))
    meet(MAYA)
    with inside():
        kept = db.session.scalars(select(Visitor)).one()
        assert kept.id == first
        assert kept.blocked_at
        assert kept.window_until == START
        assert (kept.lead_source, kept.language) == ({"a": 1}, "es")


def test_a_member_s_card_survives_a_merge(meet, inside):
    meet(BY_PHONE)
    second = meet(BY_USER)
    with inside():
        visitor = db.session.scalars(select(Visitor).where(Visitor.id == second)).one()
        contacts.change(visitor, Details("Maya Green", "maya@example.com"), "Likes roses", None)
    meet(MAYA)
    with inside():
        contact = db.session.scalars(select(Contact).where(Contact.merged_into_id.is_(None))).one()
        assert (contact.name, contact.note) == ("Maya Green", "Likes roses")
        assert {each.kind for each in contact.identities} == {"phone", "whatsapp", "email"}


def test_a_number_that_somebody_only_said_is_its_owner_s(cast, meet, inside, app):
    """Who typed it on the website is shown as somebody who says so, from then on."""
    from tests.contacts.conftest import Guest

    guest = Guest(app, cast)
    guest.says(name="Eve", phone=PHONE.value)
    assert guest.looks()["link"] == "own"
    meet(MAYA)
    looks = guest.looks()
    assert looks["link"] == "says"
    assert looks["phone"] == (PHONE.value, False)
    with inside():
        assert count(Contact) == 1


def test_whom_nobody_vouches_for_only_says_so(phone, inside):
    with inside():
        known_one = Contact(name="Anna")
        db.session.add(known_one)
        db.session.flush()
        db.session.add(
            ContactIdentity(contact_id=known_one.id, kind="email", value="a@example.com")
        )
    person = replace(Person((Address("email", "a@example.com"),), "Anna"), is_attested=False)
    with inside():
        visitor = people.visitor_of(phone.channel(), person)
        assert visitor.contact_link == "says"


def test_a_new_number(phone, known, meet):
    phone.says("Hello")
    visitor_id = meet(MAYA)
    told = [Renamed(old, (NEW_USER, NEW_PHONE), START) for old in (USER, PHONE)]
    phone.hears(*told, at=3)
    phone.hears(*told, at=4)
    assert known()[0] == {
        ("user", NEW_USER.value): visitor_id, ("phone", NEW_PHONE.value): visitor_id,
    }  # fmt: skip
    assert set(known()[1]) == {("whatsapp", NEW_USER.value), ("phone", NEW_PHONE.value)}
    assert [body for _, body in phone.lines()] == ["Hello", "number_changed"]


def test_a_new_number_that_wrote_before_we_were_told(phone, known, inside):
    phone.says("Hello")
    phone.says("From my new phone", by=Person((NEW_USER, NEW_PHONE)), at=5)
    phone.hears(Renamed(USER, (NEW_USER, NEW_PHONE), START))
    with inside():
        assert [count(Visitor), count(Contact)] == [1, 1]
    assert set(known()[0]) == {("user", NEW_USER.value), ("phone", NEW_PHONE.value)}


def test_a_stranger_s_new_number_is_not_known_yet(phone, inside):
    with inside(), pytest.raises(NotYetKnown):
        people.rename(phone.channel(), PHONE, (NEW_PHONE,))


def test_the_same_person_at_two_numbers_is_one_contact(phone, inside, cast, meet):
    mine = meet(MAYA)
    other = Phone(inside, cast.business_id)
    with inside():
        assert people.visitor_of(other.channel(), MAYA).id != mine
    with inside():
        assert [count(Visitor), count(Contact)] == [2, 1]


def test_another_business_knows_nobody(app, phone, meet, cast, inside):
    @contextmanager
    def next_door():
        with app.app_context(), cast.neighbour_scope(), unit_of_work():
            yield

    mine = meet(MAYA)
    other = Phone(next_door, cast.neighbour_business_id)
    with next_door():
        assert people.visitor_of(other.channel(), MAYA).id != mine
        assert [count(Visitor), count(Contact)] == [1, 1]
    with inside():
        assert [count(Visitor), count(Contact)] == [1, 1]


@pytest.mark.parametrize(
    ("one", "two"), [(MAYA, MAYA), (BY_PHONE, MAYA), (MAYA, BY_USER), (BY_PHONE, BY_USER)]
)
def test_at_the_same_moment_they_are_one(phone, inside, one, two):
    """Whoever comes second waits for the first."""
    started = threading.Barrier(2)
    problems = []

    def meets(person):
        try:
            with inside():
                channel = phone.channel()
                started.wait(timeout=10)
                people.visitor_of(channel, person)
        except Exception as problem:
            problems.append(problem)

    threads = [threading.Thread(target=meets, args=(each,)) for each in (one, two)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(timeout=20)
    assert problems == []
    with inside():
        people.visitor_of(phone.channel(), MAYA)
    with inside():
        assert [count(Visitor), count(Contact)] == [1, 1]
        assert count(VisitorAddress) == 2


def test_two_merges_at_once(phone, meet, inside):
    phone.says("a", by=BY_PHONE)
    phone.says("b", by=BY_USER)
    started = threading.Barrier(2)
    problems = []

    def meets():
        try:
            with inside():
                channel = phone.channel()
                started.wait(timeout=10)
                people.visitor_of(channel, MAYA)
        except NotYetKnown:
            pass
        except Exception as problem:
            problems.append(problem)

    threads = [threading.Thread(target=meets) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(timeout=20)
    assert problems == []
    with inside():
        assert [count(Visitor), count(Contact), count(Conversation)] == [1, 1, 2]


WAITS_FOR_US = text(
    "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid)))"
)


@pytest.mark.parametrize("is_second_contact", [False, True])
def test_who_says_who_they_are_meanwhile_is_waited_for(phone, inside, is_second_contact):
    """They hold themselves and want the contact: whoever makes it the provider's must not hold that already."""
    with inside():
        on_website = Channel.of_kind("website")
        uuids = [uuid4() for _ in range(2)]
        for uuid in uuids[: 1 + is_second_contact]:
            visitor = Visitor(uuid=uuid, channel_id=on_website.id)
            db.session.add(visitor)
            db.session.flush()
            by = Details(phone=PHONE.value) if uuid == uuids[0] else Details(email="m@example.com")
            contacts.find_or_update(visitor, by, None)
        if is_second_contact:
            db.session.execute(update(ContactIdentity).values(said_by=None))
            user = ContactIdentity(contact_id=visitor.contact_id, kind="whatsapp", value=USER.value)
            db.session.add(user)
    problems = []

    def meets():
        try:
            with inside():
                people.visitor_of(phone.channel(), MAYA)
        except Exception as problem:
            problems.append(problem)

    other = threading.Thread(target=meets)
    with inside():
        newest = select(Visitor).order_by(Visitor.id.desc()).limit(1)
        visitor = db.session.scalars(newest).one()
        contacts.lock(visitor)
        other.start()
        while other.is_alive() and not db.session.scalar(WAITS_FOR_US):
            pass
        contacts.find_or_update(visitor, Details("Maya Brown"), None)
    other.join(timeout=20)
    assert problems == []
    with inside():
        assert count(Contact) == 1
