"""From chunk drafts to rows that can be found. The caller commits, after each batch if it likes."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import func, insert, select, text

from app.extensions import db
from app.knowledge import language
from app.knowledge.blocks import ParsedDocument
from app.knowledge.chunking import SEPARATOR, ChunkDraft
from app.knowledge.embeddings.current import held_model, serving_model
from app.knowledge.models import Chunk, Document
from app.knowledge.stems import terms_of
from app.lib import sentences

if TYPE_CHECKING:
    import numpy as np


class Encode(Protocol):
    """Vectors of texts, by this model or the one that serves the business in scope."""

    def __call__(
        self, texts: Sequence[str], model: str | None = None
    ) -> "np.ndarray[Any, Any]": ...


INSERT_BATCH = 500  # chunks a statement
SAMPLE_BLOCKS = 100  # enough to tell a language by
LONG_HEADING = 60  # characters
MAX_SENTENCES = 200  # of one chunk, which only a very long answer of the owner has


def language_of(parsed: ParsedDocument) -> str:
    """What Document.language should say: an ISO 639-1 code."""
    sample = "\n".join(f"{block.question}\n{block.text}" for block in parsed.blocks[:SAMPLE_BLOCKS])
    return language.detect(sample, parsed.language)


def store(document: Document, drafts: Iterable[ChunkDraft], revision: int = 0) -> int:
    """Write the document's chunks; embed_pending() makes them findable. Returns how many there are.

    Those that stand there already stay, with their vectors; those of an older revision that are not
    among them are left for the caller to take away.
    """
    db.session.flush()  # the document needs its id
    known = _known(document.id)
    remaining = enumerate(drafts)
    count = 0
    while batch := list(islice(remaining, INSERT_BATCH)):
        rows = [_row(document.id, position, draft, revision) for position, draft in batch]
        kept = [row | {"id": same.pop()} for row in rows if (same := known.get(row["fingerprint"]))]
        taken = {row["position"] for row in kept}
        fresh = [row for row in rows if row["position"] not in taken]
        if kept:
            db.session.execute(
                _KEEP, _columns(_KEPT, [tuple(row[c] for c in _KEPT) for row in kept])
            )
        if fresh:
            db.session.execute(insert(Chunk), fresh)
        count += len(batch)
    db.session.flush()
    return count


_KEPT = ("id", "position", "page", "anchor", "revision")
_KEEP = text("""
    UPDATE chunks SET position = new.position, page = new.page, anchor = new.anchor,
                      revision = new.revision
      FROM unnest(CAST(:id AS bigint[]), CAST(:position AS bigint[]), CAST(:page AS bigint[]),
                  CAST(:anchor AS text[]), CAST(:revision AS bigint[]))
           AS new (id, position, page, anchor, revision)
     WHERE chunks.business_id = current_setting('app.business_id')::bigint
       AND chunks.id = new.id""")


def _known(document_id: int) -> dict[str, list[int]]:
    """The document's chunks by what they say; the same text may stand in it more than once."""
    known: dict[str, list[int]] = {}
    found = select(Chunk.fingerprint, Chunk.id).where(Chunk.document_id == document_id)
    for fingerprint, chunk_id in db.session.execute(found.order_by(Chunk.id.desc())):
        known.setdefault(fingerprint, []).append(chunk_id)
    return known


def embed_pending(source_id: int, encode: Encode, limit: int = 64, *, is_live: bool = True) -> int:
    """Make the source's next `limit` chunks findable, or only ready to be; 0 when all are.

    Safe to repeat: what a chunk needs is written in one transaction, and only for chunks without it.
    """
    chunks = _pending(source_id, limit)
    by_language: dict[str, list[_Indexed]] = {}
    for chunk in chunks:
        by_language.setdefault(chunk.language, []).append(chunk)
    for code, group in by_language.items():
        _add_terms(group, code)
    if chunks:
        model = serving_model()
        _add_vectors(chunks, encode, model)
        while (serving := held_model()) != model:
            model = serving
            _add_vectors(chunks, encode, model)
        _write(chunks, is_live)
    return len(chunks)


def count_pending(source_id: int) -> int:
    return int(db.session.execute(_COUNT_PENDING, {"source_id": source_id}).scalar_one())


def count_chunks(source_id: int, revision: int = 0) -> int:
    """Of this revision on."""
    of_source = (
        select(func.count()).select_from(Chunk).join(Document, Document.id == Chunk.document_id)
    )
    wanted = of_source.where(Document.source_id == source_id, Chunk.revision >= revision)
    return int(db.session.execute(wanted).scalar_one())


@dataclass(slots=True)
class _Indexed:
    id: int
    language: str
    title: str
    heading: str
    question: str
    text: str
    sentences: list[tuple[int, str]]  # position and text
    terms: list[str] = field(default_factory=list)
    sentence_terms: list[list[str]] = field(default_factory=list)
    vector: str = ""
    sentence_vectors: tuple[str, ...] = ()


def _row(document_id: int, position: int, draft: ChunkDraft, revision: int) -> dict[str, Any]:
    said = "\x1f".join((draft.kind, draft.heading, draft.question, draft.text))
    return {
        "document_id": document_id,
        "revision": revision,
        "fingerprint": hashlib.blake2b(said.encode(), digest_size=16).hexdigest(),
        "position": position,
        "kind": draft.kind,
        "heading": draft.heading,
        "question": draft.question,
        "text": draft.text,
        "page": draft.page,
        "anchor": draft.anchor,
    }


_PENDING_FROM = """
      FROM documents AS d
      JOIN chunks AS c ON c.business_id = d.business_id AND c.document_id = d.id
     WHERE d.business_id = current_setting('app.business_id')::bigint
       AND d.source_id = :source_id
       AND NOT EXISTS (SELECT FROM chunk_vectors AS v
                        WHERE v.business_id = c.business_id AND v.chunk_id = c.id)"""
_COUNT_PENDING = text(f"SELECT count(*) {_PENDING_FROM}")
_PENDING = text(
    f"SELECT c.id, d.language, d.title, c.heading, c.question, c.text {_PENDING_FROM}"
    " ORDER BY c.document_id, c.position LIMIT :limit"
)


def _pending(source_id: int, limit: int) -> list[_Indexed]:
    rows = db.session.execute(_PENDING, {"source_id": source_id, "limit": limit}).all()
    return [_Indexed(**row._mapping, sentences=_numbered(row.question, row.text)) for row in rows]


def _numbered(question: str, body: str) -> list[tuple[int, str]]:
    found = list(enumerate(sentences.split(body)[:MAX_SENTENCES], start=1))
    return [(0, question), *found] if question else found


def _add_terms(chunks: list[_Indexed], code: str) -> None:
    """One round trip for the words of all of them."""
    texts = [piece for chunk in chunks for piece in (chunk.heading, chunk.question, chunk.text)]
    texts += [piece for chunk in chunks for _position, piece in chunk.sentences]
    found = iter(terms_of(texts, code))
    for chunk in chunks:
        chunk.terms = [term for piece in islice(found, 3) for term in piece]
    for chunk in chunks:
        chunk.sentence_terms = [sorted(set(terms)) for terms in islice(found, len(chunk.sentences))]


def _add_vectors(chunks: list[_Indexed], encode: Encode, model: str) -> None:
    texts = [passage_text(chunk.heading, chunk.question, chunk.text) for chunk in chunks]
    texts += [
        sentence_text(chunk.heading, piece) for chunk in chunks for _at, piece in chunk.sentences
    ]
    vectors = iter(halfvec_texts(encode(texts, model)))
    for chunk in chunks:
        chunk.vector = next(vectors)
    for chunk in chunks:
        chunk.sentence_vectors = tuple(islice(vectors, len(chunk.sentences)))


def passage_text(heading: str, question: str, body: str) -> str:
    """What a chunk's vector stands for."""
    return "\n".join(part for part in (heading, question, body) if part)


def sentence_text(heading: str, sentence: str) -> str:
    """Under its headings "Free above £50" says what is free. A long path would drown the sentence."""
    if len(heading) > LONG_HEADING:
        heading = heading.rpartition(SEPARATOR)[2]
    return f"{heading}: {sentence}" if heading else sentence


def halfvec_texts(vectors: "np.ndarray[Any, Any]") -> list[str]:
    """pgvector's text form; five digits are what a half float holds."""
    return [f"[{','.join(map(str, row))}]" for row in vectors.astype("float64").round(5).tolist()]


_INSERT_VECTORS = text("""
    INSERT INTO chunk_vectors (chunk_id, reading, term_count, embedding, is_live)
    SELECT id, reading, term_count, embedding::halfvec, :is_live
      FROM unnest(CAST(:ids AS bigint[]), CAST(:readings AS smallint[]),
                  CAST(:term_counts AS int[]), CAST(:vectors AS text[]))
           AS new (id, reading, term_count, embedding)""")
_INSERT_SENTENCES = text("""
    INSERT INTO sentences (chunk_id, position, text, terms, embedding)
    SELECT chunk_id, position, body, string_to_array(terms, ' '), embedding::halfvec
      FROM unnest(CAST(:ids AS bigint[]), CAST(:positions AS smallint[]), CAST(:texts AS text[]),
                  CAST(:terms AS text[]), CAST(:vectors AS text[]))
           AS new (chunk_id, position, body, terms, embedding)""")
_INSERT_POSTINGS = text("""
    INSERT INTO postings (chunk_id, term, frequency)
    SELECT chunk_id, term, frequency
      FROM unnest(CAST(:ids AS bigint[]), CAST(:terms AS text[]), CAST(:frequencies AS smallint[]))
           AS new (chunk_id, term, frequency)""")


def _write(chunks: list[_Indexed], is_live: bool) -> None:
    _write_postings(chunks)
    _write_sentences(chunks)
    db.session.execute(
        _INSERT_VECTORS,
        {
            "ids": [chunk.id for chunk in chunks],
            "readings": [int(language.reading(chunk.text, chunk.language)) for chunk in chunks],
            "term_counts": [len(chunk.terms) for chunk in chunks],
            "vectors": [chunk.vector for chunk in chunks],
            "is_live": is_live,
        },
    )


def _write_sentences(chunks: list[_Indexed]) -> None:
    rows = [
        (chunk.id, position, body, " ".join(terms), vector)
        for chunk in chunks
        for (position, body), terms, vector in zip(
            chunk.sentences, chunk.sentence_terms, chunk.sentence_vectors, strict=True
        )
    ]
    names = ("ids", "positions", "texts", "terms", "vectors")
    db.session.execute(_INSERT_SENTENCES, _columns(names, rows))


def _write_postings(chunks: list[_Indexed]) -> None:
    rows = [
        (chunk.id, term, frequency)
        for chunk in chunks
        for term, frequency in Counter(chunk.terms).items()
    ]
    db.session.execute(_INSERT_POSTINGS, _columns(("ids", "terms", "frequencies"), rows))


def _columns(names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> dict[str, list[Any]]:
    return {name: [row[index] for row in rows] for index, name in enumerate(names)}
