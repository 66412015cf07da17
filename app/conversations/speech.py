"""In which language the customer of a conversation is spoken to, where no language model writes."""

from collections.abc import Iterator
from contextlib import contextmanager

from app.channels.website_texts import LANGUAGES, spoken
from app.contacts.models import Visitor
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
    if known and conversation.channel.is_own:
        return spoken(known)
    words = said or "\n".join(conversation.visitor_words()[:RECENT])
    return spoken(language.detect(words))


def note(visitor: Visitor, words: str) -> None:
    """For the inbox's filter: what the customer writes on a channel that doesn't tell, by the first words that are
    clear. What a contact is said to speak counts more there."""
    if visitor.language is None:
        found = language.detect(words, "und")
        visitor.language = found if found in LANGUAGES else None


@contextmanager
def to(conversation: Conversation, said: str = "") -> Iterator[None]:
    """What is said inside is said in the customer's language."""
    with translating.speaking(language_of(conversation, said)):
        yield
