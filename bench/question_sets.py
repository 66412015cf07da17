"""The project's own question sets, and a scratch installation that knows what they ask about.

bench/questions/*.jsonl, written for this project: `encyclopaedia` (five paragraphs on each of six subjects), `faq`
(forty entries), `guests` (two restaurants' and hotels' entries and reviews, each house a business), `offices` (long
prose of a public office), `languages` (ten of them), `unanswerable` (near each set, yet not in it), `small_talk`.
"""

import atexit
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask

ROOT = Path(__file__).resolve().parents[1]
QUESTIONS = ROOT / "bench" / "questions"
ANSWERABLE = ("encyclopaedia", "faq", "guests", "offices", "languages")


@dataclass(frozen=True)
class Asked:
    question: str
    passage: str  # the text that answers it, or "" where none does
    fact: str = ""  # what the answer must contain, where that is one expression


@dataclass
class House:
    """What one business knows and is asked."""

    set: str
    name: str
    business_id: int = 0
    rows: list[dict[str, str]] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)


def read() -> list[House]:
    houses: dict[tuple[str, str], House] = {}
    for name in ANSWERABLE:
        for row in lines(name):
            house = houses.setdefault(
                (name, row["business"]), House(f"{name} {row['business']}"[:20], row["business"])
            )
            house.set = name if name != "languages" else row["business"]
            house.rows.append(row)
            house.asked += [
                Asked(asked["question"], row["text"], asked.get("fact", ""))
                for asked in row["asked"]
            ]
    return list(houses.values())


def lines(name: str) -> list[dict]:
    return [json.loads(line) for line in (QUESTIONS / f"{name}.jsonl").read_text().splitlines()]


@contextmanager
def scratch(kept: Path | None = None) -> Iterator[Flask]:
    """An app on servers and data of its own, gone when the process ends unless a folder is given."""
    if kept is None:
        folder = tempfile.mkdtemp(prefix="frontdesk-bench-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)  # after the servers have stopped
    else:
        folder = str(kept)
        kept.mkdir(parents=True, exist_ok=True)
    Path(folder).chmod(0o755)  # as root, the embedded Postgres runs as a user of its own
    for variable in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(variable, None)
    os.environ["FRONTDESK_DATA_DIR"] = folder
    os.environ.setdefault("EMBEDDING_DIR", str(ROOT / ".data" / "embedding"))
    from flask_migrate import upgrade

    from app import create_app
    from app.knowledge import embeddings

    app = create_app()
    with app.app_context():
        embeddings.build(app.config["EMBEDDING_DIR"])
        upgrade(directory=str(ROOT / "migrations"))
        yield app


COPIES = (  # as other pages of a website carry the same passage
    "{text}",
    "Back to the overview. {text}",
)


def teach(houses: list[House], *, copied: bool = False) -> None:
    """Give each house a business with its passages, every one a document of its own.

    With `copied` each prose stands on two further pages, once word by word, once with a line around it.
    """
    from app.core.tenancy import business_scope
    from app.core.unit_of_work import unit_of_work
    from app.frontdesk.opening import open_business

    for number, house in enumerate(houses):
        with unit_of_work():
            slug = f"house-{number}-copied" if copied else f"house-{number}"
            house.business_id = open_business(house.name, None, slug).id
        with business_scope(house.business_id), unit_of_work():
            _teach(house, _copied(house.rows) if copied else house.rows)


def _copied(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """Of a question-and-answer the page has the answer, as prose under the question."""
    made = list(rows)
    for row in rows:
        heading = row.get("question") or row.get("heading", "")
        for form in COPIES:
            made.append({"heading": heading, "text": form.format(text=row["text"])})
    return made


def _teach(house: House, rows: list[dict[str, str]]) -> None:
    from app.extensions import db
    from app.knowledge import indexing
    from app.knowledge.blocks import Block, ParsedDocument
    from app.knowledge.chunking import chunk
    from app.knowledge.embeddings.current import encode
    from app.knowledge.models import Document, Source

    source = Source(kind="file", name=house.name, status="ready")
    db.session.add(source)
    db.session.flush()
    for number, row in enumerate(rows):
        heading = [Block("heading", row["heading"], level=1)] if row.get("heading") else []
        asked = row.get("question", "")
        body = Block("qa" if asked else "paragraph", row["text"], question=asked)
        parsed = ParsedDocument(row.get("heading", ""), [*heading, body])
        document = Document(
            source_id=source.id,
            url=f"#{number}",  # a source has one document without
            title=parsed.title,
            language=indexing.language_of(parsed),
        )
        db.session.add(document)
        indexing.store(document, chunk(parsed))
    while indexing.embed_pending(source.id, encode):
        pass
