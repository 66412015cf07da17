"""Teaching the assistant: adding sources, reading them, embedding them, taking them away."""

import logging
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sqlalchemy import delete, func, select

from app.accounts.models import User
from app.core import realtime, storage, tenancy, unit_of_work
from app.core.db import now
from app.core.errors import Invalid
from app.core.jobs import enqueue
from app.extensions import db
from app.knowledge import indexing
from app.knowledge.blocks import Block, ParsedDocument
from app.knowledge.chunking import chunk
from app.knowledge.embeddings.current import encode_many
from app.knowledge.models import Document, Source
from app.knowledge.parsing import UnreadableFile, read_in_child
from app.knowledge.parsing.detect import KINDS
from app.knowledge.parsing.errors import SUPPORTED
from app.knowledge.parsing.limits import MAX_FILE_BYTES

logger = logging.getLogger(__name__)

MAX_QUESTION_CHARACTERS = 500
MAX_ANSWER_CHARACTERS = 5000
EMBED_BATCH = 32  # chunks between two commits: progress moves, a restart repeats little


def add_file(stream: IO[bytes], name: str, by: User | None, *, read_now: bool = False) -> Source:
    """Keep an uploaded file and have it read. The same bytes again give the same source.

    With `read_now` no job is asked for: the caller reads it at once.

    Raises Invalid for a file that can't be knowledge.
    """
    source, is_new = take_file(stream, name, by)
    return _ask_to_read(source) if is_new and not read_now else source


def add_files(files: Iterable[tuple[str, IO[bytes]]], by: User | None) -> list["Taken"]:
    """Several at once, as (name, stream): a refused one is named with its reason, the others stay."""
    return [_take(name, stream, by) for name, stream in files]


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one uploaded file."""

    name: str
    source: Source | None = None
    is_new: bool = False
    problem: str = ""


def _take(name: str, stream: IO[bytes], by: User | None) -> Taken:
    try:
        source, is_new = take_file(stream, name, by)
    except Invalid as refusal:
        return Taken(_clean_name(name), problem=refusal.message)
    if is_new:
        _ask_to_read(source)
    return Taken(source.name, source, is_new)


def take_file(stream: IO[bytes], name: str, by: User | None) -> tuple[Source, bool]:
    """Keep it without reading it yet. False for bytes that are known. Raises Invalid."""
    name = _clean_name(name)
    if Path(name).suffix.lower() not in KINDS:
        raise Invalid(
            f"“{name}” is not a kind of file that can be read. Use {SUPPORTED}.",
            code="unsupported",
        )
    sha256, length = storage.digest(stream)
    if length == 0:
        raise Invalid(f"“{name}” is empty.", code="empty")
    if length > MAX_FILE_BYTES:
        raise Invalid(
            f"“{name}” is larger than {MAX_FILE_BYTES // 1024 // 1024} MB. "
            "Split it, or upload the parts that customers ask about.",
            code="too_large",
        )
    _one_at_a_time(sha256)
    existing = db.session.scalar(select(Source).where(Source.sha256 == sha256))
    if existing:
        return existing, False
    file = storage.store(stream, name, sha256, length)
    source = Source(
        kind="file", name=name, sha256=sha256, file_id=file.id, created_by=by.id if by else None
    )
    db.session.add(source)
    db.session.flush()
    return source, True


def add_question(question: str, answer: str, by: User | None) -> Source:
    """A question with the owner's own answer; the same words again give the same source.

    Raises Invalid with what is wrong.
    """
    question, answer = _clean_question(question, answer)
    _one_at_a_time(question)
    same = select(Source).where(Source.question == question, Source.answer == answer)
    existing = db.session.scalar(same.limit(1))
    if existing:
        return existing
    source = Source(
        kind="qa",
        name=question,
        question=question,
        answer=answer,
        created_by=by.id if by else None,
    )
    db.session.add(source)
    return _ask_to_read(source)


def change_question(source: Source, question: str, answer: str) -> None:
    """The old words stop being quoted at once; the new ones follow when they are embedded."""
    source.question, source.answer = _clean_question(question, answer)
    source.name = source.question
    forget_documents(source)
    _ask_to_read(source)


def read_again(source: Source) -> None:
    _ask_to_read(source)


def remove(source: Source) -> None:
    """With everything read from it: answers stop quoting it at once."""
    file_id = source.file_id
    db.session.delete(source)
    db.session.flush()
    if file_id is not None:
        db.session.execute(delete(storage.File).where(storage.File.id == file_id))
    _announce(source)
    realtime.publish(f"business:{tenancy.current_business_id()}", name="sources")


def read(source_id: int, revision: int) -> None:
    """Parse, chunk and embed one source, committing as it goes. Safe to run again at any point.

    Every step begins by finding the source at this revision: once it is removed or changed, nothing
    more is written for the old one.
    """
    source = _find(source_id, revision)
    if source is None:
        return
    _move(source, "reading")
    unit_of_work.commit()
    try:
        parsed = _parsed(source)
    except UnreadableFile as problem:
        _refuse(source_id, revision, problem.message)
        return
    if _store(source_id, revision, parsed):
        _embed(source_id, revision)


def fail(source_id: int, revision: int, _reason: str) -> None:
    """Given up after several tries: nothing half-read stays, and the owner sees it."""
    source = _find(source_id, revision)
    if source is not None:
        forget_documents(source)
        _move(
            source,
            "failed",
            error="Something went wrong on our side while reading this. Nothing was lost: press Retry.",
        )


def forget_documents(source: Source) -> None:
    db.session.execute(delete(Document).where(Document.source_id == source.id))


def _store(source_id: int, revision: int, parsed: ParsedDocument) -> bool:
    source = _find(source_id, revision)
    if source is None:
        return False
    forget_documents(source)
    document = Document(
        source_id=source.id,
        title=parsed.title or source.name,
        language=indexing.language_of(parsed),
    )
    db.session.add(document)
    db.session.flush()
    count = indexing.store(document, chunk(parsed))
    if not count:
        _refuse(source_id, revision, "There is no text in this that an answer could quote.")
        return False
    source.done_count, source.total_count = 0, count
    _move(source, "embedding")
    unit_of_work.commit()
    return True


def _embed(source_id: int, revision: int) -> None:
    while done := indexing.embed_pending(source_id, encode_many, EMBED_BATCH):
        source = _find(source_id, revision)
        if source is None:
            unit_of_work.rollback()
            return
        source.done_count = min(source.done_count + done, source.total_count)
        _announce(source)
        unit_of_work.commit()
    source = _find(source_id, revision)
    if source is not None:
        source.done_count = source.total_count
        source.ready_at = now()
        _move(source, "ready")


def _parsed(source: Source) -> ParsedDocument:
    if source.kind == "qa":
        question, answer = source.question or "", source.answer or ""
        return ParsedDocument(title=question, blocks=[Block("qa", answer, question=question)])
    name = source.name
    file = db.session.get_one(storage.File, (tenancy.current_business_id(), source.file_id))
    with tempfile.TemporaryDirectory(prefix="frontdesk-") as folder:
        path = Path(folder) / ("upload" + Path(name).suffix.lower())
        file.write_to(path)
        unit_of_work.commit()  # no transaction is open while the child reads
        return read_in_child(path, name)


def _refuse(source_id: int, revision: int, message: str) -> None:
    source = _find(source_id, revision)
    if source is not None:
        forget_documents(source)
        _move(source, "failed", error=message)


def _ask_to_read(source: Source) -> Source:
    source.revision = (source.revision or 0) + 1
    source.done_count = source.total_count = 0
    _move(source, "waiting")
    enqueue("knowledge.read", source.id, source.revision, queue="bulk")
    return source


def _move(source: Source, status: str, error: str | None = None) -> None:
    source.status, source.error = status, error
    db.session.flush()
    _announce(source)


def _announce(source: Source) -> None:
    members = f"business:{tenancy.current_business_id()}"
    realtime.publish(members, name=f"source-{source.id}")
    if source.status in ("waiting", "ready", "failed"):
        realtime.publish(members, name="sources")


def _find(source_id: int, revision: int) -> Source | None:
    """Locked until the next commit; None when it was removed or changed meanwhile."""
    return db.session.scalar(
        select(Source)
        .where(Source.id == source_id, Source.revision == revision)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def _one_at_a_time(content: str) -> None:
    """Until the transaction ends: the second of two equal submits waits, then finds the first's row."""
    of_business = f"{tenancy.current_business_id()} {content}"
    db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(of_business, 0))))


def _clean_name(name: str) -> str:
    """The file's own name, without a path, control characters or more than fits a line."""
    name = name.replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(c for c in name if c.isprintable()).strip()
    stem, suffix = Path(name).stem[:150], Path(name).suffix[:10]
    return f"{stem}{suffix}" or "file"


def _clean_question(question: str, answer: str) -> tuple[str, str]:
    question = " ".join(question.replace("\x00", "").split())
    answer = answer.replace("\x00", "").strip()
    if not question or not answer:
        raise Invalid("Write both the question and its answer.", code="empty")
    if len(question) > MAX_QUESTION_CHARACTERS or len(answer) > MAX_ANSWER_CHARACTERS:
        raise Invalid(
            f"A question may have {MAX_QUESTION_CHARACTERS:,} characters and its answer "
            f"{MAX_ANSWER_CHARACTERS:,}.",
            code="too_long",
        )
    return question, answer
