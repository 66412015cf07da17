"""Files that members send: type, name and size."""

import pytest

from app.lib import file_types


@pytest.mark.parametrize(
    ("head", "name", "mime"),
    [
        (b"\xff\xd8\xff\xe0", "a.exe", "image/jpeg"),
        (b"%PDF-1.7", "a", "application/pdf"),
        (b"PK\x03\x04", "a.DOCX", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (b"PK\x03\x04", "a.zip", file_types.UNKNOWN),
        (b"\xd0\xcf\x11\xe0", "a.xls", "application/vnd.ms-excel"),
        (b"\0\0\0 ftypqt  ", "a.mov", "video/quicktime"),
        (b"\0\0\0 ftypisom", "a.mov", "video/mp4"),
        (b"name;price", "a.csv", "text/csv"),
        (b"<html>", "a.html", file_types.UNKNOWN),
        (b"MZ\0\0", "a.txt", file_types.UNKNOWN),
        (b"", "", file_types.UNKNOWN),
    ],
)  # fmt: skip
def test_the_type_is_what_the_bytes_say(head, name, mime):
    assert file_types.mime_of(head, name) == mime


@pytest.mark.parametrize(
    ("name", "plain"),
    [("a.pdf", "a.pdf"), ("../../etc/passwd", "passwd"), ("C:\\x\\b.pdf", "b.pdf"),
     ("a\r\nX: y\0.pdf", "aX: y.pdf"), ("", "File"), ("dir/", "File"), ("é" * 300, "é" * 120)],
)  # fmt: skip
def test_a_name_is_no_path(name, plain):
    assert file_types.plain_name(name) == plain


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "0 bytes"), (1023, "1023 bytes"), (1536, "1.5 KB"), (5 * 1024**2, "5 MB"), (3 * 1024**4, "3072 GB")],
)  # fmt: skip
def test_sizes_are_said_as_providers_count(count, words):
    assert file_types.size_in_words(count) == words


def test_an_ending_is_told_in_capitals():
    assert [file_types.ending_of(name) for name in ("a.pdf", "README")] == ["PDF", ""]
