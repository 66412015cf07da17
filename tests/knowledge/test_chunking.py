"""Passages: whole sentences of about 120 words, under their headings."""

from app.knowledge.blocks import Block, ParsedDocument
from app.knowledge.chunking import MAX_WORDS, ChunkDraft, chunk, size
from app.lib.sentences import split

SENTENCE = (
    "The garden centre delivers plants to every village of the valley on weekdays. "  # 12 words
)


def chunks(*blocks: Block) -> list[ChunkDraft]:
    return chunk(ParsedDocument("Shop", list(blocks)))


def test_a_passage_carries_the_path_of_its_headings() -> None:
    found = chunks(
        Block("heading", "Delivery", level=1),
        Block("heading", "Where", level=2),
        Block("paragraph", "To the valley.", page=3, anchor="where"),
        Block("heading", "Returns", level=1),
        Block("paragraph", "Within 30 days."),
    )
    assert [(each.heading, each.text) for each in found] == [
        ("Delivery › Where", "To the valley."),
        ("Returns", "Within 30 days."),
    ]
    assert (found[0].page, found[0].anchor) == (3, "where")


def test_short_paragraphs_share_a_passage_and_long_ones_do_not() -> None:
    short = Block("paragraph", SENTENCE.strip())
    assert [each.text.split("\n") for each in chunks(*[short] * 4)] == [[short.text] * 4]
    long = Block("paragraph", (SENTENCE * 8).strip())
    assert len(chunks(long, long)) == 2


def test_a_long_paragraph_is_parted_evenly_between_sentences() -> None:
    text = (SENTENCE * 20).strip()
    found = chunks(Block("paragraph", text))
    assert len(found) == 2
    assert max(size(each.text) for each in found) <= MAX_WORDS
    assert abs(size(found[0].text) - size(found[1].text)) <= 13
    assert [sentence for each in found for sentence in split(each.text)] == split(text)


def test_a_question_and_its_answer_stay_one_unit_however_long() -> None:
    answer = (SENTENCE * 30).strip()
    found = chunks(Block("paragraph", "Before."), Block("qa", answer, question="Do you deliver?"))
    assert [each.kind for each in found] == ["prose", "qa"]
    assert (found[1].question, found[1].text) == ("Do you deliver?", answer)


def test_rows_of_a_table_are_lines_of_a_passage() -> None:
    rows = [Block("table_row", f"Plant: Rose {number}; Price: {number} €") for number in range(3)]
    (found,) = chunks(*rows)
    assert found.text.split("\n") == [row.text for row in rows]


def test_each_part_of_a_wide_row_says_whose_it_is() -> None:
    cells = [f"Month {number}: sow, plant out and water {number}" for number in range(60)]
    found = chunks(Block("table_row", "; ".join(["Plant: Sweet pea", *cells])))
    assert len(found) > 1
    assert all(each.text.startswith("Plant: Sweet pea; Month ") for each in found)
    assert max(size(each.text) for each in found) <= MAX_WORDS
    said = [cell for each in found for cell in each.text.split("; ")[1:]]
    assert said == cells


def test_a_row_with_a_text_in_a_cell_is_parted_between_its_sentences() -> None:
    row = f"Plant: Sweet pea; Care: {(SENTENCE * 20).strip()}"
    found = chunks(Block("table_row", row))
    assert len(found) == 2
    assert " ".join(each.text for each in found) == row


def test_text_without_spaces_is_measured_by_its_length() -> None:
    found = chunks(Block("paragraph", "我们九点开门，周日休息，欢迎光临。" * 300))
    assert len(found) > 2
    assert max(size(each.text) for each in found) <= MAX_WORDS


def test_two_thousand_pages_lose_no_sentence() -> None:
    blocks = [
        Block("paragraph", f"Page {number}. " + SENTENCE * 12, page=number)
        for number in range(1, 2001)
    ]
    found = chunks(*blocks)
    assert sum(each.text.count("garden centre") for each in found) == 2000 * 12
    assert found[-1].page == 2000


def test_empty_blocks_make_no_passage() -> None:
    assert chunks(Block("paragraph", "  "), Block("heading", "Alone", level=1)) == []
