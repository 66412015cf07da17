"""In which language the customer of a conversation is spoken to, where no language model writes."""

from collections.abc import Iterator
from contextlib import contextmanager

from app.channels.website_texts import spoken
from app.conversations.models import Conversation
from app.core import translating
from app.knowledge import language

RECENT = 5  # messages that tell it


def language_of(conversation: Conversation) -> str:
    words = "\n".join(conversation.visitor_words()[:RECENT])
    return spoken(language.detect(words))


@contextmanager
def to(conversation: Conversation) -> Iterator[None]:
    """What is said inside is said in the customer's language."""
    with translating.speaking(language_of(conversation)):
        yield
