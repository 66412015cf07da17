"""Passages of different sources that say nearly the same."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from sqlalchemy import text

from app.extensions import db
from app.knowledge.upkeep.finding import Found
from app.knowledge.upkeep.neighbours import near_pairs
from app.knowledge.upkeep.statements import halves, stacked
from app.lib.words import fold, words

MOST_PASSAGES = 15_000  # the newest are compared
FROM_COSINE = 0.9
SAME_WORDS = 0.75  # of the shorter passage's words in a row of two
MOST = 200

# The business's own records say each thing in several ways, on purpose.
_VECTORS = text("""
    SELECT c.id, d.source_id, c.fingerprint, halfvec_send(v.embedding) AS embedding
      FROM chunk_vectors AS v
      JOIN chunks AS c ON c.business_id = v.business_id AND c.id = v.chunk_id
      JOIN documents AS d ON d.business_id = c.business_id AND d.id = c.document_id
      JOIN sources AS s ON s.business_id = d.business_id AND s.id = d.source_id
     WHERE v.business_id = current_setting('app.business_id')::bigint AND v.is_live
       AND s.origin IS NULL
     ORDER BY c.id DESC LIMIT :most""")
_TEXTS = text("""
    SELECT id, question, text FROM chunks
     WHERE business_id = current_setting('app.business_id')::bigint
       AND id = ANY(CAST(:ids AS bigint[]))""")


def load() -> tuple[Sequence[Any], bool]:
    """The passages with their vectors, and whether older ones were left out."""
    rows = db.session.execute(_VECTORS, {"most": MOST_PASSAGES + 1}).all()
    return rows[:MOST_PASSAGES], len(rows) > MOST_PASSAGES


def find(rows: Sequence[Any]) -> Iterator[Found]:
    """The nearest first; each passage is named as a copy once."""
    sources = [row.source_id for row in rows]
    near = near_pairs(
        stacked([halves(row.embedding) for row in rows]),
        FROM_COSINE,
        lambda one, other, _cosine: sources[one] != sources[other],
    )
    pairs = [(rows[one], rows[other], cosine) for one, other, cosine in near[: MOST * 10]]
    said = _texts({row.id for one, other, _cosine in pairs for row in (one, other)})
    copies: set[int] = set()
    for newer, older, cosine in pairs:
        if newer.id in copies or newer.id not in said or older.id not in said:
            continue
        if _overlap(said[newer.id], said[older.id]) < SAME_WORDS:
            continue
        copies.add(newer.id)
        yield Found(
            kind="duplicate",
            source_id=newer.source_id,
            chunk_id=newer.id,
            other_chunk_id=older.id,
            said=(newer.fingerprint, older.fingerprint, str(newer.source_id), str(older.source_id)),
            detail={"quote": said[newer.id], "other_quote": said[older.id]},
            weight=cosine,
        )
        if len(copies) == MOST:
            return


def _texts(ids: set[int]) -> dict[int, str]:
    rows = db.session.execute(_TEXTS, {"ids": sorted(ids)})
    return {row.id: f"{row.question}\n{row.text}".strip() for row in rows}


def _overlap(one: str, other: str) -> float:
    mine, theirs = _runs(one), _runs(other)
    return len(mine & theirs) / max(min(len(mine), len(theirs)), 1)


def _runs(text: str) -> set[tuple[str, ...]]:
    """Pairs of neighbouring words: the same words in another order are another text."""
    found = [fold(word) for word in words(text)]
    return set(pairwise(found)) or {tuple(found)}
