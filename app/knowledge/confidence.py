"""How sure the assistant may be that the best passage answers the question.

A logistic regression over what the search saw. bench/fit_confidence.py makes the weights.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum

from app.knowledge import language, spelling
from app.knowledge.asking import asked_kind, figures, names
from app.knowledge.language import Reading
from app.knowledge.retrieval import SearchResult
from app.knowledge.scoring import Hit
from app.lib.words import fold
from app.lib.words import words as words_of

ANSWER_FROM = 0.5
SUGGEST_FROM = 0.25
MEANING_OF_WORDS = 0.8  # the cosine of an English passage that has all the question's words
UNRELATED = 0.15  # cosine of texts that have nothing to do with each other
COMPARED = 5  # the best passage and those it must stand out from
FOREIGN_FROM = 0.7  # of the question, by rarity, in words that stand in none of the texts
SAME_WORDS_FROM = 0.75  # cosine; even an English model puts so near only what is nearly the same
UNCLEAR = "und"  # a question of few words
FOREIGN_AT_MOST = 0.3  # the score then: shown as unsure, never answered


class Band(StrEnum):
    ANSWER = "answer"
    SUGGEST = "suggest"  # "did you mean"
    HAND_OVER = "hand_over"


# From bench/fit_confidence.py; docs/retrieval.md says how well they do on sets they were not made from.
INTERCEPT = -6.24
WEIGHTS = {
    "cosine": 1.17,
    "sentence_cosine": 1.47,
    "cosine_margin": 7.53,
    "sentence_margin": 7.72,
    "coverage": 1.75,
    "sentence_coverage": 1.28,
    "unknown_words": 1.78,
    "figures_missing": -0.42,
    "names_missing": -0.54,
    "agreement": 0.26,
    "content_words": 1.0,
    "asked_kind": 0.44,
}
FEATURES = tuple(WEIGHTS)


def score(result: SearchResult) -> float:
    """0 to 1."""
    if not result.hits:
        return 0.0
    found = features(result)
    logit = INTERCEPT + sum(WEIGHTS[name] * found[name] for name in FEATURES)
    value = 1 / (1 + math.exp(-logit))
    return min(value, FOREIGN_AT_MOST) if found["foreign"] else value


def band(value: float, threshold: float | None = None) -> Band:
    """`threshold` is the business's own; below half-way under it nothing is worth suggesting."""
    answer_from = ANSWER_FROM if threshold is None else threshold
    if value >= answer_from:
        return Band.ANSWER
    return Band.SUGGEST if value >= answer_from * SUGGEST_FROM / ANSWER_FROM else Band.HAND_OVER


def features(result: SearchResult) -> dict[str, float]:
    hits = [_in_words(hit) for hit in result.hits[:COMPARED]]
    best, question = hits[0], result.searched_for or result.question
    sentence = max(best.sentences, key=lambda each: each.cosine, default=None)
    present = {fold(word) for word in words_of(f"{best.heading} {best.question} {best.text}")}
    others = hits[1:]
    return {
        "cosine": best.cosine,
        "sentence_cosine": best.best_cosine,
        # Over the mean of the others: a business that says a thing twice is no less sure of it.
        "cosine_margin": best.cosine - _mean([hit.cosine for hit in others]),
        "sentence_margin": best.best_cosine - _mean([hit.best_cosine for hit in others]),
        "coverage": best.coverage,
        "sentence_coverage": max((each.coverage for each in best.sentences), default=0.0),
        "unknown_words": _unknown_share(result),
        "figures_missing": _missing(figures(question), present),
        "names_missing": _missing(names(question), present),
        "agreement": float(best.leads_by_meaning and best.leads_by_words),
        "content_words": math.log1p(len(result.weights)),
        "asked_kind": asked_kind(question, sentence.text if sentence else best.text),
        "foreign": float(_is_foreign(result, best)),
    }


def _is_foreign(result: SearchResult, best: Hit) -> bool:
    """Asked in another language than the passage's, as far as one can tell: next to nothing of the question
    stands in the texts, and the model, which is English, can't be trusted with one of the two."""
    if best.reading == Reading.NONE or best.best_cosine >= SAME_WORDS_FROM:
        return False
    if _unknown_share(result) < FOREIGN_FROM:
        return False
    unknown = [word.text for word, _weight in result.weights if not word.is_known]
    told = [word for word in unknown if spelling.is_telling(word)]
    english = sum(map(spelling.is_english, told))
    found = language.detect(result.question, UNCLEAR)
    if found == best.language:
        return False
    if best.reading == Reading.ENGLISH:
        return len(told) - english >= max(2, english + 1)
    return found != UNCLEAR or english == len(told) >= 2


def _in_words(hit: Hit) -> Hit:
    """In scripts that the model can't read, shared words stand for meaning."""
    if hit.reading != Reading.NONE:
        return hit
    sentences = tuple(
        replace(each, cosine=MEANING_OF_WORDS * each.coverage) for each in hit.sentences
    )
    return replace(hit, cosine=MEANING_OF_WORDS * hit.coverage, sentences=sentences)


def _mean(cosines: Sequence[float]) -> float:
    """As if a business with one passage had others that are about something else."""
    missing = COMPARED - 1 - len(cosines)
    return (sum(cosines) + missing * UNRELATED) / (COMPARED - 1)


def _unknown_share(result: SearchResult) -> float:
    """How much of the question, by rarity, stands in none of the business's texts."""
    total = sum(weight for _word, weight in result.weights)
    unknown = sum(weight for word, weight in result.weights if not word.is_known)
    return unknown / total if total else 0.0


def _missing(asked: Sequence[str], present: set[str]) -> float:
    if not asked:
        return 0.0
    return sum(fold(word) not in present for word in asked) / len(asked)
