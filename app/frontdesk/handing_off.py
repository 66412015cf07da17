"""Calling a person: why, and what that person should know at a glance."""

from typing import Any

from app.assistant.models import ToolUse
from app.automations import steps
from app.businesses.profile import home_country
from app.contacts import services as contacts
from app.contacts.services import Details
from app.conversations import people
from app.conversations import services as conversations
from app.conversations.models import Conversation, HandOff
from app.extensions import db
from app.frontdesk import hand_off_clock
from app.lib import reached_at
from app.lib.marking import kept

MAX_WANTED = 300  # characters
MAX_TRIED = 5
RECENT = 20  # messages that a summary is made of


def call_person(
    conversation: Conversation, reason: str, wanted: str = "", *, is_told: bool = False
) -> HandOff | None:
    """The assistant is silent from here. None when a person has been called already. `wanted` is what the
    assistant understood; without it the visitor's own last words stand there. `is_told`: the visitor knows."""
    conversation.lock()
    if conversation.is_handed_off or (reason != "asked" and _has_been_called(conversation)):
        return None
    if reason == "asked":
        conversations.request_person(conversation)
    else:
        conversations.hand_off(conversation)
    _note_who_it_is(conversation)
    hand_off = HandOff(
        conversation_id=conversation.id,
        reason=reason,
        summary=summary(conversation, wanted),
    )
    db.session.add(hand_off)
    db.session.flush()
    hand_off_clock.start(hand_off, conversation, is_told=is_told)
    return hand_off


@steps.calls_person
def call_by_rule(conversation: Conversation) -> bool:
    """False when a person has it, or was called for the same words already."""
    return call_person(conversation, "rule") is not None


def _note_who_it_is(conversation: Conversation) -> None:
    """A way to reach the visitor may stand in the very words that call a person, which no model reads."""
    if contacts.said_by(conversation.visitor).identities:
        return
    for message in reversed(conversation.newest_messages(RECENT)):
        found = (
            reached_at.find(message.body, home_country()) if message.author == "visitor" else None
        )
        if found is not None and found.is_reachable:
            name = reached_at.name_in(message.body, needs_words=True) or None
            details = Details(name=name, email=found.email or None, phone=found.phone or None)
            people.introduce(conversation, details)
            return


def _has_been_called(conversation: Conversation) -> bool:
    """For the visitor's last message already: where nobody is there, the assistant is back at once."""
    latest = HandOff.latest_of(conversation.id)
    question = conversation.last_question_before(conversation.position + 1)
    return bool(latest and question and latest.created_at >= question.created_at)


def summary(conversation: Conversation, wanted: str = "") -> dict[str, Any]:
    """What is wanted, what is known of the visitor, and what was tried."""
    recent = conversation.newest_messages(RECENT)
    said = [each.body for each in recent if each.kind == "incoming"]
    used = [each["title"] for message in recent for each in message.citations]
    searched = [
        f"“{use.input.get('query')}”"
        for message in recent
        if message.kind == "incoming"
        for use in ToolUse.of_question(message.id)
        if use.name == "search_knowledge"
    ]
    known = contacts.said_by(conversation.visitor)
    return {
        "wanted": _shortened(wanted or " / ".join(said[-3:])),
        "known": {what: value for what, value in _named(known) if value},
        "tried": list(dict.fromkeys([*searched, *used]))[:MAX_TRIED],
    }


def _named(known: Details) -> list[tuple[str, str | None]]:
    return [(kept("Name"), known.name), (kept("E-mail"), known.email), (kept("Phone"), known.phone)]


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= MAX_WANTED else f"{text[: MAX_WANTED - 1]}…"
