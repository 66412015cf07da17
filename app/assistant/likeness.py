"""Which gap asks the same as a question. The model reads English: there the meaning decides. In other Latin languages it
finds much alike that isn't, and in other scripts nearly everything, so there the words have a say.

bench/same_question.py measures all three thresholds.
"""

from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from app.assistant.models import Gap
from app.extensions import db
from app.knowledge import language
from app.knowledge.indexing import halfvec_texts
from app.knowledge.stems import terms_of
from app.lib.words import words as words_of

if TYPE_CHECKING:
    import numpy as np

SAME_MEANING = 0.53  # cosine from which two questions count as one
SAME_WORDS = 0.42  # and in other languages than English also this share of their words
CANDIDATES = 200  # near ones whose words are compared

# In nearly every English question, and in none of other languages; of a few words `detect` can't tell.
_ENGLISH = frozenset(
    [
        "you",
        "your",
        "the",
        "there",
        "can",
        "how",
        "what",
        "where",
        "when",
        "are",
        "my",
        "who",
        "which",
        "does",
        "any",
        "with",
        "from",
        "much",
        "need",
        "want",
        "this",
        "that",
        "would",
        "could",
    ]
)

_NEAR = text("""
    SELECT id, question FROM gaps
     WHERE 1 - (embedding <=> CAST(:vector AS halfvec)) >= :least
     ORDER BY embedding <=> CAST(:vector AS halfvec), id LIMIT :limit""")

_MAIN_LANGUAGE = text(
    "SELECT language FROM documents GROUP BY language ORDER BY count(*) DESC, language LIMIT 1"
)


def nearest(words: str, vector: "np.ndarray[Any, Any]") -> Gap | None:
    """Locked; None when nothing asked before means the same."""
    code = language_of(words, db.session.scalar(_MAIN_LANGUAGE) or "en")
    (in_sql,) = halfvec_texts(vector[None])
    parameters = {
        "vector": in_sql,
        "least": SAME_MEANING,
        "limit": 1 if code == "en" else CANDIDATES,
    }
    near = [(row.id, row.question) for row in db.session.execute(_NEAR, parameters)]
    if near and code != "en":
        near = _with_same_words(words, near, code)
    gap = Gap.by_id(near[0][0]) if near else None
    return gap.lock() if gap else None


def language_of(words: str, usual: str) -> str:
    """`usual` is what a question is in that doesn't tell: the language of most documents."""
    is_plain = all(letter.isascii() for letter in words if letter.isalpha())
    if is_plain and not _ENGLISH.isdisjoint(words_of(words)):
        return "en"
    return language.detect(words, usual)


def shared(one: set[str], other: set[str]) -> float:
    """0 to 1: how much of both the common words are."""
    return 2 * len(one & other) / max(len(one) + len(other), 1)


def _with_same_words(words: str, near: list[tuple[int, str]], code: str) -> list[tuple[int, str]]:
    """Most words in common first; of equals the nearer."""
    asked, *others = map(set, terms_of([words, *(question for _id, question in near)], code))
    shares = [shared(asked, other) for other in others]
    ranked = sorted(zip(shares, near, strict=True), key=lambda pair: -pair[0])
    return [gap for share, gap in ranked if share >= SAME_WORDS]
