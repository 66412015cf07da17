"""Teaching the assistant: adding sources, changing them, taking them away. learning.py reads them."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from flask_babel import gettext as _
from sqlalchemy import delete, func, literal, select
from sqlalchemy.dialects.postgresql import insert

from app.accounts.models import User
from app.core import realtime, storage, tenancy
from app.core.errors import Conflict, Invalid
from app.core.jobs import enqueue
from app.core.preparing import PREPARED
from app.extensions import db
from app.knowledge import cases, checking, learning, tuning
from app.knowledge.models import Chunk, ChunkCitation, RegressionCase, Source
from app.knowledge.parsing.detect import KINDS
from app.knowledge.parsing.errors import SUPPORTED
from app.knowledge.parsing.limits import MAX_FILE_BYTES

MAX_QUESTION_CHARACTERS = 500
MAX_ANSWER_CHARACTERS = 5000


def add_file(stream: IO[bytes], name: str, by: User | None, *, read_now: bool = False) -> Source:
    """Keep an uploaded file and have it read. The same bytes again give the same source.

    With `read_now` no job is asked for: the caller reads it at once.

    Raises Invalid for a file that can't be knowledge.
    """
    source, is_new = take_file(stream, name, by)
    return ask_to_read(source) if is_new and not read_now else source


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
        ask_to_read(source)
    return Taken(source.name, source, is_new)


def take_file(stream: IO[bytes], name: str, by: User | None) -> tuple[Source, bool]:
    """Keep it without reading it yet. False for bytes that are known. Raises Invalid."""
    name = _clean_name(name)
    if Path(name).suffix.lower() not in KINDS:
        raise Invalid(
            _(
                "“%(name)s” is not a kind of file that can be read. Use %(supported)s.",
                name=name,
                supported=SUPPORTED,
            ),
            code="unsupported",
        )
    sha256, length = storage.digest(stream)
    if length == 0:
        raise Invalid(_("“%(name)s” is empty.", name=name), code="empty")
    if length > MAX_FILE_BYTES:
        raise Invalid(
            _(
                "“%(name)s” is larger than %(value)s MB. Split it, or upload the parts that customers ask about.",
                name=name,
                value=MAX_FILE_BYTES // 1024 // 1024,
            ),
            code="too_large",
        )
    one_at_a_time(sha256)
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
    one_at_a_time(question)
    same = select(Source).where(Source.question == question, Source.answer == answer)
    existing = db.session.scalar(same.limit(1))
    return existing or ask_to_read(_new_question(question, answer, by))


def change_question(source: Source, question: str, answer: str) -> None:
    """The old words stop being quoted at once; the new ones follow when they are embedded."""
    _reword(source, *_clean_question(question, answer))
    ask_to_read(source)


def correct(question: str, answer: str, by: User, message_id: int | None = None) -> RegressionCase:
    """Teach the right answer, have the question asked again with it, and keep it as a case.

    The owner's earlier answer to the same question gives place to this one. Raises Invalid.
    """
    question, answer = _clean_question(question, answer)
    one_at_a_time(question)
    same = select(Source).where(Source.question == question).order_by(Source.id.desc())
    source = db.session.scalar(same.limit(1)) or _new_question(question, answer, by)
    if source.answer != answer:
        _reword(source, question, answer)
    if source.status != "ready":
        _begin(source)
    case = cases.keep(source, by, message_id)
    enqueue("knowledge.correct", case.id, source.id, source.revision)
    checking.announce()
    return case


def _new_question(question: str, answer: str, by: User | None) -> Source:
    source = Source(
        kind="qa",
        name=question,
        question=question,
        answer=answer,
        created_by=by.id if by else None,
    )
    db.session.add(source)
    return source


def _reword(source: Source, question: str, answer: str) -> None:
    old_answer = source.answer or ""
    source.name = source.question = question
    source.answer, source.status = answer, "waiting"
    cases.follow(source, old_answer)
    learning.forget_documents(source)


def note_citations(message_id: int, chunk_ids: Iterable[int]) -> None:
    """An answer to a visitor quoted these; one that is gone by now is left out."""
    found = select(Chunk.id, literal(message_id)).where(Chunk.id.in_(set(chunk_ids)))
    db.session.execute(
        insert(ChunkCitation)
        .from_select(["chunk_id", "message_id"], found, include_defaults=False)
        .on_conflict_do_nothing()
        .execution_options(**PREPARED)
    )


def read_again(source: Source) -> None:
    ask_to_read(source)


def remove(source: Source) -> None:
    """With everything read from it: answers stop quoting it at once."""
    file_id = source.file_id
    cases.let_go(source)
    db.session.delete(source)
    db.session.flush()
    if file_id is not None:
        db.session.execute(delete(storage.File).where(storage.File.id == file_id))
    tuning.keep_up()
    learning.announce(source)
    realtime.publish(f"business:{tenancy.current_business_id()}", name="sources")
    checking.start(anew=True)


def publish(source: Source) -> None:
    """A held source goes live although a regression case turns red by it."""
    _only_held(source)
    learning.go_live(source, checked=False)
    checking.start(anew=True)


def discard(source: Source) -> None:
    """What was held is dropped; what was live before stays. Nothing of a new source is left then."""
    _only_held(source)
    learning.drop_staged(source)
    if source.total_count == 0:
        remove(source)
    else:
        learning.move(source, "ready")


def _only_held(source: Source) -> None:
    db.session.refresh(source, with_for_update=True)
    if source.status != "held":
        raise Conflict(_("This isn’t waiting for you any more. Somebody else has decided."))


def ask_to_read(source: Source) -> Source:
    _begin(source)
    reader = "knowledge.sync" if source.kind == "website" else "knowledge.read"
    enqueue(reader, source.id, source.revision, queue="bulk")
    return source


def _begin(source: Source) -> None:
    """Whoever read an older revision stops."""
    source.revision = (source.revision or 0) + 1
    source.done_count = source.total_count = 0
    learning.move(source, "waiting")


def one_at_a_time(content: str) -> None:
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
        raise Invalid(_("Write both the question and its answer."), code="empty")
    if len(question) > MAX_QUESTION_CHARACTERS or len(answer) > MAX_ANSWER_CHARACTERS:
        raise Invalid(
            _(
                "A question may have %(most)s characters and its answer %(most2)s.",
                most=f"{MAX_QUESTION_CHARACTERS:,}",
                most2=f"{MAX_ANSWER_CHARACTERS:,}",
            ),
            code="too_long",
        )
    return question, answer
