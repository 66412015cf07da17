"""“Ok”, “yes”, a thumb: on a provider's channel people end what they say with it, and each answer to it would be a
message that nobody wants."""

from app.assistant import nods
from app.assistant.language_models import chosen
from app.assistant.models import AssistantSettings
from app.conversations.models import Conversation
from app.knowledge import answering

WANTS_PERSON, IS_ENOUGH = "person", "enough"


def read(conversation: Conversation, text: str, settings: AssistantSettings) -> str:
    """WANTS_PERSON, IS_ENOUGH, or "" where it has to be answered: a model has asked something, and knows what."""
    meant = "" if conversation.channel.is_own else nods.meant_by(text)
    last = _last_words(conversation) if meant else ""
    if not last:
        return ""
    if answering.offers_person(last):
        return IS_ENOUGH if meant == "no" else WANTS_PERSON
    is_asked = "?" in last and chosen.current(settings) is not None
    return "" if is_asked or meant == "yes" else IS_ENOUGH


def _last_words(conversation: Conversation) -> str:
    """Of the assistant; "" when it hasn't said anything, or a person has since."""
    said = [each for each in conversation.newest_messages(5) if each.kind == "outgoing"]
    return said[-1].body if said and said[-1].author == "assistant" else ""
