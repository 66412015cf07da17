"""Word stems by Postgres's own Snowball dictionaries, word by word: its text parser breaks some scripts."""

from collections.abc import Iterable, Sequence

from sqlalchemy import text

from app.extensions import db
from app.knowledge import language
from app.lib.words import fold, words

MAX_TERM = 60  # characters; what is longer is a key or a file name, and an index row has its limit

_STEM = text(
    "SELECT word, ts_lexize(CAST(:dictionary AS regdictionary), word)"
    " FROM unnest(CAST(:words AS text[])) AS word"
)


# By language, in this process: a dictionary doesn't change.
MAX_KNOWN = 10_000  # words
_known: dict[str, dict[str, str]] = {}


def stem(vocabulary: Iterable[str], code: str) -> dict[str, str]:
    """Each word's stem in the language, "" for a stop word."""
    distinct = set(vocabulary)
    known = _known.get(code, {})
    new = sorted(distinct - known.keys())
    if new:
        known = known | _looked_up(new, code)
        _known[code] = known if len(known) <= MAX_KNOWN else {}
    return {word: known[word] for word in distinct}


def _looked_up(words: list[str], code: str) -> dict[str, str]:
    parameters = {"dictionary": language.stemmer(code), "words": words}
    rows = db.session.execute(_STEM, parameters).all()
    return {word: fold(lexemes[0]) if lexemes else "" for word, lexemes in rows}


def terms_of(texts: Sequence[str], code: str) -> list[list[str]]:
    """The stems of each text, in order and repeated as the words are, stop words left out."""
    found = [words(each) for each in texts]
    stems = stem((word for row in found for word in row), code)
    return [[stems[word][:MAX_TERM] for word in row if stems[word]] for row in found]
