"""PowerPoint: slide by slide, what the audience sees."""

import pytest

from app.knowledge.parsing import limits
from tests.knowledge.parsing.conftest import make_zip

A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
P = 'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
TYPE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"


def shape(text: str, place: str = "") -> str:
    mark = f'<p:ph type="{place}"/>' if place else ""
    lines = "".join(f"<a:p><a:r><a:t>{line}</a:t></a:r></a:p>" for line in text.split("\n"))
    return f"<p:sp><p:nvSpPr><p:nvPr>{mark}</p:nvPr></p:nvSpPr><p:txBody>{lines}</p:txBody></p:sp>"


def table(*rows: list[str]) -> str:
    """A cell "^" goes on from the one above."""
    cell = "<a:tc{}><a:txBody><a:p><a:r><a:t>{}</a:t></a:r></a:p></a:txBody></a:tc>"
    shown = "".join(
        "<a:tr>"
        + "".join(
            cell.format(*((' vMerge="1"', "") if text == "^" else ("", text))) for text in row
        )
        + "</a:tr>"
        for row in rows
    )
    return f'<p:graphicFrame><a:tbl><a:tblPr firstRow="1"/>{shown}</a:tbl></p:graphicFrame>'


def related(*targets: tuple[str, str]) -> bytes:
    entries = "".join(
        f'<Relationship Id="r{number}" Type="{TYPE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, start=1)
    )
    return f'<Relationships xmlns="{RELATIONS}">{entries}</Relationships>'.encode()


def show(*slides: str, hidden: int = 0, extra: dict[str, bytes] | None = None) -> bytes:
    """The slides are stored in reverse: only the list of the presentation gives their order."""
    count = len(slides)
    names = [f"slides/slide{count - index}.xml" for index in range(count)]
    order = "".join(f'<p:sldId r:id="r{number}"/>' for number in range(1, count + 1))
    parts = {
        "ppt/presentation.xml": f"<p:presentation {P} {R}><p:sldIdLst>{order}</p:sldIdLst></p:presentation>".encode(),
        "ppt/_rels/presentation.xml.rels": related(*[("slide", name) for name in names]),
    }
    for number, (name, body) in enumerate(zip(names, slides, strict=True), start=1):
        mark = ' show="0"' if number == hidden else ""
        parts[f"ppt/{name}"] = (
            f"<p:sld {A} {P} {R}{mark}><p:spTree>{body}</p:spTree></p:sld>".encode()
        )
    return make_zip(parts | (extra or {}))


@pytest.fixture
def blocks(read):
    def reading(data):
        return [(each.kind, each.text, each.page) for each in read(data, "a.pptx").blocks]

    return reading


def test_a_slide_is_its_title_and_what_stands_under_it(blocks):
    first = shape("Our workshops", "title") + shape("Wreaths\nTerrariums", "body")
    second = shape("Booking", "title") + shape("Call us.") + shape("7", "sldNum")
    assert blocks(show(first, second)) == [
        ("heading", "Our workshops", 1),
        ("list_item", "Wreaths", 1),
        ("list_item", "Terrariums", 1),
        ("heading", "Booking", 2),
        ("paragraph", "Call us.", 2),
    ]


def test_rows_of_a_table_say_their_headers(blocks):
    rows = table(
        ["Kind", "Workshop", "Price"], ["Winter", "Wreath", "£38"], ["^", "Lantern", "£29"]
    )
    assert blocks(show(shape("Prices", "title") + rows))[1:] == [
        ("table_row", "Kind: Winter; Workshop: Wreath; Price: £38", 1),
        ("table_row", "Kind: Winter; Workshop: Lantern; Price: £29", 1),
    ]


def test_a_slide_without_a_title_does_not_belong_to_the_one_before(blocks):
    picture_text = shape("Free for two hours, then a pound an hour, paid at the machine. " * 4)
    found = blocks(show(shape("Prices", "title"), shape("Parking") + shape("Free."), picture_text))
    headings = [text for kind, text, _ in found if kind == "heading"]
    assert headings == ["Prices", "Parking", "Slide 3"]


def test_hidden_slides_and_speaker_notes_are_not_read(blocks):
    notes = {
        "ppt/slides/_rels/slide2.xml.rels": related(("notesSlide", "../notesSlides/notes1.xml")),
        "ppt/notesSlides/notes1.xml": f"<p:notes {A} {P}>{shape('Margin is 60 %')}</p:notes>".encode(),
    }
    data = show(shape("Prices", "title") + shape("From £5."), shape("Costs"), hidden=2, extra=notes)
    assert blocks(data) == [("heading", "Prices", 1), ("paragraph", "From £5.", 1)]


def test_words_in_a_drawing_are_read(blocks):
    drawing = f'<p:graphicFrame><d:relIds xmlns:d="http://schemas.openxmlformats.org/drawingml/2006/diagram" {R} r:dm="r1"/></p:graphicFrame>'
    steps = (
        f"<x {A}><a:p><a:r><a:t>Choose</a:t></a:r></a:p><a:p><a:r><a:t>Pay</a:t></a:r></a:p></x>"
    )
    extra = {
        "ppt/slides/_rels/slide1.xml.rels": related(("diagramData", "../diagrams/data1.xml")),
        "ppt/diagrams/data1.xml": steps.encode(),
    }
    found = blocks(show(shape("How to order", "title") + drawing, extra=extra))
    assert [text for _, text, _ in found] == ["How to order", "Choose", "Pay"]


def test_the_title_of_the_file_is_that_of_its_first_slide(read):
    data = show(shape("Winter workshops", "ctrTitle") + shape("By us."))
    assert read(data, "a.pptx").title == "Winter workshops"


def test_too_many_slides_are_refused_by_their_number(refusal, monkeypatch):
    monkeypatch.setattr(limits, "MAX_PAGES", 2)
    error = refusal(show(*[shape("Text")] * 3), "a.pptx")
    assert error.code == "too_large"
    assert error.message == (
        "This presentation has more than 2 slides. Split it and upload the parts."
    )


def test_a_broken_presentation_says_so(refusal):
    data = show(shape("Text"))
    assert refusal(data[: len(data) // 2], "a.pptx").code == "broken"
    assert refusal(make_zip({"ppt/presentation.xml": b"<p:pres"}), "a.pptx").code == "broken"


def test_a_bomb_and_entities_are_refused(refusal, monkeypatch):
    evil = {"ppt/slides/slide1.xml": b'<!DOCTYPE x [<!ENTITY a "aa">]><x>&a;</x>'}
    assert refusal(show(shape("Text"), extra=evil), "a.pptx").code == "broken"
    monkeypatch.setattr(limits, "MAX_UNPACKED_BYTES", 100_000)
    bomb = show(shape("Text"), extra={"ppt/media/image1.png": b"\0" * 200_000})
    assert refusal(bomb, "a.pptx").code == "too_large"


def test_slides_of_pictures_alone_have_no_text(refusal):
    assert refusal(show("<p:pic/>", "<p:pic/>"), "a.pptx").code == "no_text"
