"""What was read of a source: its documents, and each one's passages with how often they were cited."""

from typing import Any

from flask import Blueprint, Response, abort, request

from app.core import web
from app.core.access import Permission, requires
from app.knowledge import documents as reading
from app.knowledge.models import MAX_ID, Document, Source

documents = Blueprint("documents", __name__)

PASSAGES = 100  # to one page
DOCUMENTS = 50


@documents.get("/")
@requires(Permission.KNOWLEDGE_READ)
def index(source_id: int) -> Response:
    source = _source_or_404(source_id)
    return web.page_or_fragment(
        "knowledge/documents.html", "knowledge/_documents.html", source=source, **listed(source)
    )


@documents.get("/<int:document_id>")
@requires(Permission.KNOWLEDGE_READ)
def show(source_id: int, document_id: int) -> Response:
    source = _source_or_404(source_id)
    document = reading.by_id(source, document_id) or abort(404)
    return web.page_or_fragment(
        "knowledge/document.html", "knowledge/_passages.html", source=source, **passages(document)
    )


def listed(source: Source) -> dict[str, Any]:
    """A page of the source's documents, from behind the one that the request names."""
    found = reading.listed(source, _after("after_document", 0), DOCUMENTS + 1)
    return {"documents": found[:DOCUMENTS], "has_more_documents": len(found) > DOCUMENTS}


def only_one(source: Source) -> dict[str, Any]:
    """The passages of a source that has one document, or none yet."""
    document = reading.only_one(source)
    if document is None:
        return {"document": None, "passages": [], "has_more": False}
    return passages(document)


def passages(document: Document) -> dict[str, Any]:
    found = reading.passages(document, _after("after", -1), PASSAGES + 1)
    return {
        "document": document,
        "passages": found[:PASSAGES],
        "has_more": len(found) > PASSAGES,
    }


def _after(name: str, start: int) -> int:
    return max(start, min(request.args.get(name, start, type=int), MAX_ID))


def _source_or_404(source_id: int) -> Source:
    return Source.by_id(source_id) or abort(404)
