"""Kept files as answers: read part by part, so that a slow reader holds neither the file nor a connection."""

from collections.abc import Iterator

from flask import Flask, Response, current_app, request
from sqlalchemy import select

from app.core import tenancy
from app.core.storage import PART_BYTES, File, FilePart
from app.core.tenancy import business_scope
from app.extensions import db

POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
KEPT_SECONDS = 24 * 3600  # by the browser; a kept file never changes


def answer(file: File, name: str, mime: str | None = None) -> Response:
    """Shown in the page when a type is given, which the caller has looked at; else saved, so that it can't
    run here."""
    response = Response(
        _parts(file.id, file.byte_count), mimetype=mime or "application/octet-stream"
    )
    response.content_length = file.byte_count
    response.headers.set(
        "Content-Disposition", "inline" if mime else "attachment", filename=name or "file"
    )
    response.headers["Content-Security-Policy"] = POLICY
    response.cache_control.private = True
    response.cache_control.max_age = KEPT_SECONDS
    response.set_etag(file.sha256)
    response.make_conditional(request, accept_ranges=True, complete_length=file.byte_count)
    return response


def part(file_id: int, position: int) -> bytes:
    query = select(FilePart.data).where(FilePart.file_id == file_id, FilePart.position == position)
    return db.session.scalar(query) or b""


def _parts(file_id: int, byte_count: int) -> Iterator[bytes]:
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    business_id = tenancy.current_business_id()

    def read() -> Iterator[bytes]:
        for position in range(-(-byte_count // PART_BYTES)):
            with app.app_context(), business_scope(business_id):
                found = part(file_id, position)
            yield found

    return read()
