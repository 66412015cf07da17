"""Whether a visitor had to ask the same again.

Meaning alone can't tell: "Do you deliver on Monday?" is nearer to the same about Tuesday (0.95) than to itself in other
words (0.7). So no content word may be exchanged for another.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from app.assistant import likeness
from app.knowledge.embeddings.current import encode
from app.knowledge.language import ASKING
from app.knowledge.stems import terms_of

WITHIN = timedelta(hours=24)
SAME = 0.75  # cosine from which a question is the same with a word more
MOST = 40  # newest questions compared


def repeated(asked: Sequence[tuple[str, datetime]]) -> str | None:
    """The first question, oldest first, that was asked before within a day."""
    asked = asked[-MOST:]
    if len(asked) < 2:
        return None
    texts = [text for text, _at in asked]
    terms = _content(texts)
    vectors = encode(texts)
    likenesses = vectors @ vectors.T
    for later in range(1, len(asked)):
        for earlier in range(later):
            is_soon = asked[later][1] - asked[earlier][1] <= WITHIN
            if is_soon and _is_same(
                terms[earlier], terms[later], float(likenesses[earlier, later])
            ):
                return texts[later]
    return None


def _is_same(one: frozenset[str], other: frozenset[str], likeness: float) -> bool:
    if one == other and one:
        return True
    return likeness >= SAME and (one <= other or other <= one)


def _content(texts: Sequence[str]) -> list[frozenset[str]]:
    code = likeness.language_of(" ".join(texts), "en")
    return [frozenset(row) - ASKING for row in terms_of(texts, code)]
