"""Sentences with figures, as contradictions are looked for among them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from app.extensions import db
from app.knowledge.stems import terms_of
from app.knowledge.upkeep.figures import Counted, count

if TYPE_CHECKING:
    import numpy as np

MOST = 15_000  # sentences with digits; above it the newest are compared


def _set(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


# What is said around a price or a time: it names no subject. With words that are stop words only where a
# short text's language was told right.
COMMON = _set(
    "cost price charg fee pay paid each per total onli now also plus extra standard normal usual current "
    "open close take get need offer includ avail pleas day hour minut week month year pound euro dollar "
    "time today custom sell buy start end until till between within about around least most up allow "
    "give return will can may one two three new come run last mon tue wed thu fri sat sun monday "
    "tuesday wednesday thursday friday saturday sunday am pm p date answer question name less more "
    "shop store busi us januari februari march april june juli august septemb octob novemb decemb "
    "costs prices charges what does do of the a an in on at for we you our is are how much many it "
    "hours days opening"
)
_FIGURE = re.compile(r"\d")

_STATEMENTS = text("""
    SELECT c.id AS chunk_id, c.kind, c.heading, c.question, c.fingerprint, d.source_id, d.language,
           s.text, s.terms, halfvec_send(s.embedding) AS embedding,
           q.terms AS question_terms, halfvec_send(q.embedding) AS question_embedding
      FROM sentences AS s
      JOIN chunk_vectors AS v ON v.business_id = s.business_id AND v.chunk_id = s.chunk_id AND v.is_live
      JOIN chunks AS c ON c.business_id = s.business_id AND c.id = s.chunk_id
      JOIN documents AS d ON d.business_id = c.business_id AND d.id = c.document_id
      LEFT JOIN sentences AS q ON q.business_id = s.business_id AND q.chunk_id = s.chunk_id
                              AND q.position = 0
     WHERE s.business_id = current_setting('app.business_id')::bigint
       AND s.position > 0 AND s.text ~ '\\d'
     ORDER BY s.chunk_id DESC, s.position
     LIMIT :most""")


@dataclass(frozen=True, slots=True)
class Statement:
    chunk_id: int
    source_id: int
    fingerprint: str  # of its chunk
    text: str
    counted: Counted
    subject: frozenset[str]  # stems of what it is about
    context: frozenset[str]  # with those of its heading


def load() -> tuple[list[Statement], "np.ndarray", bool]:
    """The statements, their vectors, and whether older ones were left out."""
    rows = db.session.execute(_STATEMENTS, {"most": MOST + 1}).all()
    is_cut, rows = len(rows) > MOST, rows[:MOST]
    headings = _heading_terms(rows)
    statements, vectors = [], []
    for row in rows:
        counted = count(row.text)
        if counted.figures:
            statements.append(_statement(row, counted, headings[row.heading]))
            vectors.append(_vector(row))
    return statements, stacked(vectors), is_cut


def stacked(vectors: "list[np.ndarray]") -> "np.ndarray":
    """One row each, taken from the list while the rows are filled: both at once would be twice as much."""
    import numpy as np

    rows = np.empty((len(vectors), len(vectors[0]) if vectors else 0), dtype=np.float32)
    for number in reversed(range(len(vectors))):
        rows[number] = vectors.pop()
    return rows


def halves(embedding: bytes) -> "np.ndarray":
    """A halfvec as Postgres sends it: two 16-bit counts, then the numbers, big-endian."""
    import numpy as np

    return np.frombuffer(embedding, dtype=">f2", offset=4).astype(np.float16)


def _heading_terms(rows: Sequence[Any]) -> dict[str, frozenset[str]]:
    languages = {row.heading: row.language for row in rows}
    found = {}
    for code in set(languages.values()):
        headings = [heading for heading, language in languages.items() if language == code]
        for heading, terms in zip(headings, terms_of(headings, code), strict=True):
            found[heading] = frozenset(_plain(terms))
    return found


def _statement(row: Any, counted: Counted, heading: frozenset[str]) -> Statement:
    subject = frozenset(_plain([*row.terms, *(row.question_terms or ())]))
    asked = count(f"{row.heading}. {row.question}")
    return Statement(
        chunk_id=row.chunk_id,
        source_id=row.source_id,
        fingerprint=row.fingerprint,
        text=row.text,
        counted=Counted(
            counted.figures,
            counted.weekdays | asked.weekdays,
            counted.seasons | asked.seasons,
            counted.dates,
            counted.spoken,
            asked.figures.get("date", frozenset()),
        ),
        subject=subject,
        context=subject | heading,
    )


def _plain(terms: Sequence[str]) -> Iterator[str]:
    return (term for term in terms if not _FIGURE.search(term) and term not in COMMON)


def _vector(row: Any) -> "np.ndarray":
    """An answer means little without its question: what is between the two."""
    import numpy as np

    vector = halves(row.embedding)
    if row.question_embedding is None:
        return vector
    both = vector.astype(np.float32) + halves(row.question_embedding)
    return np.asarray(both / max(float(np.linalg.norm(both)), 1e-6), dtype=np.float16)
