"""Search in what the business knows: meaning and words together, in one statement.

docs/retrieval.md has the design and its figures. Every figure here was measured there.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import TextClause, text

from app.core import tenancy
from app.extensions import db
from app.knowledge import collapsing, scoring, spelling
from app.knowledge.embeddings.current import serving_model
from app.knowledge.indexing import Encode, halfvec_texts
from app.knowledge.language import main_script
from app.knowledge.scoring import Hit
from app.lib.words import words as words_of

if TYPE_CHECKING:
    import numpy as np

MAX_QUESTION = 1000  # characters; the model reads about as many
MAX_WORDS = 64  # different ones
RANKED = 100  # passages whose texts are looked at for copies
COPIES = 3  # of a passage that stands on many pages; collapsing.py takes the one to show
CANDIDATES = 30  # passages whose sentences are compared; more changes nothing
NEAREST = 100  # passages taken by meaning alone
BY_WORDS = 200  # passages taken by words alone
POSTINGS = (
    10_000  # of its rarest words that find passages; commoner words only add to what is found
)
TELLING = 0.01  # of the question's weight; a word worth less is not looked up in what is found
SEARCHED = 200  # of an index, the nearest that it keeps in sight: recall .998 at 100,000 passages

# Never prepared: one plan would serve every business alike. Compiling a plan takes longer than running it.
_HERE = text("""
    SELECT set_config('jit', 'off', true),
           set_config('hnsw.ef_search', :searched, true),
           ARRAY(SELECT DISTINCT language FROM documents
                  WHERE business_id = current_setting('app.business_id')::bigint) AS languages,
           (SELECT embedding_model FROM businesses
             WHERE id = current_setting('app.business_id')::bigint) AS model""")

# Written for the planner: `business_id` and the length of the vectors as values let it use a large business's own
# index of nearest passages (tuning.py), which row security's condition alone would not. Without an index it is an
# exact scan. Nothing is compared when the vectors are another model's by now than the one that encoded the question.
_SERVED = """EXISTS (
           SELECT FROM businesses WHERE id = :business_id AND embedding_model = :model)"""
_NEAREST = """
    SELECT chunk_id FROM chunk_vectors
     WHERE business_id = :business_id AND is_live AND vector_dims(embedding) = {dimensions}
       AND {served}
     ORDER BY embedding::halfvec({dimensions}) <=> CAST(:vector AS halfvec({dimensions}))
     LIMIT CASE WHEN :by_meaning THEN :nearest ELSE 0 END"""

# What is scored are the nearest passages and those that the question's rarest words stand in. The full join
# is hashed whatever the planner expects; a nested loop over misjudged rows would take a hundred times as long.
_SEARCH = """
WITH extent AS MATERIALIZED (
    SELECT coalesce(s.passages, v.passages)::float8 AS passages,
           coalesce(s.length, v.length, 1)::float8 AS length
      FROM (VALUES (CAST(:business_id AS bigint))) AS b (business_id)
      LEFT JOIN search_statistics AS s USING (business_id)
     CROSS JOIN LATERAL (
           SELECT count(*) AS passages, greatest(avg(term_count), 1) AS length
             FROM chunk_vectors
            WHERE business_id = :business_id AND is_live AND s.business_id IS NULL) AS v
), nearest AS MATERIALIZED (
    {nearest}
), staged AS MATERIALIZED (
    SELECT chunk_id FROM chunk_vectors WHERE business_id = :business_id AND NOT is_live
), counted AS MATERIALIZED (
    SELECT t.word, t.term, coalesce(common.passages, (
           SELECT count(*) FROM postings AS p
            WHERE p.business_id = :business_id AND p.term = t.term
              AND (p.chunk_id IN (SELECT chunk_id FROM staged)) IS NOT TRUE)) AS passages
      FROM unnest(CAST(:numbers AS int[]), CAST(:terms AS text[])) AS t (word, term)
      LEFT JOIN common_terms AS common
        ON common.business_id = :business_id AND common.term = t.term
), weights AS MATERIALIZED (
    SELECT word, term, counted.passages, row_number() OVER rare_first = 1
           OR sum(counted.passages) OVER rare_first <= :postings AS finds,
           ln(1 + (greatest(extent.passages - counted.passages, 0) + .5)
                / (counted.passages + .5)) AS idf
      FROM counted CROSS JOIN extent
    WINDOW rare_first AS (ORDER BY counted.passages = 0, counted.passages, term
                          ROWS UNBOUNDED PRECEDING)
), total AS MATERIALIZED (
    SELECT greatest(sum(weight), 1e-9) AS weight
      FROM (SELECT min(idf) AS weight FROM weights GROUP BY word) AS each
), matches AS MATERIALIZED (
    SELECT weights.word, weights.idf, p.chunk_id, p.frequency::float8
      FROM weights CROSS JOIN LATERAL (
           SELECT chunk_id, frequency FROM postings
            WHERE business_id = :business_id AND term = weights.term
              AND (chunk_id IN (SELECT chunk_id FROM staged)) IS NOT TRUE
            LIMIT :postings) AS p
     WHERE weights.finds
), by_words AS MATERIALIZED (
    SELECT chunk_id FROM matches GROUP BY chunk_id
     ORDER BY sum(idf * (1 + CAST(.1 AS float8) * frequency / (frequency + 1.2))) DESC, chunk_id
     LIMIT :by_words
), passages AS MATERIALIZED (
    SELECT v.chunk_id, v.reading, v.term_count,
           CASE WHEN :by_meaning THEN 1 - (v.embedding <=> CAST(:vector AS halfvec))
                ELSE 0 END AS cosine
      FROM (SELECT chunk_id FROM nearest UNION SELECT chunk_id FROM by_words) AS found
      JOIN chunk_vectors AS v
        ON v.business_id = :business_id AND v.chunk_id = found.chunk_id AND v.is_live
     WHERE {served}
), words AS (
    SELECT chunk_id, word, idf, frequency FROM matches
     WHERE (chunk_id IN (SELECT chunk_id FROM passages)) IS TRUE
    UNION ALL
    SELECT passages.chunk_id, weights.word, weights.idf, (
           SELECT p.frequency FROM postings AS p
            WHERE p.business_id = :business_id AND p.term = weights.term
              AND p.chunk_id = passages.chunk_id)
      FROM weights CROSS JOIN total CROSS JOIN passages
     WHERE NOT weights.finds AND weights.idf > :telling * total.weight
), each_word AS (
    SELECT chunk_id, reading, cosine, word, min(idf) AS idf,
           max(idf * frequency * 2.2
               / (frequency + 1.2 * (.25 + .75 * term_count / length))) AS bm25
      FROM passages FULL JOIN (SELECT * FROM words WHERE frequency > 0) AS words USING (chunk_id)
     CROSS JOIN extent
     GROUP BY chunk_id, reading, cosine, word
), lexical AS (
    SELECT chunk_id, reading, cosine, sum(idf) AS matched, sum(bm25) AS bm25
      FROM each_word GROUP BY chunk_id, reading, cosine
), scored AS (
    SELECT chunk_id, reading, cosine,
           least(coalesce(matched / total.weight, 0), 1) AS coverage,
           coalesce(bm25 / nullif(max(bm25) OVER (), 0), 0) AS bm25,
           cosine >= max(cosine) OVER () AS leads_by_meaning,
           coalesce(bm25 >= max(bm25) OVER (), false) AS leads_by_words
      FROM total, lexical
), ranked AS MATERIALIZED (
    SELECT *, CASE reading WHEN 0 THEN cosine + .25 * coverage
                           WHEN 1 THEN .7 * cosine + .3 * bm25
                           ELSE bm25 END AS rank
      FROM scored ORDER BY rank DESC, chunk_id LIMIT :ranked
), candidates AS MATERIALIZED (
    SELECT * FROM (
           SELECT ranked.*, row_number() OVER (
                  PARTITION BY CASE WHEN length(c.text) < 60 THEN c.heading END, c.question, c.text
                  ORDER BY rank DESC, chunk_id DESC) AS copy
             FROM ranked JOIN chunks AS c
               ON c.business_id = :business_id AND c.id = ranked.chunk_id) AS copied
     WHERE copy <= :copies
     ORDER BY rank DESC, chunk_id LIMIT :candidates
)
SELECT candidates.*, c.document_id, d.title, d.url, d.source_id, d.language, c.kind, c.heading,
       c.question, c.text, c.page, c.anchor, c.created_at AS written_at, compared.sentences,
       (SELECT jsonb_object_agg(term, idf) FROM weights) AS idf
  FROM candidates
  JOIN chunks AS c ON c.id = candidates.chunk_id AND c.business_id = :business_id
  JOIN documents AS d ON d.id = c.document_id AND d.business_id = c.business_id
 CROSS JOIN LATERAL (
    SELECT jsonb_agg(jsonb_build_array(
               s.position, s.text,
               CASE WHEN :by_meaning THEN 1 - (s.embedding <=> CAST(:vector AS halfvec))
                    ELSE 0 END,
               ARRAY(SELECT unnest(s.terms) INTERSECT SELECT term FROM weights))
               ORDER BY s.position) AS sentences
      FROM sentences AS s
     WHERE s.business_id = :business_id AND s.chunk_id = c.id) AS compared
"""


@dataclass(frozen=True, slots=True)
class SearchResult:
    question: str
    hits: tuple[Hit, ...] = ()
    searched_for: str | None = None  # the question as respelled, where it was
    weights: tuple[tuple[spelling.Word, float], ...] = ()  # its content words, by their rarity here


def search(question: str, encode: Encode, limit: int = 5) -> SearchResult:
    asked = " ".join(question[:MAX_QUESTION].split())
    found = list(dict.fromkeys(words_of(asked)))[:MAX_WORDS]
    here = _here() if found else None
    if here is None or not here.languages:
        return SearchResult(asked)
    looked_up = spelling.look_up(found, here.languages)
    searched_for = _respelled(asked, looked_up)
    rows = _run(searched_for or asked, looked_up, encode, here.model)
    if not rows and (model := serving_model()) != here.model:  # switched at this very moment
        rows = _run(searched_for or asked, looked_up, encode, model)
    weights = _weights(looked_up, rows[0].idf or {}) if rows else ()
    hits = collapsing.collapse(scoring.rank(rows, weights), limit)
    return SearchResult(asked, tuple(hits), searched_for, weights)


def nearest(embedding: "np.ndarray[Any, Any]", limit: int = NEAREST) -> list[int]:
    """Passages by meaning alone, as the search finds them. For measuring."""
    parameters = _of_vector(embedding, _here().model) | {"nearest": limit, "by_meaning": True}
    return list(db.session.execute(_statement(_NEAREST, len(embedding)), parameters).scalars())


def _here() -> Any:
    return db.session.execute(_HERE, {"searched": str(SEARCHED)}).one()


def _run(
    question: str, looked_up: Sequence[spelling.Word], encode: Encode, model: str
) -> Sequence[Any]:
    terms = [(number, term) for number, word in enumerate(looked_up) for term in word.terms]
    embedding = encode([question], model)[0]
    parameters = _of_vector(embedding, model) | {
        "by_meaning": main_script(question) == "LATIN",
        "numbers": [number for number, _term in terms],
        "terms": [term for _number, term in terms],
        "nearest": NEAREST,
        "by_words": BY_WORDS,
        "postings": POSTINGS,
        "telling": TELLING,
        "ranked": RANKED,
        "copies": COPIES,
        "candidates": CANDIDATES,
    }
    return db.session.execute(_statement(_SEARCH, len(embedding)), parameters).all()


def _of_vector(embedding: "np.ndarray[Any, Any]", model: str) -> dict[str, Any]:
    return {
        "business_id": tenancy.current_business_id(),
        "vector": halfvec_texts(embedding[None])[0],
        "model": model,
    }


@cache
def _statement(form: str, dimensions: int) -> TextClause:
    nearest = _NEAREST.format(served=_SERVED, dimensions=int(dimensions))
    return text(form.format(nearest=nearest, served=_SERVED, dimensions=int(dimensions)))


def _weights(
    looked_up: Sequence[spelling.Word], idf: dict[str, float]
) -> tuple[tuple[spelling.Word, float], ...]:
    return tuple((word, min(idf[term] for term in word.terms)) for word in looked_up if word.terms)


def _respelled(question: str, looked_up: Sequence[spelling.Word]) -> str | None:
    replaced = {word.replaces: word.text for word in looked_up if word.replaces}
    if not replaced:
        return None
    pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, replaced))})\b", re.IGNORECASE)
    return pattern.sub(lambda match: _as_typed(match[0], replaced), question)


def _as_typed(typed: str, replaced: dict[str, str]) -> str:
    word = replaced.get(typed.lower(), typed)
    return word.capitalize() if typed[0].isupper() else word
