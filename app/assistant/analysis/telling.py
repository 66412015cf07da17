"""What a visitor wants, without a language model. The embedding model reads English; elsewhere the words decide."""

from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from flask import current_app

from app.assistant import likeness, small_talk
from app.assistant.analysis.intents import INTENTS, OTHER, SMALL_TALK
from app.assistant.small_talk import ASIDES
from app.knowledge.embeddings.current import encode, serving_model
from app.lib import mood
from app.lib.words import fold, words

if TYPE_CHECKING:
    import numpy as np

LIKE = 0.33  # cosine with the nearest example, below which a question is about something else
PRAISE_WORDS = 4  # up to which kind words without a question are nothing but that
WHOLE_WORD = 4  # letters up to which a word must be the same; longer ones only begin alike


def intents_of(texts: Sequence[str]) -> list[str]:
    """One for each message."""
    told = [_by_words(text) for text in texts]
    open_ones = [index for index, intent in enumerate(told) if intent is None]
    near = _by_meaning([texts[index] for index in open_ones]) if open_ones else []
    for index, intent in zip(open_ones, near, strict=True):
        told[index] = intent
    return [intent or OTHER for intent in told]


def main_intent(intents: Sequence[str]) -> str:
    """Of a conversation: the most frequent one that says something, of equals the first."""
    for unsaid in ({SMALL_TALK, OTHER, "person"}, {SMALL_TALK, OTHER}, {SMALL_TALK}, set[str]()):
        counts = Counter(intent for intent in intents if intent not in unsaid)
        if counts:
            return counts.most_common(1)[0][0]
    return SMALL_TALK


def _by_words(text: str) -> str | None:
    """None where the meaning must tell."""
    if small_talk.reply_to(text, ""):
        return SMALL_TALK
    if small_talk.wants_person(text):
        return "person"
    if mood.mood_of(text) in ("unhappy", "angry"):
        return "complaint"
    if _is_praise(text):
        return SMALL_TALK
    if likeness.language_of(text, "und") == "en":
        return None
    found = [fold(word) for word in words(text)]
    counts = {name: _hits(found, beginnings) for name, beginnings in _beginnings().items()}
    best = max(counts, key=lambda name: counts[name])
    return best if counts[best] else None


def _is_praise(text: str) -> bool:
    is_short = len(text.split()) <= PRAISE_WORDS and "?" not in text
    return is_short and mood.mood_of(text) == "happy"


def _hits(found: list[str], beginnings: tuple[str, ...]) -> int:
    return sum(
        any(
            word == each or (len(each) > WHOLE_WORD and word.startswith(each))
            for each in beginnings
        )
        for word in found
    )


@cache
def _beginnings() -> dict[str, tuple[str, ...]]:
    return {intent.name: tuple(intent.words.split()) for intent in INTENTS}


def _by_meaning(texts: Sequence[str]) -> list[str]:
    likenesses = encode(texts) @ _example_vectors().T
    nearest = likenesses.argmax(axis=1)
    names = [name for name, _example in _examples()]
    return [
        names[index] if row[index] >= LIKE else OTHER
        for index, row in zip(nearest, likenesses, strict=True)
    ]


@cache
def _examples() -> tuple[tuple[str, str], ...]:
    asides = tuple((SMALL_TALK, each) for each in ASIDES)
    return tuple((each.name, example) for each in INTENTS for example in each.examples) + asides


def _example_vectors() -> "np.ndarray":
    """Made once per model and process."""
    made: dict[str, np.ndarray] = current_app.extensions.setdefault("intent_examples", {})
    model = serving_model()
    if model not in made:
        made[model] = encode([example for _name, example in _examples()], model)
    return made[model]
