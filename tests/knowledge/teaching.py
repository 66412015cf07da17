"""Give a business knowledge, without files and queues."""

from collections.abc import Sequence

from app.extensions import db
from app.knowledge import indexing
from app.knowledge.blocks import Block, ParsedDocument
from app.knowledge.chunking import chunk
from app.knowledge.embeddings.current import encode
from app.knowledge.models import Document, Source


def paragraph(text: str) -> Block:
    return Block("paragraph", text)


def qa(question: str, answer: str) -> Block:
    return Block("qa", answer, question=question)


def store(title: str, blocks: Sequence[Block]) -> Source:
    """Written, but not embedded yet."""
    source = Source(kind="file", name=title, status="embedding")
    db.session.add(source)
    db.session.flush()
    parsed = ParsedDocument(title, list(blocks))
    document = Document(source_id=source.id, title=title, language=indexing.language_of(parsed))
    db.session.add(document)
    indexing.store(document, chunk(parsed))
    return source


def teach(title: str, *blocks: Block) -> Source:
    source = store(title, blocks)
    while indexing.embed_pending(source.id, encode):
        pass
    return source
