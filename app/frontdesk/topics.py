"""When a message needs a person before the assistant says a word."""

from app.assistant import small_talk
from app.assistant.models import AssistantSettings
from app.knowledge import answering
from app.lib import mood
from app.lib.words import words


def reason_to_call(text: str, settings: AssistantSettings) -> str | None:
    """asked, anger, topic, or None."""
    if small_talk.wants_person(text):
        return "asked"
    if mood.is_angry(text):
        return "anger"
    if touches(text, settings.hand_off_topics):
        return "topic"
    return None


def offers_person(said: str) -> bool:
    """The assistant's words ask whether they would like to talk to one: a yes to them is a wish."""
    return answering.offers_person(said)


def touches(text: str, topics: list[str]) -> bool:
    """A topic is met when each of its words stands in the text, in singular or plural."""
    said = {_stem(word) for word in words(text)}
    return any(
        bool(wanted) and wanted <= said
        for wanted in ({_stem(word) for word in words(topic)} for topic in topics)
    )


def _stem(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") else word
