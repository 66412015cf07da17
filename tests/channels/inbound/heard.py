"""A provider of which a test says what it tells: a channel with a queue of updates, worked off as a worker does."""

import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from sqlalchemy import select, update

from app.channels import adapters
from app.channels.border import Adapter, Address, Checked, Incoming, Limits, News, Person, Sent
from app.channels.content import Words
from app.channels.models import Channel, ChannelUpdate, new_public_key
from app.channels.models.updates import lane_of
from app.conversations.models import Conversation, Message
from app.core import jobs
from app.extensions import db
from app.frontdesk import inbound

KIND = "heard"
START = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


class Heard(Adapter):
    """Understands a payload as the news that a test has put under its key."""

    kind = KIND
    label = "Testphone"
    limits = Limits(text=4000, window=timedelta(hours=24), costs=True)
    told: ClassVar[dict[str, Callable[[], list[News]]]] = {}
    files: ClassVar[dict[str, Any]] = {}

    def check_signature(self, hook: Any, credentials: Any) -> None: ...
    def split(self, hook: Any) -> list[Any]:
        return []

    def understand(self, payload: Any, line: Any) -> list[News]:
        return self.told[payload["told"]]()

    def send(self, line: Any, outgoing: Any) -> Sent:
        return Sent(f"sent-{outgoing.token}")

    def download(self, line: Any, provider_ref: str, max_bytes: int) -> tuple[bytes, str]:
        assert not db.session().in_transaction()
        found = self.files[provider_ref]
        if isinstance(found, Exception):
            raise found
        return found

    def check(self, line: Any) -> Checked:
        return Checked(())

    def connect(self, values: Any) -> Any: ...


class Phone:
    """One channel of the business: what people write comes in here."""

    def __init__(
        self, inside: Callable[[], AbstractContextManager[None]], business_id: int
    ) -> None:
        self.inside = inside
        with inside():
            channel = Channel(
                kind=KIND, name="Phone", public_key=new_public_key(business_id),
                external_id=secrets.token_hex(6),
            )  # fmt: skip
            db.session.add(channel)
            db.session.flush()
            self.channel_id = channel.id

    def channel(self) -> Channel:
        return db.session.scalars(select(Channel).where(Channel.id == self.channel_id)).one()

    def tells(
        self, *news: News, at: float = 0, person: str = "maya", key: str = "",
        make: Callable[[], list[News]] | None = None,
    ) -> int:  # fmt: skip
        """The provider has told this, so many seconds after the start; nothing has worked it off so far."""
        key = key or secrets.token_hex(8)
        Heard.told[key] = make or (lambda: list(news))
        with self.inside():
            row = ChannelUpdate(
                channel_id=self.channel_id, external_id=key, person=person, lane=lane_of(person),
                payload={"told": key}, occurred_at=START + timedelta(seconds=at),
            )  # fmt: skip
            db.session.add(row)
            db.session.flush()
            return row.id

    def heals(self, row_id: int, *news: News) -> None:
        """What failed so far is understood from now on."""
        Heard.told[self.row(row_id).payload["told"]] = lambda: list(news)

    def work_off(self, person: str = "maya") -> None:
        """One run of the lane's job."""
        with self.inside():
            inbound.work_off(self.channel_id, lane_of(person))

    def hears(self, *news: News, **options: Any) -> None:
        self.tells(*news, **options)
        self.work_off(options.get("person", "maya"))

    def says(self, text: str, **options: Any) -> str:
        """Somebody has written this, and it is here. Its external id."""
        incoming = words(text, **options)
        self.hears(incoming)
        return incoming.external_id

    def later(self, **ago: float) -> None:
        """As if everything had come so much earlier."""
        gap = timedelta(**ago)
        rows = update(ChannelUpdate).where(ChannelUpdate.channel_id == self.channel_id)
        with self.inside():
            db.session.execute(
                rows.values(
                    created_at=ChannelUpdate.created_at - gap,
                    retry_at=ChannelUpdate.retry_at - gap,
                )
            )

    def row(self, row_id: int) -> ChannelUpdate:
        with self.inside():
            found = db.session.scalars(
                select(ChannelUpdate).where(ChannelUpdate.id == row_id)
            ).one()
            db.session.expunge(found)
            return found

    def look(self, read: Callable[[Conversation], Any]) -> Any:
        """At the newest conversation of the channel."""
        with self.inside():
            mine = select(Conversation).where(Conversation.channel_id == self.channel_id)
            return read(db.session.scalars(mine.order_by(Conversation.id.desc())).first())

    def lines(self) -> list[tuple[str, str]]:
        return self.look(lambda row: [(each.author, each.body) for each in row.messages_after()])

    def message(self, external_id: str) -> Message:
        with self.inside():
            found = db.session.scalars(
                select(Message).where(Message.external_id == external_id)
            ).one()
            db.session.expunge(found)
            return found

    def asked(self, name: str = "frontdesk.respond") -> int:
        """How many jobs of that name are open for the business."""
        with self.inside():
            query = select(jobs.OutboxJob).where(
                jobs.OutboxJob.business_id == self.channel().business_id,
                jobs.OutboxJob.name == name,
                jobs.OutboxJob.done_at.is_(None),
            )
            return len(list(db.session.scalars(query)))


PHONE, USER = Address("phone", "+447700900123"), Address("user", "GB.13491208655302741918")
MAYA = Person((USER, PHONE), "Maya Brown")


def words(text: str, *, at: float = 0, by: Person = MAYA, **more: Any) -> Incoming:
    key = more.pop("external_id", "") or secrets.token_hex(8)
    content = more.pop("content", None) or Words(body=text)
    return Incoming(by, key, content, START + timedelta(seconds=at), **more)


def register(monkeypatch: Any) -> None:
    monkeypatch.setitem(adapters.PLACES, KIND, "tests.channels.inbound.heard.Heard")
    adapters.adapter.cache_clear()
    Heard.told.clear()
    Heard.files.clear()
