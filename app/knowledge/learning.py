"""From a source to passages that answers quote: read, store, embed, go live. Safe to run again at any point.

Reading a source again keeps each chunk whose text is the same, with its vector. New ones are staged and go
live together in one transaction, which takes the old ones away: until then these answer. Would a regression
case turn red by it, nothing changes and the source is held until the owner decides.

Every step begins by finding the source at its revision: once it is removed or changed, nothing more is
written for the old one.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import delete, select, text, update

from app.businesses import hours
from app.core import realtime, storage, tenancy, unit_of_work
from app.core.db import now
from app.extensions import db
from app.knowledge import cases, indexing, own_words, tuning
from app.knowledge.blocks import ParsedDocument
from app.knowledge.chunking import chunk
from app.knowledge.embeddings.current import encode, encode_many
from app.knowledge.models import Document, Source, WebPage
from app.knowledge.parsing import UnreadableFile, read_in_child
from app.knowledge.upkeep.asking import SOON, ask_within
from app.lib.marking import kept

EMBED_BATCH = 32  # chunks between two commits: progress moves, a restart repeats little
NO_TEXT = kept("There is no text in this that an answer could quote.")


def read(source_id: int, revision: int) -> None:
    """Everything for one source, committing as it goes."""
    source = find(source_id, revision)
    if source is None or retire(source):
        return
    move(source, "reading")
    unit_of_work.commit()
    try:
        parsed = _parsed(source)
    except UnreadableFile as problem:
        refuse(source_id, revision, problem.message)
        return
    if _store(source_id, revision, parsed) and embed(source_id, revision):
        source = find(source_id, revision)
        if source is not None:
            go_live(source)


def fail(source_id: int, revision: int, _reason: str) -> None:
    """Given up after several tries."""
    message = kept(
        "Something went wrong on our side while reading this. Nothing was lost: press Retry."
    )
    refuse(source_id, revision, message)


def refuse(source_id: int, revision: int, message: str) -> None:
    """Nothing half-read stays; what was live before goes on."""
    source = find(source_id, revision)
    if source is not None:
        drop_staged(source)
        move(source, "failed", error=message)


def forget_documents(source: Source) -> None:
    db.session.execute(delete(Document).where(Document.source_id == source.id))


def keep_document(source: Source, parsed: ParsedDocument, url: str | None = None) -> Document:
    """Write what was read, staged. Chunks whose text is the same stay as they are."""
    document = db.session.scalar(
        select(Document).where(
            Document.source_id == source.id, Document.url.is_not_distinct_from(url)
        )
    )
    language = indexing.language_of(parsed)
    if document is None:
        document = Document(source_id=source.id, url=url)
        db.session.add(document)
    elif document.language != language:  # other stems
        db.session.delete(document)
        db.session.flush()
        document = Document(source_id=source.id, url=url)
        db.session.add(document)
    document.title, document.language = parsed.title or source.name, language
    document.revision = source.revision
    indexing.store(document, chunk(parsed), source.revision)
    return document


def embed(source_id: int, revision: int) -> bool:
    """All that isn't embedded yet. False when the source is another by now."""
    while indexing.embed_pending(source_id, encode_many, EMBED_BATCH, is_live=False):
        source = find(source_id, revision)
        if source is None:
            unit_of_work.rollback()
            return False
        source.done_count = source.total_count - indexing.count_pending(source_id)
        announce(source)
        unit_of_work.commit()
    return True


# Each passage that goes live takes its place in a large business's index, which takes some 3 ms.
_PATIENCE = text("SELECT set_config('statement_timeout', '600000', true)")
_SUPERSEDED = text("""
    DELETE FROM chunks AS c USING documents AS d
     WHERE d.business_id = current_setting('app.business_id')::bigint AND d.source_id = :source_id
       AND c.business_id = d.business_id AND c.document_id = d.id AND c.revision < d.revision""")
_TURN_LIVE = text("""
    UPDATE chunk_vectors AS v SET is_live = true FROM chunks AS c, documents AS d
     WHERE d.business_id = current_setting('app.business_id')::bigint AND d.source_id = :source_id
       AND c.business_id = d.business_id AND c.document_id = d.id
       AND v.business_id = c.business_id AND v.chunk_id = c.id AND NOT v.is_live""")
_STAGED = text("""
    DELETE FROM chunks AS c USING documents AS d
     WHERE d.business_id = current_setting('app.business_id')::bigint AND d.source_id = :source_id
       AND c.business_id = d.business_id AND c.document_id = d.id
       AND NOT EXISTS (SELECT FROM chunk_vectors AS v
                        WHERE v.business_id = c.business_id AND v.chunk_id = c.id AND v.is_live)""")
_STAYS = text("""
    UPDATE chunks AS c SET revision = d.revision FROM documents AS d
     WHERE d.business_id = current_setting('app.business_id')::bigint AND d.source_id = :source_id
       AND c.business_id = d.business_id AND c.document_id = d.id AND c.revision < d.revision""")
_WITHOUT_CHUNKS = text("""
    DELETE FROM documents AS d
     WHERE d.business_id = current_setting('app.business_id')::bigint AND d.source_id = :source_id
       AND NOT EXISTS (SELECT FROM chunks AS c
                        WHERE c.business_id = d.business_id AND c.document_id = d.id)""")


def go_live(
    source: Source, *, checked: bool = True, also: Callable[[], None] = lambda: None
) -> bool:
    """Its staged text takes the place of the old, unless a regression case turns red by it; `also` is
    done with it or not at all. The source is locked. False when it is held.
    """

    def change() -> None:
        also()
        _swap(source.id)

    source.held = None
    if checked:
        source.held = cases.broken_by(change, encode) or None
    else:
        change()
    if source.held:
        move(source, "held")
        return False
    source.total_count = source.done_count = indexing.count_chunks(source.id)
    source.ready_at = now()
    move(source, "ready")
    tuning.keep_up()
    ask_within(SOON)
    return True


_RETIRE = text("""
    UPDATE chunk_vectors AS v SET is_live = false FROM chunks AS c, documents AS d
     WHERE d.business_id = current_setting('app.business_id')::bigint AND d.source_id = :source_id
       AND c.business_id = d.business_id AND c.document_id = d.id
       AND v.business_id = c.business_id AND v.chunk_id = c.id""")


def retire(source: Source) -> bool:
    """What was valid until a day that is over is quoted no more; its text and citations stay."""
    if source.valid_until is None or source.valid_until >= hours.today():
        return False
    source.revision += 1  # whoever reads it just now stops
    db.session.execute(_RETIRE, {"source_id": source.id})
    move(source, "expired")
    return True


def show(source: Source) -> None:
    """What was read so far answers already, unless a regression case turns red: that is for the end."""
    cases.broken_by(lambda: _swap(source.id), encode)


def drop_staged(source: Source) -> None:
    """What was live before goes on; the pages of a website that said otherwise are sent again next time."""
    db.session.execute(_STAGED, {"source_id": source.id})
    db.session.execute(_STAYS, {"source_id": source.id})
    of_run = WebPage.source_id == source.id, WebPage.revision == source.revision
    unknown = {"fingerprint": None, "etag": None, "last_modified": None}
    db.session.execute(update(WebPage).where(*of_run).values(unknown))
    db.session.execute(_WITHOUT_CHUNKS, {"source_id": source.id})
    source.held = None
    source.total_count = source.done_count = indexing.count_chunks(source.id)


def _swap(source_id: int) -> None:
    db.session.execute(_PATIENCE)
    for statement in (_SUPERSEDED, _TURN_LIVE, _WITHOUT_CHUNKS):
        db.session.execute(statement, {"source_id": source_id})


def _store(source_id: int, revision: int, parsed: ParsedDocument) -> bool:
    source = find(source_id, revision)
    if source is None:
        return False
    keep_document(source, parsed, own_words.url(source))
    source.notice = parsed.notice or None
    source.total_count = indexing.count_chunks(source.id, revision)
    if not source.total_count:
        refuse(source_id, revision, NO_TEXT)
        return False
    source.done_count = source.total_count - indexing.count_pending(source.id)
    move(source, "embedding")
    unit_of_work.commit()
    return True


def _parsed(source: Source) -> ParsedDocument:
    if source.file_id is None:
        return own_words.parsed(source)
    name = source.name
    file = db.session.get_one(storage.File, (tenancy.current_business_id(), source.file_id))
    with tempfile.TemporaryDirectory(prefix="frontdesk-") as folder:
        path = Path(folder) / ("upload" + Path(name).suffix.lower())
        file.write_to(path)
        unit_of_work.commit()  # no transaction is open while the child reads
        return read_in_child(path, name)


def move(source: Source, status: str, error: str | None = None) -> None:
    source.status, source.error = status, error
    db.session.flush()
    announce(source)


def announce(source: Source) -> None:
    members = f"business:{tenancy.current_business_id()}"
    realtime.publish(members, name=f"source-{source.id}")
    if source.status in ("waiting", "ready", "failed", "held", "expired"):
        realtime.publish(members, name="sources")


def find(source_id: int, revision: int) -> Source | None:
    """Locked until the next commit; None when it was removed or changed meanwhile."""
    return db.session.scalar(
        select(Source)
        .where(Source.id == source_id, Source.revision == revision)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
