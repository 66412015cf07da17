"""A conversation at the moment of an event, as conditions look at it."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from app.automations.events import Event
from app.businesses import hours
from app.contacts import tags as contact_tags
from app.contacts.models import Contact
from app.conversations import tagging
from app.conversations.models import Conversation
from app.core import unit_of_work
from app.core.translating import ENGLISH
from app.knowledge import language
from app.lib.hours import Hours

RECENT = 5  # messages that tell the language


@dataclass
class Seen:
    """Before the contact is looked at it must be sure who it is: what somebody only says of another counts for
    nothing."""

    conversation: Conversation
    event: Event

    @cached_property
    def text(self) -> str:
        """What was written just now, or what they wrote last."""
        message = self.event.message
        if message is not None and message.kind == "incoming":
            return message.says
        return next(iter(self.conversation.visitor_words()), "")

    @property
    def tags(self) -> set[str]:
        """Not remembered: a rule before may have added one."""
        return {str(each.id) for each in tagging.of(self.conversation.id)}

    @cached_property
    def contact(self) -> Contact | None:
        return self.conversation.visitor.sure_contact

    @cached_property
    def contact_tags(self) -> set[str]:
        found = contact_tags.of(self.contact.id) if self.contact else []
        return {str(each.id) for each in found}

    @property
    def is_open(self) -> bool:
        """At the event's time. Without opening hours it always is."""
        known = business_hours()
        return not known.are_known or known.is_open(self.event.at)

    @cached_property
    def language(self) -> str:
        """The contact's, else that of their chat, else of what they wrote. A chat in English says nothing: so it is
        for whoever's language it doesn't speak."""
        contact, of_chat = self.contact, self.conversation.visitor.language
        if contact and contact.language:
            return contact.language
        if of_chat and of_chat != ENGLISH:
            return of_chat
        return language.detect("\n".join(self.conversation.visitor_words()[:RECENT]))

    @property
    def minutes_waiting(self) -> float:
        since = self.conversation.waiting_since
        return (self.event.at - since).total_seconds() / 60 if since else 0.0

    def reached_by(self, kind: str) -> bool:
        """An e-mail address or a phone number is known."""
        if getattr(self.conversation.visitor, kind):
            return True
        return self.contact is not None and self.contact.identity(kind) is not None

    def custom(self, key: str) -> Any:
        return self.contact.custom.get(key) if self.contact else None


def business_hours() -> Hours:
    return unit_of_work.kept("automation_hours", hours.current)
