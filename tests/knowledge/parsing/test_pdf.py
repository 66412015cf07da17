import zlib

END = b"trailer<</Root 1 0 R>>\nstartxref\n0\n%%EOF"
HEAD = [(9, 820, "Green Thumb Garden Centre")]


def foot(number):
    return [(9, 30, f"Page {number} of 4")]


def texts(document):
    return [block.text for block in document.blocks]


def test_wrapped_lines_become_paragraphs_with_their_page(read, pdf):
    lines = [
        (10, 700, "Our delivery van goes out every morning, so plants reach you fresh and in"),
        (10, 688, "good health, at a time that you choose."),
        (10, 664, "Returns are possible within thirty days, as long as you kept the receipt and"),
        (10, 652, "the plant is alive."),
    ]
    document = read(pdf([lines]), "leaflet.pdf")
    assert texts(document) == [
        "Our delivery van goes out every morning, so plants reach you fresh and in good health, "
        "at a time that you choose.",
        "Returns are possible within thirty days, as long as you kept the receipt and "
        "the plant is alive.",
    ]
    assert {block.page for block in document.blocks} == {1}


def test_a_word_cut_at_the_line_end_is_whole_again(read, pdf):
    lines = [(10, 700, "Every spring we hold a work-"), (10, 688, "shop about pruning roses.")]
    assert texts(read(pdf([lines]), "a.pdf")) == [
        "Every spring we hold a workshop about pruning roses."
    ]


def test_running_heads_and_page_numbers_are_dropped(read, pdf):
    pages = [
        HEAD
        + [(10, 700 - i * 40, f"Fact {number * 10 + i} about plants.") for i in range(6)]
        + foot(number)
        for number in range(1, 5)
    ]
    found = texts(read(pdf(pages), "a.pdf"))
    assert len(found) == 24
    assert not [text for text in found if "Green Thumb" in text or "Page" in text]


def test_a_sentence_goes_on_over_the_page_break(read, pdf):
    first = [
        (10, 60, "The greenhouse is open to all visitors who would like to see our orchids and")
    ]
    second = [(10, 780, "palms, free of charge.")]
    document = read(pdf([first, second]), "a.pdf")
    assert texts(document) == [
        "The greenhouse is open to all visitors who would like to see our orchids and palms, "
        "free of charge."
    ]
    assert document.blocks[0].page == 1


def test_larger_type_is_a_heading_and_a_bullet_an_item(read, pdf):
    lines = [
        (20, 760, "Care guide"),
        (10, 720, "Water in the morning, when the soil can take it up before the sun is high."),
        (10, 700, "• Roses twice a week"),
        (10, 688, "• Cacti once a month"),
    ]
    found = [(block.kind, block.text) for block in read(pdf([lines]), "a.pdf").blocks]
    assert found[0] == ("heading", "Care guide")
    assert found[2:] == [("list_item", "Roses twice a week"), ("list_item", "Cacti once a month")]


def test_title_comes_from_the_file_unless_it_is_rubbish(read, pdf):
    lines = [[(10, 700, "Some words about roses.")]]
    assert read(pdf(lines, title="Rose guide"), "x.pdf").title == "Rose guide"
    assert read(pdf(lines, title="Microsoft Word - x.doc"), "rose_guide.pdf").title == "rose guide"


def test_pdf_with_a_password_says_so(refusal, pdf):
    error = refusal(pdf([[(10, 700, "secret")]], password="hunter2"), "a.pdf")
    assert error.code == "password"
    assert "Remove the password" in error.message


def test_scanned_pdf_says_that_it_has_no_text(refusal, scan):
    error = refusal(scan, "a.pdf")
    assert error.code == "scan"
    assert "OCR" in error.message


def test_pdf_with_blank_pages_has_no_text(refusal, pdf):
    assert refusal(pdf([[]]), "a.pdf").code == "no_text"


def test_pdf_cut_in_half_is_broken(refusal, pdf):
    whole = pdf([[(10, 700, "Some words.")]])
    assert refusal(whole[: len(whole) // 2], "a.pdf").code == "broken"


def test_rubbish_after_the_magic_bytes_is_broken(refusal):
    assert refusal(b"%PDF-1.7\n" + b"\xfe\x01rubbish" * 100 + b"%%EOF", "a.pdf").code == "broken"


def test_pages_that_lead_back_to_themselves_end_as_an_error(refusal):
    body = (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Count 1/Kids[2 0 R]>>endobj\n"
        b"trailer<</Root 1 0 R>>\nstartxref\n0\n%%EOF"
    )
    assert refusal(body, "a.pdf").code in {"broken", "no_text"}


def test_a_stream_that_unpacks_without_end_is_too_large(refusal):
    packed = zlib.compress(b"\n" * 200_000_000, 9)
    body = (
        b"%%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Count 1/Kids[3 0 R]>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/Resources<</Font<</F1 5 0 R>>>>/MediaBox[0 0 9 9]"
        b"/Contents 4 0 R>>endobj\n"
        b"5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n"
        b"4 0 obj<</Filter/FlateDecode/Length %d>>stream\n" % len(packed)
    )
    assert refusal(body + packed + b"\nendstream endobj\n" + END, "a.pdf").code == "too_large"
