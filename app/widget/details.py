"""What the chat asks of who writes: name, e-mail, telephone and a question of the owner's."""

from app.channels.models import Channel
from app.channels.website import WebsiteSettings
from app.contacts import services as contacts
from app.conversations import people
from app.conversations.models import Conversation

MAX_CHARACTERS = 200
KINDS = ("name", "email", "phone")


def keep(channel: Channel, conversation: Conversation, typed: dict[str, str]) -> None:
    """As the visitor's own words. The answer to the owner's question stands with the facts beside the
    conversation. Raises Invalid; its code is the field's name."""
    said = contacts.read(**{kind: typed.get(kind, "")[:MAX_CHARACTERS] for kind in KINDS})
    answer = " ".join(typed.get("text", "").split())[:MAX_CHARACTERS]
    question = _question(channel)
    people.introduce(conversation, said)
    if answer and question:
        visitor = conversation.visitor
        visitor.attributes = {**visitor.attributes, question: answer}


def known(channel: Channel, conversation: Conversation) -> list[str]:
    """Kinds of what it said already."""
    said = contacts.said_by(conversation.visitor)
    known = [kind for kind in KINDS if getattr(said, kind)]
    return [*known, "text"] if _question(channel) in conversation.visitor.attributes else known


def _question(channel: Channel) -> str:
    asked = WebsiteSettings.of(channel).asked
    return next((each.label for each in asked if each.kind == "text"), "")
