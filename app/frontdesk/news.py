"""One piece of news of a provider: where it belongs, and what follows from it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.channels import consents, naming, notices, people, statuses
from app.channels.adapters import limits
from app.channels.border import (
    Came,
    Edited,
    Incoming,
    News,
    Nothing,
    Notice,
    Preference,
    Reaction,
    Renamed,
    Revoked,
    Status,
)
from app.channels.content import Unreadable, Words
from app.channels.models import Channel
from app.contacts.models import Visitor
from app.conversations import arriving, changing, merging, speech
from app.conversations import services as conversations
from app.conversations.models import Conversation, Message
from app.core import unit_of_work
from app.frontdesk import services, telling
from app.ratings import answering as rating_answers

people.merged_by(merging.merge)


def take(channel: Channel, news: News) -> None:
    """In the transaction of its update. Raises NotYetKnown."""
    match news:
        case Incoming(is_echo=True):
            arriving.receive_echo(channel, people.visitor_of(channel, news.person), news)
        case Incoming():
            _incoming(channel, news)
        case Reaction():
            changing.react(channel, news)
            _open_window(channel, people.visitor_of(channel, news.person), news.occurred_at)
        case Edited():
            changing.edit(channel, news)
        case Revoked():
            changing.revoke(channel, news)
        case Renamed():
            _renamed(channel, news)
        case Came():
            _came(channel, news)
        case Preference():
            consents.note_preference(channel, news)
        case Status():
            statuses.note(channel, news)
        case Notice():
            notices.note(channel, news)
        case Nothing():
            return


def _incoming(channel: Channel, incoming: Incoming) -> None:
    """The conversation is locked before its visitor is written to, as everywhere."""
    visitor = people.visitor_of(channel, incoming.person)
    if unit_of_work.is_bare(visitor):
        _note_at_once(channel, visitor, incoming)
    if rating_answers.tapped(visitor, incoming.content):
        _open_window(channel, visitor, incoming.occurred_at)
        return
    message, is_new = arriving.receive_from(channel, visitor, incoming)
    _open_window(channel, visitor, incoming.occurred_at)
    _note_lead(visitor, incoming.lead)
    if is_new:
        speech.note(visitor, message.says)
        naming.ask(channel, visitor)
        _follow(channel, visitor, incoming, message)


def _note_at_once(channel: Channel, visitor: Visitor, incoming: Incoming) -> None:
    """Of somebody new, whose row is still to be written: what is noted of anybody below is written with it."""
    _open_window(channel, visitor, incoming.occurred_at)
    _note_lead(visitor, incoming.lead)
    if isinstance(incoming.content, Words):
        speech.note(visitor, arriving.body_of(incoming.content))


def _open_window(channel: Channel, visitor: Visitor, at: datetime) -> None:
    """Only forward: messages may come late, and in any order."""
    window = limits(channel.kind).window
    if window is not None and (visitor.window_until is None or visitor.window_until < at + window):
        visitor.window_until = at + window


def _came(channel: Channel, came: Came) -> None:
    visitor = people.visitor_of(channel, came.person)
    _open_window(channel, visitor, came.occurred_at)
    _note_lead(visitor, came.lead)


def _note_lead(visitor: Visitor, lead: Mapping[str, Any] | None) -> None:
    """The first counts."""
    if lead and visitor.lead_source is None:
        visitor.lead_source = dict(lead)


def _follow(channel: Channel, visitor: Visitor, incoming: Incoming, message: Message) -> None:
    """An answer, a confirmation, or silence."""
    said = consents.note_words(channel, visitor, message)
    conversation = message.conversation
    if visitor.blocked_at is not None:
        return
    if said is not None:
        arriving.settle(message)
        telling.confirm(conversation, message, said)
    elif incoming.is_automatic:
        arriving.settle(message)
    elif isinstance(incoming.content, Unreadable):
        arriving.settle(message)
        telling.cannot_read(conversation)
    elif not conversation.is_handed_off:
        is_alone = message.position == conversation.answered_position + 1
        services.ask(conversation, [message] if is_alone else None)


def _renamed(channel: Channel, renamed: Renamed) -> None:
    visitor = people.rename(channel, renamed.old, renamed.new)
    conversation = Conversation.current_of(visitor, locked=True) if visitor else None
    if conversation is not None:
        conversations.post(conversation, "event", "visitor", "number_changed")
