"""When a conversation ends: idle, resolved, waited for; one watch each."""

import secrets
from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from app.accounts.models import User
from app.channels.models import Channel
from app.conversations import ending, services
from app.conversations.models import Conversation
from app.core.db import now
from app.core.jobs import OutboxJob
from app.extensions import db
from tests.conftest import Cast, Inside

LONG, LONGEST = ending.IDLE + timedelta(minutes=1), ending.LONGEST_WAIT + timedelta(minutes=1)


@pytest.fixture
def talk(inside: Inside, cast: Cast) -> Iterator[Conversation]:
    """Somebody wrote just now. Inside the business's scope."""
    with inside():
        message, _ = services.receive(
            Channel.of_kind("website"), uuid4(), "Hello", secrets.token_hex(8)
        )
        yield message.conversation


def watches() -> list[OutboxJob]:
    db.session.flush()
    query = select(OutboxJob).where(
        OutboxJob.name == "conversations.end", OutboxJob.done_at.is_(None)
    )
    return [job for job in db.session.scalars(query) if job.key and job.key.startswith("end-")]


def of(talk: Conversation) -> list[OutboxJob]:
    return [job for job in watches() if job.args == [talk.id]]


def is_over(talk: Conversation, after: timedelta) -> bool:
    talk.last_message_at = now() - after
    db.session.flush()
    return ending.ends_at(talk) <= now()


def owner(cast: Cast) -> User:
    return db.session.get_one(User, cast.owner.id)


def test_two_hours_without_a_message_end_it(talk: Conversation) -> None:
    assert not is_over(talk, ending.IDLE - timedelta(minutes=1))
    assert is_over(talk, LONG)


def test_many_messages_have_one_watch(talk: Conversation, cast: Cast) -> None:
    for number in range(3):
        services.receive(talk.channel, talk.visitor.uuid, f"More {number}", f"k{number}")
    (watch,) = of(talk)
    assert watch.available_at > now() + ending.IDLE - timedelta(minutes=1)


@pytest.mark.parametrize(
    ("happens", "is_waiting"),
    [
        (lambda talk, _by: services.request_person(talk), True),
        (services.take_over, True),
        (lambda talk, by: services.reply(talk, by, "Hello", "r"), False),
        (lambda talk, by: (services.take_over(talk, by), services.give_back(talk, by)), False),
    ],
    ids=["called", "taken over", "answered", "given back"],
)
def test_who_waits_for_a_person_keeps_it_open_for_a_day(
    talk: Conversation,
    cast: Cast,
    happens: Callable[[Conversation, User], object],
    is_waiting: bool,
) -> None:
    happens(talk, owner(cast))
    assert is_over(talk, LONG) is not is_waiting
    assert is_over(talk, LONGEST)


def test_the_next_look_lies_ahead_while_somebody_waits(talk: Conversation) -> None:
    services.request_person(talk)
    talk.last_message_at = now() - timedelta(hours=5)
    assert timedelta(minutes=59) < ending.ends_at(talk) - now() < timedelta(minutes=61)


def test_resolving_ends_it_at_once_and_a_reopened_one_goes_on(
    talk: Conversation, cast: Cast
) -> None:
    services.resolve(talk, owner(cast))
    now_and_later = sorted(job.available_at for job in of(talk))
    assert len(now_and_later) == 2
    assert now_and_later[0] <= now()
    services.reopen(talk, owner(cast))
    assert not is_over(talk, timedelta(minutes=5))


def test_followers_are_told_of_the_end_alone(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[int] = []
    monkeypatch.setattr(ending, "_followers", [lambda each: told.append(each.id)])
    ending.look(talk.id)
    assert told == []
    talk.last_message_at = now() - LONG
    db.session.flush()
    ending.look(talk.id)
    assert told == [talk.id]


def test_the_owner_s_preview_never_ends(inside: Inside, cast: Cast) -> None:
    with inside():
        site = Channel.of_kind("preview")
        message, _ = services.receive(site, uuid4(), "Hello", "p")
        assert of(message.conversation) == []
        services.resolve(message.conversation, owner(cast))
        assert of(message.conversation) == []
