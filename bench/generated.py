"""Large knowledge made cheaply: passages put together from real sentences with their real vectors.

Some 4,000 sentences are embedded; everything else is picked from them. A passage's vector is the mean of its
sentences' vectors with noise, which is near what the model would say of the whole. Rows are loaded past row
security, by the superuser of the embedded server.
"""

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import psycopg

from bench import paragraphs

FILLINGS = 100  # of each general sentence
FIRMS = 400
NOISE = 0.35  # length beside a passage of length 1: cosine .94 with what it was made of
SUBJECT_WEIGHT = 1.5  # beside each general sentence: a heading is part of what is embedded
BLOCK = 50_000  # passages in memory at once

_CHUNK_VECTOR = np.dtype(
    [
        ("fields", ">i2"),
        ("l1", ">i4"), ("business_id", ">i8"),
        ("l2", ">i4"), ("chunk_id", ">i8"),
        ("l3", ">i4"), ("reading", ">i2"),
        ("l4", ">i4"), ("term_count", ">i4"),
        ("l5", ">i4"), ("dimensions", ">i2"), ("unused", ">i2"), ("embedding", ">f2", 384),
    ]
)  # fmt: skip
_PICK = np.dtype(
    [
        ("fields", ">i2"),
        ("l1", ">i4"), ("business_id", ">i8"),
        ("l2", ">i4"), ("chunk_id", ">i8"),
        ("l3", ">i4"), ("position", ">i2"),
        ("l4", ">i4"), ("piece", ">i4"),
    ]
)  # fmt: skip
_ID_AND_VECTOR = np.dtype(
    [
        ("fields", ">i2"),
        ("l1", ">i4"), ("chunk_id", ">i8"),
        ("l2", ">i4"), ("dimensions", ">i2"), ("unused", ">i2"), ("embedding", ">f2", 384),
    ]
)  # fmt: skip
_HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_TRAILER = b"\xff\xff"


@contextmanager
def superuser() -> Iterator[psycopg.Connection[Any]]:
    """Of the embedded server, inside the app's context; passes row security."""
    from app.extensions import db

    host = str(db.engine.url.query["host"])
    with psycopg.connect(host=host, user="postgres", dbname=db.engine.url.database) as connection:
        yield connection


@dataclass(frozen=True)
class Pool:
    """Sentences on a subject first, as many as there are subjects, then general ones."""

    texts: list[str]
    terms: list[list[str]]
    vectors: np.ndarray
    subjects: int


def pool() -> Pool:
    """Inside a business's scope: the stemmer is the database's."""
    from app.knowledge.embeddings.current import encode_many
    from app.knowledge.stems import terms_of

    generator = random.Random(1)
    texts = [
        f"{paragraphs.title(subject)} costs {generator.randint(20, 400)} pounds for a first visit."
        for subject in paragraphs.subjects(1000)
    ]
    subjects = len(texts)
    for sentence in paragraphs.SENTENCES:
        texts += [paragraphs.filled(sentence, generator) for _ in range(FILLINGS)]
    return Pool(texts, terms_of(texts, "en"), encode_many(texts), subjects)


def load(connection: psycopg.Connection[Any], made: Pool, sizes: dict[int, int], each: int) -> None:
    """`sizes` is business → passages; each passage has `each` sentences, the first on its subject."""
    _load_pool(connection, made)
    generator = np.random.default_rng(1)
    for block in _blocks(sizes):
        first = _reserve(connection, len(block))
        ids = np.arange(first, first + len(block))
        picks = np.column_stack(
            [
                generator.integers(0, made.subjects, len(block)),
                generator.integers(made.subjects, len(made.texts), (len(block), each - 1)),
            ]
        )
        _load_picks(connection, block, ids, picks)
        connection.execute(_DOCUMENTS)
        connection.execute(_CHUNKS, {"firms": FIRMS})
        connection.execute(_SENTENCES)
        connection.execute(_POSTINGS)
        rows = _vector_rows(made, picks, _vectors(made, picks, generator))
        rows["business_id"], rows["chunk_id"] = block, ids
        columns = "business_id, chunk_id, reading, term_count, embedding"
        _copy(connection, f"chunk_vectors ({columns})", rows)
        connection.commit()
    connection.autocommit = True
    for table in ("chunks", "chunk_vectors", "sentences", "postings"):
        connection.execute(f"VACUUM (ANALYZE) {table}")


def vectors_of(
    connection: psycopg.Connection[Any], business_id: int
) -> tuple[np.ndarray, np.ndarray]:
    """All of a business, as (chunk ids, float32 rows)."""
    wanted = f"SELECT chunk_id, embedding FROM chunk_vectors WHERE business_id = {business_id}"
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY ({wanted}) TO STDOUT (FORMAT binary)") as copy,
    ):
        sent = b"".join(bytes(part) for part in copy)
    rows = np.frombuffer(sent[len(_HEADER) : -len(_TRAILER)], dtype=_ID_AND_VECTOR)
    return rows["chunk_id"].astype(np.int64), rows["embedding"].astype(np.float32)


def _blocks(sizes: dict[int, int]) -> Iterator[np.ndarray]:
    """The business of each passage, businesses in turn."""
    every = np.repeat(list(sizes), list(sizes.values()))
    for start in range(0, len(every), BLOCK):
        yield every[start : start + BLOCK]


def _reserve(connection: psycopg.Connection[Any], count: int) -> int:
    row = connection.execute(
        "SELECT setval(s, nextval(s) + %s) - %s FROM pg_get_serial_sequence('chunks', 'id') AS s",
        [count, count],
    ).fetchone()
    assert row is not None
    return int(row[0])


def _load_pool(connection: psycopg.Connection[Any], made: Pool) -> None:
    from app.knowledge.indexing import halfvec_texts

    connection.execute("SET session_replication_role = replica")
    connection.execute(
        "CREATE TEMP TABLE pieces (piece int PRIMARY KEY, text text, terms text[], embedding halfvec(384));"
        "CREATE TEMP TABLE piece_terms (piece int, term text, frequency int);"
        "CREATE TEMP TABLE picks (business_id bigint, chunk_id bigint, position smallint, piece int)"
    )
    vectors = halfvec_texts(made.vectors)
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO pieces VALUES (%s, %s, %s, %s::halfvec)",
            [
                (number, text, sorted(set(terms)), vector)
                for number, (text, terms, vector) in enumerate(
                    zip(made.texts, made.terms, vectors, strict=True)
                )
            ],
        )
        cursor.executemany(
            "INSERT INTO piece_terms VALUES (%s, %s, %s)",
            [
                (number, term, count)
                for number, terms in enumerate(made.terms)
                for term, count in Counter(terms).items()
            ],
        )
    connection.execute("ANALYZE pieces; ANALYZE piece_terms")


_DOCUMENTS = """
    INSERT INTO sources (business_id, kind, name, status, revision)
    SELECT DISTINCT business_id, 'file', 'generated', 'ready', 1 FROM picks
     WHERE NOT EXISTS (SELECT FROM sources AS s WHERE s.business_id = picks.business_id);
    INSERT INTO documents (business_id, source_id, title, language)
    SELECT s.business_id, s.id, 'generated', 'en' FROM sources AS s
     WHERE s.business_id IN (SELECT business_id FROM picks)
       AND NOT EXISTS (SELECT FROM documents AS d WHERE d.business_id = s.business_id)"""
_CHUNKS = """
    INSERT INTO chunks (business_id, id, document_id, position, kind, heading, question, text, anchor)
    SELECT p.business_id, p.chunk_id, d.id, p.chunk_id, 'prose', 'Firm ' || p.chunk_id %% %(firms)s, '',
           string_agg(pieces.text, ' ' ORDER BY p.position), ''
      FROM picks AS p JOIN pieces USING (piece) JOIN documents AS d ON d.business_id = p.business_id
     GROUP BY p.business_id, p.chunk_id, d.id"""
_SENTENCES = """
    INSERT INTO sentences (business_id, chunk_id, position, text, terms, embedding)
    SELECT p.business_id, p.chunk_id, p.position, pieces.text, pieces.terms, pieces.embedding
      FROM picks AS p JOIN pieces USING (piece) ORDER BY p.chunk_id, p.position"""
_POSTINGS = """
    INSERT INTO postings (business_id, term, chunk_id, frequency)
    SELECT p.business_id, t.term, p.chunk_id, sum(t.frequency)
      FROM picks AS p JOIN piece_terms AS t USING (piece)
     GROUP BY p.business_id, t.term, p.chunk_id ORDER BY 1, 2, 3"""


def _load_picks(
    connection: psycopg.Connection[Any], block: np.ndarray, ids: np.ndarray, picks: np.ndarray
) -> None:
    each = picks.shape[1]
    rows = np.zeros(picks.size, dtype=_PICK)
    rows["fields"], rows["l1"], rows["l2"], rows["l3"], rows["l4"] = 4, 8, 8, 2, 4
    rows["business_id"], rows["chunk_id"] = np.repeat(block, each), np.repeat(ids, each)
    rows["position"], rows["piece"] = np.tile(np.arange(1, each + 1), len(block)), picks.ravel()
    connection.execute("TRUNCATE picks")
    _copy(connection, "picks (business_id, chunk_id, position, piece)", rows)
    connection.execute("ANALYZE picks")


def _vectors(made: Pool, picks: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    vectors = made.vectors[picks[:, 0]] * SUBJECT_WEIGHT
    for column in range(1, picks.shape[1]):
        vectors += made.vectors[picks[:, column]]
    noise = generator.standard_normal(vectors.shape, dtype=np.float32)
    return _of_length_1(_of_length_1(vectors) + noise * np.float32(NOISE / np.sqrt(noise.shape[1])))


def _of_length_1(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def _vector_rows(made: Pool, picks: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    lengths = np.array([len(terms) for terms in made.terms])
    rows = np.zeros(len(picks), dtype=_CHUNK_VECTOR)
    rows["fields"], rows["l1"], rows["l2"], rows["l3"], rows["l4"] = 5, 8, 8, 2, 4
    rows["l5"], rows["dimensions"] = 4 + 2 * 384, 384
    rows["term_count"], rows["embedding"] = lengths[picks].sum(axis=1), vectors
    return rows


def _copy(connection: psycopg.Connection[Any], into: str, rows: np.ndarray) -> None:
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {into} FROM STDIN (FORMAT binary)") as copy,
    ):
        copy.write(_HEADER)
        copy.write(rows.tobytes())
        copy.write(_TRAILER)
