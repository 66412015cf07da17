"""Files at their worst, and imports that are disturbed: nothing half-read stays, nothing is doubled."""

import io
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from pypdf import PdfWriter
from sqlalchemy import func, select

from app.core.storage import File
from app.core.tenancy import business_scope
from app.core.unit_of_work import unit_of_work
from app.extensions import db
from app.knowledge import learning, services
from app.knowledge.models import Chunk, ChunkVector, Document, Posting, Sentence, Source
from tests.conftest import Cast
from tests.knowledge.parsing.conftest import make_pdf, make_scan, make_zip

Run = Callable[[], int]
TEXT = b"\n\n".join(
    b"Paragraph %d is about roses. " % number + b"They need six hours of sun. " * 15
    for number in range(6)
)


@pytest.fixture(autouse=True)
def scope(context: None, cast: Cast) -> Iterator[None]:
    with cast.scope():
        yield
        db.session.rollback()


def upload(data: bytes, name: str) -> int:
    with unit_of_work():
        return services.add_file(io.BytesIO(data), name, None).id


def source() -> Source:
    db.session.rollback()
    return db.session.scalars(select(Source).order_by(Source.id)).one()


def count(table: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def pdf_of_blank_pages(pages: int) -> bytes:
    writer = PdfWriter()
    for _page in range(pages):
        writer.add_blank_page(100, 100)
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


@pytest.mark.parametrize(
    ("data", "name", "told"),
    [
        (lambda: pdf_of_blank_pages(10_000), "long.pdf", "more than 2,000 pages"),
        (make_scan, "scan.pdf", "OCR"),
        (lambda: make_pdf([[]]), "blank.pdf", "no text"),
        (lambda: b"%PDF-1.7\n" + b"\xfe\x01" * 500 + b"%%EOF", "odd.pdf", ""),
        (lambda: make_zip({"a.txt": b"x"}), "renamed.docx", ""),
    ],
)
def test_a_bad_file_fails_with_a_reason_and_leaves_nothing(
    run_jobs: Run, data: Callable[[], bytes], name: str, told: str
) -> None:
    upload(data(), name)
    run_jobs()
    failed = source()
    assert failed.status == "failed"
    assert told in (failed.error or "")
    assert failed.error
    assert count(Chunk) == count(Document) == 0


def test_a_ragged_csv_is_read_row_by_row(run_jobs: Run) -> None:
    upload(b"Plant,Price,Height\nRose,5\nFern,7,30 cm,in a pot\n,,\nOak\n", "plants.csv")
    run_jobs()
    assert source().status == "ready"
    text = "\n".join(db.session.scalars(select(Chunk.text)))
    for words in ("Rose", "Price: 5", "Fern", "Height: 30 cm", "in a pot", "Oak"):
        assert words in text


def test_pages_that_are_pictures_are_told_of_a_file_that_was_read(run_jobs: Run) -> None:
    from pypdf import PdfReader

    writer = PdfWriter()
    for part in (make_pdf([[(10, 700, "We open at nine on every day.")]]), *[make_scan()] * 3):
        writer.append(PdfReader(io.BytesIO(part)))
    output = io.BytesIO()
    writer.write(output)
    upload(output.getvalue(), "mixed.pdf")
    run_jobs()
    read = source()
    assert read.status == "ready"
    assert read.notice == "3 of 4 pages are pictures of text and could not be read."


def test_two_members_who_import_the_same_file_at_once_make_one_source(
    app: Flask, cast: Cast, run_jobs: Run
) -> None:
    together, ids, problems = threading.Barrier(2), [], []

    def member() -> None:
        try:
            with app.app_context(), business_scope(cast.business_id), unit_of_work():
                together.wait(10)
                ids.append(services.add_file(io.BytesIO(TEXT), "roses.txt", None).id)
        except Exception as problem:
            problems.append(problem)

    members = [threading.Thread(target=member) for _each in range(2)]
    for each in members:
        each.start()
    for each in members:
        each.join(30)
    assert problems == []
    assert len(ids) == 2
    assert ids[0] == ids[1]
    run_jobs()
    assert source().status == "ready"
    assert count(File) == 1


@pytest.mark.parametrize("at", ["read_in_child", "encode_many"])
def test_a_source_that_is_deleted_while_it_is_imported_is_gone_for_good(
    app: Flask, cast: Cast, run_jobs: Run, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    source_id = upload(TEXT, "roses.txt")
    original = getattr(learning, at)

    def delete_meanwhile(*args: Any, **kwargs: Any) -> Any:
        thread = threading.Thread(target=_delete, args=(app, cast, source_id))
        if at == "read_in_child":
            thread.start()
            thread.join(30)
        else:
            db.session.commit()  # as between two batches
            thread.start()
            thread.join(30)
        return original(*args, **kwargs)

    monkeypatch.setattr(learning, at, delete_meanwhile)
    run_jobs()
    db.session.rollback()
    assert [count(table) for table in (Source, Document, Chunk, ChunkVector, Posting)] == [0] * 5
    assert count(File) == 0


def _delete(app: Flask, cast: Cast, source_id: int) -> None:
    with app.app_context(), business_scope(cast.business_id), unit_of_work():
        found = Source.by_id(source_id)
        if found is not None:
            services.remove(found)


class Killed(BaseException):
    """As the process's end: nobody catches it, nothing is written for it."""


def test_an_import_that_is_killed_in_the_middle_goes_on_and_doubles_nothing(
    run_jobs: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    source_id = upload(TEXT, "roses.txt")
    monkeypatch.setattr(learning, "EMBED_BATCH", 1)
    original, calls = learning.encode_many, []

    def killed_at_the_third(*args: Any, **kwargs: Any) -> Any:
        calls.append(1)
        if len(calls) == 3:
            raise Killed
        return original(*args, **kwargs)

    monkeypatch.setattr(learning, "encode_many", killed_at_the_third)
    with pytest.raises(Killed):
        learning.read(source_id, 1)
    db.session.rollback()
    half = count(ChunkVector)
    assert half == 2
    with unit_of_work():
        learning.read(source_id, 1)
    whole = source()
    assert whole.status == "ready"
    assert whole.total_count == count(Chunk) == count(ChunkVector) > half
    texts = db.session.scalars(select(Chunk.text)).all()
    assert len(set(texts)) == len(texts)
    assert len(calls) == 3 + whole.total_count - half
    positions = db.session.execute(select(Sentence.chunk_id, Sentence.position)).all()
    assert len(set(positions)) == len(positions)
