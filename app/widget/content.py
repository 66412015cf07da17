"""What the chat shows of the business's knowledge: questions to begin with, and the passage behind a link."""

from dataclasses import dataclass

from sqlalchemy import func, select

from app.channels.website import WebsiteSettings
from app.core import tenancy
from app.extensions import db
from app.knowledge.models import Chunk

MAX_ID = 2**63 - 1
SUGGESTIONS = 4
MAX_SUGGESTION_CHARACTERS = 70  # two lines on a phone


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk between its neighbours, which may be empty."""

    chunk: Chunk
    before: str
    after: str


def questions(settings: WebsiteSettings) -> list[str]:
    """To begin with: the owner's choice, or of the knowledge."""
    if settings.questions_from == "knowledge":
        return suggested_questions()
    return settings.questions if settings.questions_from == "own" else []


def suggested_questions() -> list[str]:
    """The owner's own questions, oldest first: they were the first that came to mind."""
    short = func.length(Chunk.question).between(1, MAX_SUGGESTION_CHARACTERS)
    query = (
        select(Chunk.question)
        .where(Chunk.kind == "qa", short)
        .group_by(Chunk.question)
        .order_by(func.min(Chunk.id))
        .limit(SUGGESTIONS)
    )
    return list(db.session.scalars(query))


def passage(chunk_id: int) -> Passage | None:
    key = (tenancy.current_business_id(), min(chunk_id, MAX_ID))
    chunk = db.session.get(Chunk, key)
    if chunk is None:
        return None
    return Passage(chunk, _text_at(chunk, -1), _text_at(chunk, +1))


def _text_at(chunk: Chunk, distance: int) -> str:
    """A question and its answer stands alone: its neighbours are other matters."""
    if chunk.kind == "qa":
        return ""
    query = select(Chunk.text).where(
        Chunk.document_id == chunk.document_id,
        Chunk.position == chunk.position + distance,
        Chunk.kind == "prose",
    )
    return db.session.scalar(query) or ""
