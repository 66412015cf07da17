"""How sure the assistant may be that the best passage answers the question.

A logistic regression over what the search saw. bench/fit_confidence.py makes the weights.
"""

import math
import re
from collections.abc import Sequence
from enum import StrEnum

from app.knowledge.retrieval import SearchResult
from app.lib.words import fold
from app.lib.words import words as words_of

ANSWER_FROM = 0.5
SUGGEST_FROM = 0.2


class Band(StrEnum):
    ANSWER = "answer"
    SUGGEST = "suggest"  # "did you mean"
    HAND_OVER = "hand_over"


FEATURES = (
    "cosine",
    "sentence_cosine",
    "cosine_margin",
    "sentence_margin",
    "coverage",
    "sentence_coverage",
    "coverage_margin",
    "figures_missing",
    "names_missing",
    "agreement",
    "content_words",
    "asked_kind",
)
WEIGHTS: dict[str, float] = {
    "cosine": 3.0,
    "sentence_cosine": 4.0,
    "cosine_margin": 1.0,
    "sentence_margin": 1.0,
    "coverage": 2.0,
    "sentence_coverage": 1.0,
    "coverage_margin": 0.5,
    "figures_missing": -0.5,
    "names_missing": -1.0,
    "agreement": 0.5,
    "content_words": 0.0,
    "asked_kind": 0.5,
}
INTERCEPT = -5.0

_FIGURE = re.compile(r"\d")
_NAME = re.compile(r"(?<=\S )[^\W\d_a-z][\w’'-]+")  # a capitalised word that is not the first
_ASKS_FIGURE = re.compile(
    r"\b(how (?:many|much|long|old|far|big|often|late|early|tall|high|deep)|when|what (?:time|year|date|day|price|age)"
    r"|price|cost|fee|hours)\b",
    re.I,
)
_ASKS_NAME = re.compile(
    r"\b(who|whom|whose|where|which (?:city|country|street|place|person))\b", re.I
)
_NUMBER_WORD = re.compile(
    r"\b(one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|hundred"
    r"|thousand|million|billion|free|daily|weekly|monthly|monday|tuesday|wednesday|thursday|friday|saturday"
    r"|sunday|noon|midnight|half|once|twice|dozen)\b",
    re.I,
)


def score(result: SearchResult) -> float:
    """0 to 1."""
    if not result.hits:
        return 0.0
    found = features(result)
    logit = INTERCEPT + sum(WEIGHTS[name] * found[name] for name in FEATURES)
    return 1 / (1 + math.exp(-logit))


def band(value: float, threshold: float | None = None) -> Band:
    """`threshold` is the business's own; below half-way under it nothing is worth suggesting."""
    answer_from = ANSWER_FROM if threshold is None else threshold
    if value >= answer_from:
        return Band.ANSWER
    return Band.SUGGEST if value >= answer_from * SUGGEST_FROM / ANSWER_FROM else Band.HAND_OVER


def features(result: SearchResult) -> dict[str, float]:
    best, question = result.hits[0], result.searched_for or result.question
    sentence = max(best.sentences, key=lambda each: each.cosine, default=None)
    present = {fold(word) for word in words_of(f"{best.heading} {best.question} {best.text}")}
    others = result.hits[1:]
    return {
        "cosine": best.cosine,
        "sentence_cosine": best.best_cosine,
        "cosine_margin": best.cosine - max((hit.cosine for hit in others), default=0.0),
        "sentence_margin": best.best_cosine - max((hit.best_cosine for hit in others), default=0.0),
        "coverage": best.coverage,
        "sentence_coverage": max((each.coverage for each in best.sentences), default=0.0),
        "coverage_margin": best.coverage - max((hit.coverage for hit in others), default=0.0),
        "figures_missing": _missing(_figures(question), present),
        "names_missing": _missing(_names(question), present),
        "agreement": float(best.cosine_rank == 1 and best.lexical_rank == 1),
        "content_words": math.log1p(len(result.weights)),
        "asked_kind": _asked_kind(question, sentence.text if sentence else best.text),
    }


def _figures(question: str) -> list[str]:
    return [word for word in words_of(question) if _FIGURE.search(word)]


def _names(question: str) -> list[str]:
    return [word for name in _NAME.findall(question) for word in words_of(name)]


def _missing(asked: Sequence[str], present: set[str]) -> float:
    if not asked:
        return 0.0
    return sum(fold(word) not in present for word in asked) / len(asked)


def _asked_kind(question: str, sentence: str) -> float:
    """1 when the sentence holds the kind of thing asked for, -1 when it doesn't, 0 when unclear."""
    if _ASKS_FIGURE.search(question):
        return 1.0 if _FIGURE.search(sentence) or _NUMBER_WORD.search(sentence) else -1.0
    if _ASKS_NAME.search(question):
        return 1.0 if _NAME.search(sentence) else -1.0
    return 0.0
