import pytest


def test_content_decides_over_a_missing_ending(read, pdf):
    assert read(pdf([[(10, 700, "Words.")]]), "leaflet").blocks[0].page == 1


def test_a_page_saved_as_text_is_read_as_a_page(read):
    assert read(b"<!DOCTYPE html><html><p>Hi</p></html>", "a.txt").blocks[0].text == "Hi"


def test_text_named_html_keeps_its_paragraphs(read):
    assert len(read(b"one\n\ntwo", "a.html").blocks) == 2


def test_a_pdf_named_docx_says_what_it_is(refusal, pdf):
    error = refusal(pdf([[(10, 700, "Words.")]]), "a.docx")
    assert error.code == "not_what_it_says"
    assert error.message == (
        "This file's name ends in .docx, but it is a PDF. "
        "Rename it to end in .pdf and upload it again."
    )


@pytest.mark.parametrize(
    ("data", "name", "code", "words"),
    [
        (b"hello", "a.docx", "not_what_it_says", "it is text"),
        (b"hello", "a.pdf", "not_what_it_says", "it is text"),
        (b"\x89PNG\r\n\x1a\n\0\0", "a.pdf", "not_what_it_says", "a picture"),
        (b"\x89PNG\r\n\x1a\n\0\0", "a.png", "unsupported", "a picture"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 99, "a.doc", "unsupported", ".docx"),
        (b"{\\rtf1 hi}", "a.rtf", "unsupported", "RTF"),
        (b"print('hi')", "a.py", "unsupported", "You can upload"),
    ],
)
def test_other_kinds_are_named_and_refused(refusal, data, name, code, words):
    error = refusal(data, name)
    assert error.code == code
    assert words in error.message


def test_text_that_begins_like_a_program_is_still_text(read):
    assert read(b"MZ is short for Mozambique", "a.txt").blocks[0].text.startswith("MZ is")


def test_a_file_over_the_limit_is_refused_unread(refusal):
    error = refusal(b"x" * (50 * 1024 * 1024 + 1), "a.txt")
    assert error.code == "too_large"
    assert "50 MB" in error.message


def test_the_file_name_serves_as_title(read):
    assert read(b"some words", "Opening_hours 2026.txt").title == "Opening hours 2026"
