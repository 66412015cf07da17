"""Files that people send: fetched, checked, kept, shown to members alone."""

import hashlib
import threading

import pytest
from sqlalchemy import select

from app.channels.border import IncomingFile, Revoked, SendFailed
from app.channels.content import Media
from app.conversations import files
from app.conversations.models import Conversation, MessageFile
from app.core import jobs
from app.core.storage import PART_BYTES, File
from app.extensions import db
from app.lib.media_types import sniffed
from tests.channels.inbound.heard import START, Heard

JPEG = b"\xff\xd8\xff\xe0" + b"picture" * 20
HTML = b"<script>alert(1)</script>"


@pytest.fixture
def sends(phone):
    """`sends(body)`: a picture has come; its file is fetched by the next jobs. The row's id."""

    def send(body=JPEG, kind="image", mime="image/jpeg", name="rose.jpg", **more):
        Heard.files["ref-1"] = body if isinstance(body, Exception) else (body, mime)
        file = IncomingFile(kind, mime, name, "ref-1", **more)
        key = phone.says("", content=Media(kind=kind), files=(file,))
        message = phone.message(key)
        with phone.inside():
            row = MessageFile.of_messages([message.id])[message.id][0]
            return row.id

    def fetch(row_id):
        with phone.inside():
            files.fetch(row_id)

    send.fetch = fetch
    return send


@pytest.fixture
def row(phone):
    def look(row_id):
        with phone.inside():
            found = MessageFile.by_id(row_id)
            db.session.expunge(found)
            return found

    return look


@pytest.fixture
def get(login, cast):
    def fetch(row_id, by=None, **headers):
        client = login(by or cast.viewer)
        return client.get(f"/b/{cast.slug}/inbox/files/{row_id}", headers=headers)

    return fetch


def test_only_so_many_are_in_memory_at_once(sends, row, run_jobs, monkeypatch):
    """The others come in a moment, and that is no failed try."""
    row_id = sends()
    monkeypatch.setattr(files, "_room", threading.BoundedSemaphore(1))
    with files._room:
        sends.fetch(row_id)
        assert row(row_id).state == "waiting"
    sends.fetch(row_id)
    assert row(row_id).state == "stored"
    assert files._room.acquire(blocking=False)


def test_fetched_and_shown(sends, row, run_jobs, get):
    row_id = sends(sha256=hashlib.sha256(JPEG).hexdigest(), byte_count=len(JPEG))
    assert row(row_id).state == "waiting"
    run_jobs()
    assert (row(row_id).state, row(row_id).byte_count) == ("stored", len(JPEG))
    response = get(row_id)
    assert (response.status_code, response.data, response.mimetype) == (200, JPEG, "image/jpeg")
    headers = response.headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in headers["Content-Security-Policy"]
    assert headers["Content-Disposition"].startswith("inline")
    assert "private" in headers["Cache-Control"]


@pytest.mark.parametrize(
    ("body", "mime"),
    [(HTML, "image/jpeg"), (b"%PDF-1.7", "application/pdf"), (b"<svg/>", "image/svg+xml")],
)
def test_what_is_no_picture_is_only_saved(sends, run_jobs, get, body, mime):
    row_id = sends(body, mime=mime, name="a “b”\r\n.html")
    run_jobs()
    response = get(row_id)
    assert response.mimetype == "application/octet-stream"
    assert response.headers["Content-Disposition"].startswith("attachment")


def test_a_part_of_it(sends, run_jobs, get):
    body = b"OggS" + bytes(range(256)) * 2000
    row_id = sends(body, kind="audio", mime="audio/ogg")
    run_jobs()
    assert get(row_id).data == body
    start = PART_BYTES - 5
    response = get(row_id, Range=f"bytes={start}-{start + 9}")
    assert (response.status_code, response.data) == (206, body[start : start + 10])
    assert get(row_id, Range="bytes=99999999-").status_code == 416


def test_it_is_not_sent_again_to_who_has_it(sends, run_jobs, get):
    row_id = sends()
    run_jobs()
    assert get(row_id, **{"If-None-Match": get(row_id).headers["ETag"]}).status_code == 304


def test_nobody_else_s(sends, run_jobs, get, cast, login):
    row_id = sends()
    run_jobs()
    there = login(cast.neighbour).get(f"/b/{cast.neighbour_slug}/inbox/files/{row_id}")
    assert there.status_code == 404
    assert get(2**70).status_code == 404


def test_while_it_is_fetched_there_is_nothing(sends, get):
    assert get(sends()).status_code == 404


@pytest.mark.parametrize(
    ("body", "more", "says"),
    [
        (JPEG, {"sha256": "0" * 64}, "damaged"),
        (JPEG, {"byte_count": 10**9}, "too large"),
        (SendFailed("permanent", "WhatsApp keeps files for 7 days."), {}, "7 days"),
    ],
)
def test_what_can_t_be_had_says_why(sends, row, body, more, says):
    row_id = sends(body, **more)
    sends.fetch(row_id)
    assert row(row_id).state == "failed"
    assert says in row(row_id).error


def test_a_provider_that_is_away_is_asked_again(sends, row, phone):
    row_id = sends(SendFailed("retry", "Not now."))
    with phone.inside():
        key = db.session.scalar(
            select(jobs.OutboxJob.id).where(jobs.OutboxJob.key == f"file-{row_id}")
        )
    with phone.inside():
        assert jobs.perform(key)
    assert row(row_id).state == "waiting"
    with phone.inside():
        files.give_up(row_id, "tried long enough")
    assert "Ask for it again" in row(row_id).error


def test_one_that_came_along(phone, row):
    key = phone.says(
        "", content=Media(kind="document", name="a.pdf"),
        files=(IncomingFile("document", "application/pdf", "a.pdf", "", body=b"%PDF-1.7"),),
    )  # fmt: skip
    message = phone.message(key)
    with phone.inside():
        (kept,) = MessageFile.of_messages([message.id])[message.id]
        assert (kept.state, kept.byte_count) == ("stored", 8)


def test_taken_back_with_its_message(sends, run_jobs, phone, get):
    row_id = sends()
    run_jobs()
    key = phone.look(lambda row: row.newest_messages(1)[0].external_id)
    phone.hears(Revoked(key, START), at=5)
    assert get(row_id).status_code == 404
    with phone.inside():
        assert list(db.session.scalars(select(File))) == []
        assert db.session.scalars(select(Conversation)).one().last_text == ""


def test_taken_back_while_it_is_fetched(sends, run_jobs, phone):
    row_id = sends()
    phone.hears(Revoked(phone.look(lambda row: row.newest_messages(1)[0].external_id), START), at=5)
    run_jobs()
    with phone.inside():
        assert MessageFile.by_id(row_id) is None
        assert list(db.session.scalars(select(File))) == []


@pytest.mark.parametrize(
    ("head", "mime"),
    [
        (JPEG, "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"RIFF\x00\x00\x00\x00AVI ", None),
        (b"\x00\x00\x00\x20ftypisom", "video/mp4"),
        (b"\x00\x00\x00\x20ftyp3gp5", "video/3gpp"),
        (b"\x00\x00\x00\x20ftypM4A ", "audio/mp4"),
        (b"\xff\xf1\x50", "audio/aac"),
        (b"\xff\xfb\x90", "audio/mpeg"),
        (b"#!AMR\n", "audio/amr"),
        (HTML, None),
        (b"", None),
    ],
)
def test_what_it_really_is(head, mime):
    assert sniffed(head) == mime
