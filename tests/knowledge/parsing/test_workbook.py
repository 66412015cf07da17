"""Excel: what a visitor to the sheet sees, row by row."""

import io
import re
import zipfile
from datetime import datetime, time

import pytest
from openpyxl import Workbook
from openpyxl.styles import Font

from app.knowledge.blocks import Block
from app.knowledge.chunking import chunk
from app.knowledge.parsing import limits


@pytest.fixture
def book():
    book = Workbook()
    book.active.title = "Prices"
    return book


@pytest.fixture
def blocks(read):
    def reading(book):
        return [(each.kind, each.text) for each in read(saved(book), "prices.xlsx").blocks]

    return reading


def saved(book) -> bytes:
    output = io.BytesIO()
    book.save(output)
    return output.getvalue()


def changed(data: bytes, part: str, change) -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(output, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, change(content) if name == part else content)
    return output.getvalue()


def calculated(xml: bytes) -> bytes:
    """As Excel saves it: each formula with the value it had."""
    xml = re.sub(rb"(<f>6\*7</f>)<v ?/?>(</v>)?", rb"\1<v>42</v>", xml)
    xml = re.sub(rb"(<f>1/0</f>)<v ?/?>(</v>)?", rb"\1<v>#DIV/0!</v>", xml)
    return xml.replace(b'<c r="C2"', b'<c r="C2" t="e"')


def priced(sheet, row: int, column: int) -> None:
    sheet.cell(row, column).number_format = '"£"#,##0.00'


def test_each_row_says_its_headers_and_each_sheet_is_a_heading(book, blocks):
    book.active.append(["Tree", "Height", "Price"])
    book.active.append(["Nordmann", "6ft", 42])
    priced(book.active, 2, 3)
    event = book.create_sheet("Events")
    event.append(["Event", "Date", "Begins", "Taken"])
    event.append(["Carols", datetime.fromisoformat("2026-12-11"), time(17, 30), 0.8])
    event["D2"].number_format = "0%"
    assert blocks(book) == [
        ("heading", "Prices"),
        ("table_row", "Tree: Nordmann; Height: 6ft; Price: £42.00"),
        ("heading", "Events"),
        ("table_row", "Event: Carols; Date: 11 December 2026; Begins: 17:30; Taken: 80%"),
    ]


def test_what_the_owner_hid_is_not_read(book, blocks):
    book.active.append(["Tree", "Buy", "Sell"])
    book.active.append(["Nordmann", 20, 42])
    book.active.append(["Fraser", 21, 46])
    book.active.column_dimensions["B"].hidden = True
    book.active.row_dimensions[3].hidden = True
    costs = book.create_sheet("Costs")
    costs.append(["Nordmann", 20])
    costs.sheet_state = "hidden"
    assert blocks(book) == [("heading", "Prices"), ("table_row", "Tree: Nordmann; Sell: 42")]


def test_a_merged_cell_speaks_for_all_that_it_covers(book, blocks):
    for row in (
        ["Day", "Summer", None, "Winter", None],
        [None, "Opens", "Closes", "Opens", "Closes"],
        ["Sunday", time(10), time(16), time(11), time(15)],
        ["Monday", "closed", None, time(9), time(17)],
    ):
        book.active.append(row)
    for cells in ("A1:A2", "B1:C1", "D1:E1"):
        book.active.merge_cells(cells)
    assert blocks(book)[1] == (
        "table_row",
        "Day: Sunday; Summer Opens: 10:00; Summer Closes: 16:00; "
        "Winter Opens: 11:00; Winter Closes: 15:00",
    )
    grouped = Workbook()
    for row in (["Kind", "Tree", "Price"], ["Fir", "Nordmann", 42], [None, "Fraser", 46]):
        grouped.active.append(row)
    grouped.active.merge_cells("A2:A3")
    assert blocks(grouped)[1] == ("table_row", "Kind: Fir; Tree: Fraser; Price: 46")


def test_titles_sections_and_notes_stand_between_rows(book, blocks):
    sheet = book.active
    sheet["A1"] = "Winter price list"
    sheet.merge_cells("A1:C1")
    sheet["A3"], sheet["B3"], sheet["C3"] = "Plant", "Pot", "Price 2026"
    sheet.append(["Roses"])
    sheet.append(["Iceberg", "3 l", 14])
    sheet.append([])
    sheet.append(["Hedges"])
    sheet.append(["Yew", "5 l", 22])
    sheet.append(["All prices include VAT, and delivery is free above £50 in the valley."])
    assert blocks(book) == [
        ("heading", "Prices"),
        ("heading", "Winter price list"),
        ("heading", "Roses"),
        ("table_row", "Plant: Iceberg; Pot: 3 l; Price 2026: 14"),
        ("heading", "Hedges"),
        ("table_row", "Plant: Yew; Pot: 5 l; Price 2026: 22"),
        ("paragraph", "All prices include VAT, and delivery is free above £50 in the valley."),
    ]


def test_a_second_table_brings_its_own_headers(book, blocks):
    for row in (["Tree", "Price"], ["Nordmann", 42], [], ["Bed", "Hours"], ["Rose", 3]):
        book.active.append(row)
    assert [text for _, text in blocks(book)[1:]] == [
        "Tree: Nordmann; Price: 42",
        "Bed: Rose; Hours: 3",
    ]


def test_bold_headers_name_columns_of_words(book, blocks):
    for row in (["Tree", "Price"], ["Fir", 4], [], ["Name", "Place"], ["Anna", "Till"]):
        book.active.append(row)
    book.active["A4"].font = book.active["B4"].font = Font(bold=True)
    assert blocks(book)[-1] == ("table_row", "Name: Anna; Place: Till")


def test_questions_with_answers_are_read_as_such(book, read):
    book.active.append(["Question", "Answer"])
    book.active.append(["Are dogs allowed?", "Yes, on a lead."])
    found = read(saved(book), "faq.xlsx").blocks[-1]
    assert found == Block("qa", "Yes, on a lead.", question="Are dogs allowed?")


def test_a_formula_says_the_value_it_had_and_an_error_nothing(book, blocks, read):
    book.active.append(["Tree", "Price", "Stock"])
    book.active.append(["Fir", "=6*7", "=1/0"])
    data = changed(saved(book), "xl/worksheets/sheet1.xml", calculated)
    assert read(data, "a.xlsx").blocks[-1].text == "Tree: Fir; Price: 42"


def test_each_row_of_a_long_table_keeps_its_headers_in_every_passage(book, read):
    headers = [f"Property {letter}" for letter in "ABCDEFGHIJKLMNOPQRSTUVWX"]
    book.active.append(["Plant", *headers])
    for number in range(40):
        book.active.append([f"Rose {number}", *[f"{number} or more of it" for _ in headers]])
    passages = chunk(read(saved(book), "a.xlsx"))
    lines = [line for passage in passages for line in passage.text.split("\n")]
    assert all("Property " in line for line in lines)
    assert all(passage.heading == "Prices" for passage in passages)


def test_a_broken_workbook_says_so(refusal, book):
    data = saved(book)
    assert refusal(data[: len(data) // 2], "a.xlsx").code == "broken"
    torn = changed(data, "xl/workbook.xml", lambda xml: xml[: len(xml) // 2])
    assert refusal(torn, "a.xlsx").code == "broken"


def test_a_workbook_that_unpacks_without_end_is_refused(refusal, book, monkeypatch):
    monkeypatch.setattr(limits, "MAX_UNPACKED_BYTES", 100_000)
    book.active.append(["Tree", "Price"])
    bomb = changed(saved(book), "xl/worksheets/sheet1.xml", lambda xml: xml + b" " * 100_000)
    assert refusal(bomb, "a.xlsx").code == "too_large"


def test_a_workbook_with_more_rows_than_fit_is_refused_early(refusal, book, monkeypatch):
    monkeypatch.setattr(limits, "MAX_BLOCKS", 10)
    for number in range(20):
        book.active.append(["Tree", number])
    error = refusal(saved(book), "a.xlsx")
    assert (error.code, "more text than can be read at once" in error.message) == (
        "too_large",
        True,
    )


def test_a_workbook_that_wants_entities_expanded_is_refused(refusal, book):
    book.active.append(["Tree", "Price"])
    evil = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]>'
    data = changed(saved(book), "xl/worksheets/sheet1.xml", lambda xml: evil + xml)
    assert refusal(data, "a.xlsx").code == "broken"


def test_an_empty_workbook_has_no_text(refusal, book):
    assert refusal(saved(book), "a.xlsx").code == "no_text"
