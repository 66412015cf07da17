"""Conversations as scripts: who says what, and what must come back.

    desk.plays('''
        visitor: How much is delivery to Ashcombe?
        assistant: It costs £4.95. [1]
        owner: I’m here now.
        owner gives back
        event: given_back
    ''')

`…` stands for any words, [1] for the mark of a citation. Each message that the assistant or the system adds has a line.
"""

import re
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID, uuid4

from flask import Flask
from sqlalchemy import select, update

from app.accounts.models import User
from app.assistant.models import AssistantSettings, ModelCall, ToolUse
from app.channels.models import Channel
from app.contacts.models import Visitor
from app.conversations import services as conversations
from app.conversations.models import Conversation, HandOff, Message
from app.core import jobs
from app.core.jobs import OutboxJob
from app.core.tenancy import business_scope
from app.core.unit_of_work import unit_of_work
from app.extensions import db
from app.frontdesk import services as frontdesk
from tests.conftest import Cast
from tests.standins.claude import Claude

LINE = re.compile(
    r"(visitor|assistant|event|owner|owner gives back|owner takes over|owner resolves)(?:: ?(.*))?"
)


@dataclass
class Desk:
    """One visitor of the shop, and what stands in the database afterwards."""

    app: Flask
    cast: Cast
    run_jobs: Callable[[], int]
    claude: Claude
    visitor: UUID = field(default_factory=uuid4)
    channel: str = "website"
    heard: int = 0  # the position up to which plays() has checked
    has_begun: bool = False

    def plays(self, script: str) -> None:
        waiting = self.news() if self.has_begun else []
        for line in filter(None, map(str.strip, script.splitlines())):
            found = LINE.fullmatch(line)
            assert found, f"not a line of a script: {line}"
            who, words = found.groups()
            if who in ("assistant", "event"):
                assert waiting, f"nothing came, instead of: {line}"
                _agrees(waiting.pop(0), who, words, line)
                continue
            assert not waiting, f"came too: {[each.body for each in waiting]}"
            self.does(who, words)
            waiting = self.news()
        assert not waiting, f"came too: {[each.body for each in waiting]}"

    def does(self, who: str, words: str) -> None:
        if who == "visitor":
            self.says(words)
        elif who == "owner":
            self.as_owner(conversations.reply, words, secrets.token_hex(8))
        else:
            verbs = {
                "owner gives back": conversations.give_back,
                "owner takes over": conversations.take_over,
                "owner resolves": conversations.resolve,
            }
            self.as_owner(verbs[who])

    def writes(self, words: str, key: str | None = None) -> int:
        """A message of the visitor, which nobody has looked at yet. Safe in any thread."""
        self.has_begun = True
        with self.app.app_context(), business_scope(self.cast.business_id), unit_of_work():
            channel = Channel.of_kind(self.channel)
            message, _ = frontdesk.receive(
                channel, self.visitor, words, key or secrets.token_hex(8)
            )
            return message.id

    def says(self, words: str) -> None:
        self.writes(words)
        self.run_jobs()

    def as_owner(self, service: Callable[..., Any], *rest: Any) -> None:
        with self.cast.scope(), unit_of_work():
            owner = db.session.get_one(User, self.cast.owner.id)
            service(self._conversation(), owner, *rest)
        self.run_jobs()

    def news(self) -> list[Message]:
        """What the assistant and the system added since the last time."""
        with self.cast.scope():
            db.session.expire_all()
            found = self._conversation().messages_after(self.heard)
            for message in found:
                self.heard = message.position
                db.session.expunge(message)
        ours = [each for each in found if each.author in ("assistant", "system")]
        return [each for each in ours if each.kind != "note"]

    def lines(self) -> list[tuple[str, str]]:
        """The whole conversation."""
        with self.cast.scope():
            db.session.expire_all()
            return [(each.author, each.body) for each in self._conversation().messages_after()]

    def said(self) -> list[str]:
        """What the assistant said, oldest first."""
        return [body for author, body in self.lines() if author == "assistant"]

    @property
    def state(self) -> str:
        with self.cast.scope():
            db.session.expire_all()
            return self._conversation().state

    @property
    def hand_off(self) -> HandOff | None:
        return next(iter(self._rows(select(HandOff).where(HandOff.ended_at.is_(None)))), None)

    @property
    def hand_offs(self) -> list[HandOff]:
        return self._rows(select(HandOff).order_by(HandOff.id))

    @property
    def uses(self) -> list[ToolUse]:
        return self._rows(select(ToolUse).order_by(ToolUse.id))

    @property
    def used(self) -> list[tuple[str, bool]]:
        """Names of the tools, and whether they ended in an error."""
        return [(use.name, use.is_error) for use in self.uses]

    @property
    def calls(self) -> list[ModelCall]:
        return self._rows(select(ModelCall).order_by(ModelCall.id))

    def another_visitor(self, channel: str = "website") -> "Desk":
        return replace(self, visitor=uuid4(), channel=channel, heard=0, has_begun=False)

    def elsewhere(self, do: Callable[[], Any]) -> Any:
        """In another process, so to speak: a thread and a context of its own."""

        def inside() -> Any:
            with self.app.app_context():
                try:
                    return do()
                finally:
                    db.session.remove()

        with ThreadPoolExecutor(1) as pool:
            return pool.submit(inside).result()

    def free_leases(self) -> None:
        """As after the time that a dead worker's jobs are kept for it."""
        with self.app.app_context(), unit_of_work() as session:
            session.execute(
                update(OutboxJob)
                .where(OutboxJob.business_id == self.cast.business_id, OutboxJob.done_at.is_(None))
                .values(lease_until=None, available_at=jobs.now())
            )

    def is_called(self, name: str) -> None:
        """The visitor, by what stands in the database."""
        with self.cast.scope(), unit_of_work():
            row = db.session.scalars(select(Visitor).where(Visitor.uuid == self.visitor)).one()
            row.name = name

    def wants(self, **changes: Any) -> None:
        """The owner's settings."""
        with self.cast.scope(), unit_of_work():
            settings = AssistantSettings.current()
            for name, value in changes.items():
                assert hasattr(settings, name), name
                setattr(settings, name, value)
            db.session.add(settings)

    def _conversation(self) -> Conversation:
        theirs = select(Conversation).join(Visitor).where(Visitor.uuid == self.visitor)
        return db.session.scalars(theirs.order_by(Conversation.id.desc())).first()

    def _rows(self, query: Any) -> list[Any]:
        with self.cast.scope():
            db.session.expire_all()
            found = list(db.session.scalars(query))
            for row in found:
                db.session.expunge(row)
            return found


def marked(message: Message) -> str:
    """The body with its citations' numbers where they stand."""
    places = [
        (at, number)
        for number, citation in enumerate(message.citations, 1)
        for at in citation.get("at", [])
    ]
    body = message.body
    for at, number in sorted(places, reverse=True):
        body = f"{body[:at]} [{number}]{body[at:]}"
    return body


def _agrees(message: Message, who: str, words: str, line: str) -> None:
    kind = "event" if message.kind == "event" else message.author
    pattern = ".*".join(re.escape(part) for part in words.split("…"))
    fits = re.fullmatch(pattern, marked(message), re.S)
    assert (kind, bool(fits)) == (who, True), f"{kind}: {marked(message)}\n     instead of: {line}"
