"""Question words that no document of the business has, respelled from its own words.

A mistyped word is one edit away from the right one. All the words one edit away are made (some hundreds), stemmed
and looked up: cheaper than keeping a list of each business's words.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import text

from app.extensions import db
from app.knowledge.stems import stem

MIN_LENGTH = 4  # a shorter word has too many neighbours
MAX_LENGTH = 24
MAX_RESPELLED = 8  # of one question; each costs some five hundred look-ups
ALPHABET = "abcdefghijklmnopqrstuvwxyz"

_FREQUENCIES = text("""
    SELECT term, count(*) AS passages
      FROM postings
     WHERE business_id = current_setting('app.business_id')::bigint AND term = ANY(:terms)
     GROUP BY term""")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the question with its stems in the languages of the business; none for a stop word."""

    text: str
    terms: frozenset[str]
    is_known: bool = True
    replaces: str = ""


def look_up(words: Sequence[str], languages: Sequence[str]) -> list[Word]:
    """The question's words, those unknown to the business replaced where a known one is near."""
    stems = _stems(words, languages)
    known = _frequencies(term for terms in stems.values() for term in terms)
    found = [
        Word(word, stems[word], not stems[word] or any(term in known for term in stems[word]))
        for word in words
    ]
    unknown = [word.text for word in found if _is_respellable(word)][:MAX_RESPELLED]
    if not unknown:
        return found
    near = _nearest(unknown, languages)
    return [near.get(word.text, word) for word in found]


def _is_respellable(word: Word) -> bool:
    return (
        not word.is_known
        and MIN_LENGTH <= len(word.text) <= MAX_LENGTH
        and word.text.isalpha()
        and word.text[0] < "\u0250"  # Latin letters
    )


def _stems(words: Iterable[str], languages: Sequence[str]) -> dict[str, frozenset[str]]:
    """A word that is a stop word in one of the languages has no stem there, and perhaps none at all."""
    by_language = [stem(words, code) for code in languages]
    return {word: frozenset(stems[word] for stems in by_language if stems[word]) for word in words}


def _frequencies(terms: Iterable[str]) -> dict[str, int]:
    rows = db.session.execute(_FREQUENCIES, {"terms": sorted(set(terms))})
    return {row.term: row.passages for row in rows}


def _nearest(unknown: Sequence[str], languages: Sequence[str]) -> dict[str, Word]:
    candidates = {word: _edits(word) for word in unknown}
    stems = _stems(sorted(set().union(*candidates.values())), languages)
    frequencies = _frequencies(term for terms in stems.values() for term in terms)
    found = {}
    for word, edits in candidates.items():
        best = max(edits, key=lambda edit: _rank(edit, word, stems[edit], frequencies))
        if _count(stems[best], frequencies):
            found[word] = Word(best, stems[best], replaces=word)
    return found


def _rank(
    edit: str, word: str, terms: frozenset[str], frequencies: dict[str, int]
) -> tuple[bool, int, bool, str]:
    """The first letter is rarely the wrong one; then the word the business uses most."""
    return (
        edit[0] == word[0] and _count(terms, frequencies) > 0,
        _count(terms, frequencies),
        sorted(edit) == sorted(word),  # two letters swapped
        edit,
    )


def _count(terms: frozenset[str], frequencies: dict[str, int]) -> int:
    return max((frequencies.get(term, 0) for term in terms), default=0)


def _edits(word: str) -> set[str]:
    splits = [(word[:index], word[index:]) for index in range(len(word) + 1)]
    letters = sorted(set(ALPHABET) | set(word))
    edits = {left + right[1:] for left, right in splits if right}
    edits |= {left + right[1] + right[0] + right[2:] for left, right in splits if len(right) > 1}
    edits |= {left + letter + right[1:] for left, right in splits if right for letter in letters}
    edits |= {left + letter + right for left, right in splits for letter in letters}
    return edits - {word}
