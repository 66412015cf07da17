"""In which language the customer of a conversation is spoken to, where no language model writes."""

from collections.abc import Iterator
from contextlib import contextmanager

from app.channels.website_texts import spoken
from app.conversations.models import Conversation
from app.core import translating
from app.knowledge import language
from app.lib.marking import N_

RECENT = 5  # messages that tell it
CALLED = N_("The team knows; the answer will come here.")  # where nothing more is known


def language_of(conversation: Conversation, said: str = "") -> str:
    """The chat's own where it has one, else that of the customer's words, the newest where they aren't given by
    `said`; English where we speak none of them."""
    known = conversation.visitor.language
    if known:
        return spoken(known)
    words = said or "\n".join(conversation.visitor_words()[:RECENT])
    return spoken(language.detect(words))


@contextmanager
def to(conversation: Conversation, said: str = "") -> Iterator[None]:
    """What is said inside is said in the customer's language."""
    with translating.speaking(language_of(conversation, said)):
        yield
