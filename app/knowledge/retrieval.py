"""Search in what the business knows: meaning and words together, in one statement.

docs/retrieval.md has the design and its figures. Every figure here was measured there.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from app.extensions import db
from app.knowledge import scoring, spelling
from app.knowledge.embeddings.current import serving_model
from app.knowledge.indexing import Encode, halfvec_texts
from app.knowledge.language import main_script
from app.knowledge.scoring import Hit
from app.lib.words import words as words_of

MAX_QUESTION = 1000  # characters; the model reads about as many
MAX_WORDS = 64  # different ones
CANDIDATES = 30  # passages whose sentences are compared; more changes nothing

# A generic plan would serve every business alike, and compiling a plan takes longer than running it.
_LANGUAGES = text("""
    SELECT set_config('plan_cache_mode', 'force_custom_plan', true), set_config('jit', 'off', true),
           ARRAY(SELECT DISTINCT language FROM documents
                  WHERE business_id = current_setting('app.business_id')::bigint) AS languages,
           (SELECT embedding_model FROM businesses
             WHERE id = current_setting('app.business_id')::bigint) AS model""")

# Compares nothing when the vectors are another model's by now than the one that encoded the question.
_SEARCH = text("""
WITH question AS (
    SELECT CAST(:vector AS halfvec) AS embedding FROM businesses
     WHERE id = current_setting('app.business_id')::bigint AND embedding_model = :model
), scan AS MATERIALIZED (
    SELECT v.chunk_id, v.reading, v.term_count,
           CASE WHEN :by_meaning THEN 1 - (v.embedding <=> question.embedding) ELSE 0 END AS cosine
      FROM chunk_vectors AS v, question
     WHERE v.business_id = current_setting('app.business_id')::bigint AND v.is_live
), extent AS (
    SELECT count(*)::float8 AS passages, greatest(avg(term_count), 1)::float8 AS length FROM scan
), terms AS (
    SELECT word, term FROM unnest(CAST(:numbers AS int[]), CAST(:terms AS text[])) AS t (word, term)
), matches AS MATERIALIZED (
    SELECT terms.word, terms.term, chunk_id, p.frequency, scan.term_count
      FROM terms JOIN postings AS p ON p.term = terms.term JOIN scan USING (chunk_id)
     WHERE p.business_id = current_setting('app.business_id')::bigint
), weights AS (
    SELECT terms.word, terms.term,
           ln(1 + (passages - count(matches) + .5) / (count(matches) + .5)) AS idf
      FROM extent, terms LEFT JOIN matches USING (word, term)
     GROUP BY terms.word, terms.term, passages
), total AS (
    SELECT greatest(sum(weight), 1e-9) AS weight
      FROM (SELECT min(idf) AS weight FROM weights GROUP BY word) AS each
), lexical AS (
    SELECT chunk_id, sum(idf) AS matched, sum(bm25) AS bm25
      FROM (SELECT m.chunk_id, m.word, min(idf) AS idf,
                   max(idf * frequency * 2.2
                       / (frequency + 1.2 * (.25 + .75 * term_count / length))) AS bm25
              FROM matches AS m JOIN weights USING (word, term), extent
             GROUP BY m.chunk_id, m.word) AS each
     GROUP BY chunk_id
), scored AS (
    SELECT scan.chunk_id, reading, cosine,
           least(coalesce(matched / total.weight, 0), 1) AS coverage,
           coalesce(bm25 / nullif(max(bm25) OVER (), 0), 0) AS bm25,
           cosine >= max(cosine) OVER () AS leads_by_meaning,
           coalesce(bm25 >= max(bm25) OVER (), false) AS leads_by_words
      FROM total, scan LEFT JOIN lexical USING (chunk_id)
), candidates AS MATERIALIZED (
    SELECT * FROM scored
     ORDER BY CASE reading WHEN 0 THEN cosine + .25 * coverage
                           WHEN 1 THEN .7 * cosine + .3 * bm25
                           ELSE bm25 END DESC, chunk_id
     LIMIT :candidates
)
SELECT candidates.*, c.document_id, d.title, d.url, d.source_id, c.kind, c.heading, c.question, c.text,
       c.page, c.anchor, compared.sentences,
       (SELECT jsonb_object_agg(term, idf) FROM weights) AS idf
  FROM candidates
  JOIN chunks AS c ON c.id = candidates.chunk_id
   AND c.business_id = current_setting('app.business_id')::bigint
  JOIN documents AS d ON d.id = c.document_id AND d.business_id = c.business_id
 CROSS JOIN LATERAL (
    SELECT jsonb_agg(jsonb_build_array(
               s.position, s.text,
               CASE WHEN :by_meaning THEN 1 - (s.embedding <=> question.embedding) ELSE 0 END,
               ARRAY(SELECT unnest(s.terms) INTERSECT SELECT term FROM terms))
               ORDER BY s.position) AS sentences
      FROM sentences AS s, question
     WHERE s.business_id = c.business_id AND s.chunk_id = c.id) AS compared
""")


@dataclass(frozen=True, slots=True)
class SearchResult:
    question: str
    hits: tuple[Hit, ...] = ()
    searched_for: str | None = None  # the question as respelled, where it was
    weights: tuple[tuple[spelling.Word, float], ...] = ()  # its content words, by their rarity here


def search(question: str, encode: Encode, limit: int = 5) -> SearchResult:
    asked = " ".join(question[:MAX_QUESTION].split())
    found = list(dict.fromkeys(words_of(asked)))[:MAX_WORDS]
    here = db.session.execute(_LANGUAGES).one() if found else None
    if here is None or not here.languages:
        return SearchResult(asked)
    looked_up = spelling.look_up(found, here.languages)
    searched_for = _respelled(asked, looked_up)
    rows = _run(searched_for or asked, looked_up, encode, here.model)
    if not rows and (model := serving_model()) != here.model:  # switched at this very moment
        rows = _run(searched_for or asked, looked_up, encode, model)
    weights = _weights(looked_up, rows[0].idf or {}) if rows else ()
    hits = scoring.rank(rows, weights)[:limit]
    return SearchResult(asked, tuple(hits), searched_for, weights)


def _run(
    question: str, looked_up: Sequence[spelling.Word], encode: Encode, model: str
) -> Sequence[Any]:
    terms = [(number, term) for number, word in enumerate(looked_up) for term in word.terms]
    parameters = {
        "vector": halfvec_texts(encode([question], model))[0],
        "model": model,
        "by_meaning": main_script(question) == "LATIN",
        "numbers": [number for number, _term in terms],
        "terms": [term for _number, term in terms],
        "candidates": CANDIDATES,
    }
    return db.session.execute(_SEARCH, parameters).all()


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
