import io
import zipfile

import docx
import pytest
from docx.oxml import parse_xml

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


@pytest.fixture
def document():
    return docx.Document()


def found(parsed):
    return [(block.kind, block.text) for block in parsed.blocks]


def test_everything_comes_in_the_order_of_the_document(read, saved, document):
    document.add_heading("Price list", 0)
    document.add_heading("Plants", 1)
    document.add_paragraph("All prices include tax.")
    document.add_paragraph("Roses", style="List Bullet")
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip(table._cells, ["Plant", "Price", "Lavender", "4.50 €"], strict=True):
        cell.text = text
    document.add_paragraph("Valid until May.")
    parsed = read(saved(document), "prices.docx")
    assert parsed.title == "Price list"
    assert found(parsed) == [
        ("heading", "Price list"),
        ("heading", "Plants"),
        ("paragraph", "All prices include tax."),
        ("list_item", "Roses"),
        ("table_row", "Plant: Lavender; Price: 4.50 €"),
        ("paragraph", "Valid until May."),
    ]


def test_inserted_and_boxed_text_is_read_and_deleted_text_is_not(read, saved, document):
    paragraph = document.add_paragraph("We open at ")
    for xml in (
        f"<w:del {W}><w:r><w:delText>eight</w:delText></w:r></w:del>",
        f"<w:ins {W}><w:r><w:t>nine</w:t></w:r></w:ins>",
        f"<w:r {W}><w:rPr><w:vanish/></w:rPr><w:t> secret</w:t></w:r>",
    ):
        paragraph._p.append(parse_xml(xml))
    control = f"<w:sdt {W}><w:sdtContent><w:p><w:r><w:t>In a control</w:t></w:r></w:p></w:sdtContent></w:sdt>"
    document.element.body.insert(1, parse_xml(control))
    assert found(read(saved(document), "a.docx")) == [
        ("paragraph", "We open at nine"),
        ("paragraph", "In a control"),
    ]


def test_the_declared_language_is_kept(read, saved, document):
    document.add_paragraph("Guten Tag")
    document.core_properties.language = "de-DE"
    assert read(saved(document), "a.docx").language == "de"


def test_docx_without_words_has_no_text(refusal, saved, document):
    assert refusal(saved(document), "a.docx").code == "no_text"


def test_a_renamed_zip_is_not_what_it_says(refusal, zipped):
    error = refusal(zipped({"holiday.txt": b"x"}), "a.docx")
    assert error.code == "not_what_it_says"
    assert "ZIP archive" in error.message


def test_docx_cut_in_half_is_broken(refusal, saved, document):
    document.add_paragraph("words")
    whole = saved(document)
    assert refusal(whole[: len(whole) // 2], "a.docx").code == "broken"


def test_docx_with_a_missing_part_is_broken(refusal, zipped):
    assert refusal(zipped({"word/document.xml": b"<x/>"}), "a.docx").code == "broken"


def test_encrypted_docx_asks_to_remove_the_password(refusal):
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le")
    assert refusal(ole, "a.docx").code == "password"


def rewritten(data, name, content):
    """The same archive with one part changed."""
    output = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(output, "w", 8) as new:
        for entry in old.namelist():
            new.writestr(entry, content if entry == name else old.read(entry))
    return output.getvalue()


def test_a_zip_bomb_is_refused_before_it_is_unpacked(refusal, saved, document):
    bomb = rewritten(saved(document), "word/document.xml", b"<w>" + b" " * 60_000_000)
    assert len(bomb) < 200_000
    assert refusal(bomb, "a.docx").code == "too_large"


def test_entities_are_not_expanded_but_refused(refusal, saved, document):
    levels = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 10))
    xml = (
        f'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY e0 "ha">{levels}]>'
        f"<w:document {W}><w:body><w:p><w:r><w:t>&e9;</w:t></w:r></w:p></w:body></w:document>"
    )
    bomb = rewritten(saved(document), "word/document.xml", xml.encode())
    assert refusal(bomb, "a.docx").code == "broken"
