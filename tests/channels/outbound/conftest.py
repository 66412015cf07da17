"""A provider that does what a test says, and one person who can be written to through it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select, text

from app.channels import adapters, deliveries, sending, statuses
from app.channels.border import Adapter, Checked, Limits, Outgoing, SendFailed, Sent, Status
from app.channels.content import Content, Words
from app.channels.models import Channel, Delivery, VisitorAddress, new_public_key
from app.contacts.models import Visitor
from app.conversations import services as conversations
from app.conversations.models import Conversation
from app.core import unit_of_work
from app.core.db import now
from app.core.jobs import OutboxJob
from app.extensions import db, redis
from tests.conftest import Cast, Inside

KIND = "scripted"


@dataclass
class Provider:
    """What reached it, by token; what it does with the next ones (none left: it takes them)."""

    taken: list[Outgoing] = field(default_factory=list)
    asked: int = 0
    script: list[Callable[[Outgoing], Any]] = field(default_factory=list)
    read: list[tuple[str, bool]] = field(default_factory=list)

    def then(self, *doings: Callable[[Outgoing], Any] | BaseException) -> None:
        self.script += [fails(each) if isinstance(each, BaseException) else each for each in doings]

    def take(self, outgoing: Outgoing) -> Sent:
        self.taken.append(outgoing)
        return Sent(f"id-{outgoing.token}")

    @property
    def texts(self) -> list[str]:
        return [each.content.plain() for each in self.taken]


def fails(error: BaseException) -> Callable[[Outgoing], Any]:
    def fail(_outgoing: Outgoing) -> None:
        raise error

    return fail


class Scripted(Adapter):
    kind = KIND
    label = "Testchat"
    limits = Limits(
        text=60, window=timedelta(hours=24), has_templates=True, has_receipts=True, has_typing=True
    )
    provider = Provider()

    def check_signature(self, hook: Any, credentials: Any) -> None: ...
    def split(self, hook: Any) -> list[Any]:
        return []

    def understand(self, payload: Any, line: Any) -> list[Any]:
        return []

    def check(self, line: Any) -> Checked:
        return Checked(())

    def connect(self, values: Any) -> Any: ...

    def send(self, line: Any, outgoing: Outgoing) -> Sent:
        assert not db.session().in_transaction()
        self.provider.asked += 1
        doing = self.provider.script.pop(0) if self.provider.script else self.provider.take
        return doing(outgoing)

    def as_read(self, line: Any, external_id: str, person: Any, *, is_typing: bool) -> None:
        self.provider.read.append((external_id, is_typing))


class WorkerKilled(BaseException):
    """As a SIGKILL is: nothing after it runs."""


@dataclass
class Line:
    """One person on a scripted channel, and what a test does with time and with the provider."""

    app: Flask
    inside: Inside
    provider: Provider
    channel_id: int
    visitor_id: int
    conversation_id: int

    def queue(self, *texts: str, content: Content | None = None, **details: Any) -> list[int]:
        with self.inside():
            channel = self.channel()
            return [
                deliveries.queue(
                    None, self.conversation_id, channel, self.visitor_id,
                    content or Words(body=text), **details,
                ).id
                for text in texts
            ]  # fmt: skip

    def say(self, body: str, **details: Any) -> int:
        """The assistant's words in the conversation. The message's id."""
        with self.inside():
            conversation = db.session.scalars(
                select(Conversation).where(Conversation.id == self.conversation_id)
            ).one()
            return conversations.post(
                conversation.lock(), "outgoing", "assistant", body, **details
            ).id

    def run(self) -> None:
        """One run of the visitor's job, as a worker does it, whatever becomes of it."""
        self.forget_jobs()
        with self.inside():
            sending.deliver(self.visitor_id)

    def killed(self) -> None:
        with pytest.raises(WorkerKilled):
            self.run()

    def pass_time(self, **since: Any) -> None:
        """As if everything had happened so much earlier."""
        with self.inside():
            for column in ("available_at", "sending_at", "created_at"):
                db.session.execute(
                    text(f"UPDATE deliveries SET {column} = {column} - :gap WHERE channel_id = :c"),
                    {"gap": timedelta(**since), "c": self.channel_id},
                )
        with self.app.app_context():
            for key in redis.client.scan_iter(f"frontdesk:pace:{self.channel_id}*"):
                redis.client.delete(key)

    def status(self, status: str, **details: Any) -> None:
        details = {"occurred_at": now()} | details
        with self.inside():
            statuses.note(self.channel(), Status(status, **details))

    def rows(self) -> list[Delivery]:
        with self.inside():
            query = select(Delivery).where(Delivery.visitor_id == self.visitor_id)
            found = list(db.session.scalars(query.order_by(Delivery.id)))
            db.session.expunge_all()
            return found

    def row(self, number: int = -1) -> Delivery:
        return self.rows()[number]

    @property
    def statuses(self) -> list[str]:
        return [row.status for row in self.rows()]

    def next_run(self) -> datetime | None:
        """When the visitor's job comes next."""
        with self.app.app_context():
            job = select(OutboxJob.available_at).where(
                OutboxJob.key == f"deliver-{self.visitor_id}", OutboxJob.done_at.is_(None)
            )
            return db.session.scalar(job)

    def forget_jobs(self) -> None:
        with self.app.app_context(), unit_of_work.unit_of_work():
            db.session.execute(
                text("DELETE FROM outbox WHERE key = :key"), {"key": f"deliver-{self.visitor_id}"}
            )

    def set(self, **values: Any) -> None:
        """Of the visitor."""
        with self.inside():
            visitor = db.session.scalars(select(Visitor).where(Visitor.id == self.visitor_id)).one()
            for name, value in values.items():
                setattr(visitor, name, value)

    def channel(self) -> Channel:
        return db.session.scalars(select(Channel).where(Channel.id == self.channel_id)).one()


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Provider:
    monkeypatch.setitem(adapters.PLACES, KIND, f"{__name__}.Scripted")
    provider = Provider()
    adapters.adapter(KIND)
    monkeypatch.setattr(Scripted, "provider", provider)
    return provider


@pytest.fixture
def line(app: Flask, cast: Cast, inside: Inside, provider: Provider) -> Iterator[Line]:
    made = make_line(app, cast, inside, provider)
    yield made
    made.forget_jobs()  # no other test's worker shall do them


def make_line(app: Flask, cast: Cast, inside: Inside, provider: Provider) -> Line:
    with inside():
        channel = Channel(
            kind=KIND, name="Our number", external_id=uuid4().hex,
            public_key=new_public_key(cast.business_id),
        )  # fmt: skip
        channel.credentials = {"access_token": "old"}
        db.session.add(channel)
        db.session.flush()
        visitor = Visitor(
            uuid=uuid4(), channel_id=channel.id, window_until=now() + timedelta(hours=1)
        )
        db.session.add(visitor)
        db.session.flush()
        conversation = Conversation(
            channel_id=channel.id, visitor_id=visitor.id, last_message_at=now()
        )
        phone = VisitorAddress(
            channel_id=channel.id, visitor_id=visitor.id, kind="phone", value="+447700900123"
        )
        db.session.add_all([conversation, phone])
        db.session.flush()
        return Line(app, inside, provider, channel.id, visitor.id, conversation.id)


def refused(trouble: str, code: str = "", **details: Any) -> SendFailed:
    return SendFailed(trouble, "The provider said no.", code=code, **details)
