"""From a passage to the conversations in which it was cited."""

from flask import Blueprint, Response, abort
from sqlalchemy import select

from app.conversations import citing
from app.core import web
from app.core.access import Permission, requires
from app.extensions import db
from app.knowledge.models import MAX_ID, Chunk, ChunkCitation

citations = Blueprint("citations", __name__)

NEWEST = 10  # answers


@citations.get("/<int:chunk_id>/conversations")
@requires(Permission.INBOX_READ)
def show(chunk_id: int) -> Response:
    chunk = _chunk_or_404(chunk_id)
    newest = (
        select(ChunkCitation.message_id)
        .where(ChunkCitation.chunk_id == chunk.id)
        .order_by(ChunkCitation.message_id.desc())
        .limit(NEWEST)
    )
    return web.page_or_fragment(
        "knowledge/citations.html", "knowledge/_citations.html",
        chunk=chunk,
        citations=citing.of_messages(db.session.scalars(newest).all()),
        newest=NEWEST,
    )  # fmt: skip


def _chunk_or_404(chunk_id: int) -> Chunk:
    if chunk_id > MAX_ID:
        abort(404)
    return db.session.scalar(select(Chunk).where(Chunk.id == chunk_id)) or abort(404)
