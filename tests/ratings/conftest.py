"""Somebody was helped, and a member resolves it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.models import User
from app.contacts.models import Visitor
from app.conversations import services
from app.conversations.models import Conversation
from app.core import jobs
from app.core.db import now
from app.core.jobs import OutboxJob
from app.extensions import db
from app.ratings.models import Rating, RatingSettings
from tests.channels.reached import Reached, make_channel, reach
from tests.conftest import Cast, Inside

KINDS = ["website", "whatsapp", "messenger", "sms", "email"]


class Helped:
    """`kind` is the channel's. In transactions of its own."""

    def __init__(self, app: Flask, inside: Inside, cast: Cast, kind: str) -> None:
        self.app, self.inside, self.cast = app, inside, cast
        with inside():
            RatingSettings.change(is_on=True, channels=KINDS)
            self.reached: Reached = reach(make_channel(kind))
            self.reached.visitor.window_until = now() + timedelta(hours=20)
            services.reply(self.reached.conversation, self.owner, "Yes, we do.", "r1")

    @property
    def owner(self) -> User:
        return db.session.get_one(User, self.cast.owner.id)

    @property
    def conversation(self) -> Conversation:
        return self.reached.conversation

    @property
    def visitor(self) -> Visitor:
        return self.reached.visitor

    def resolve(self) -> None:
        with self.inside():
            services.resolve(self.conversation, self.owner)
        self.ask()

    def ask(self) -> None:
        """What asks and is due; nothing is sent to a provider."""
        with self.inside():
            due = (OutboxJob.name == "ratings.ask", OutboxJob.done_at.is_(None))
            query = select(OutboxJob.id).where(*due, OutboxJob.available_at <= now())
            asks = list(db.session.scalars(query))
        for job_id in asks:
            with self.app.app_context():
                assert jobs.perform(job_id)

    def says(self, text: str = "And roses?") -> None:
        with self.inside():
            services.take_in(self.reached.channel, self.visitor, text, f"k{text}")

    def ratings(self) -> list[Rating]:
        with self.inside():
            found = Rating.of_conversation(self.reached.conversation_id)
            db.session.expunge_all()
            return found

    def lines(self, *bodies: str) -> list[dict]:
        """What these lines of the thread tell."""
        with self.inside():
            messages = self.conversation.messages_after()
            return [each.content or {} for each in messages if each.body in bodies]

    def newest(self) -> tuple[str, str, dict]:
        with self.inside():
            message = self.conversation.newest_messages()[-1]
            return message.kind, message.body, message.content or {}


@pytest.fixture
def helped(app: Flask, inside: Inside, cast: Cast) -> Callable[..., Helped]:
    return lambda kind="website": Helped(app, inside, cast, kind)
