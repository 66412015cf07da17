"""Tables on printed pages: rows out of places, and only where they are plainly tables."""

from pathlib import Path

import pytest

from app.knowledge.parsing.columns import with_tables
from app.knowledge.parsing.layout import Line, blocks_of

LEAFLET = Path(__file__).parents[3] / "app/demo/documents/christmas-leaflet-2026.pdf"


def line(height: float, *pieces: tuple[float, str]) -> Line:
    made = Line()
    for left, text in pieces:
        made.add(text, height, 10, left)
    return made


def cells(height: float, *pieces: tuple[float, str]) -> list[Line]:
    """Each piece a line of its own, as most programs write a table."""
    return [line(height, piece) for piece in pieces]


def texts(*lines: Line) -> list[tuple[str, str]]:
    return [(each.kind, each.text) for each in blocks_of([with_tables(list(lines))])]


def test_cells_under_each_other_become_rows_with_their_headers():
    found = texts(
        line(700, (50, "All prices include VAT.")),
        *cells(680, (50, "Tree"), (250, "Height"), (350, "Price")),
        *cells(660, (50, "Nordmann fir"), (250, "6 ft"), (350, "£42")),
        *cells(640, (50, "Fraser fir"), (250, "7 ft"), (350, "£59")),
    )
    assert found == [
        ("paragraph", "All prices include VAT."),
        ("table_row", "Tree: Nordmann fir; Height: 6 ft; Price: £42"),
        ("table_row", "Tree: Fraser fir; Height: 7 ft; Price: £59"),
    ]


def test_a_row_in_one_line_is_parted_where_its_gaps_are():
    found = texts(
        line(680, (50, "Plant"), (350, "Price")),
        line(660, (50, "Poinsettia"), (345, "£7.99")),
        line(640, (50, "Amaryllis"), (340, "£12.99")),
    )
    assert found[0] == ("table_row", "Plant: Poinsettia; Price: £7.99")


def test_a_header_may_hold_a_figure_and_the_text_below_is_no_row():
    found = texts(
        *cells(680, (50, "Plant"), (250, "Each"), (350, "Bundle of 25")),
        *cells(660, (50, "Hawthorn"), (250, "£1.10"), (350, "£22.50")),
        *cells(640, (50, "Beech"), (250, "£2.40"), (350, "£52.00")),
        line(620, (50, "From 100 plants of one kind we take 10% off.")),
    )
    assert found == [
        ("table_row", "Plant: Hawthorn; Each: £1.10; Bundle of 25: £22.50"),
        ("table_row", "Plant: Beech; Each: £2.40; Bundle of 25: £52.00"),
        ("paragraph", "From 100 plants of one kind we take 10% off."),
    ]


def test_a_cell_of_two_lines_stays_one():
    found = texts(
        *cells(680, (50, "Ticket"), (250, "Price")),
        *cells(660, (50, "Baby"), (250, "£5")),
        line(640, (50, "Breakfast with")),
        line(628, (50, "Father Christmas")),
        line(634, (250, "£16")),
        *cells(610, (50, "Adult"), (250, "£3")),
    )
    assert found[1] == ("table_row", "Ticket: Breakfast with Father Christmas; Price: £16")


@pytest.mark.parametrize("side_by_side", [True, False])
def test_two_columns_of_running_text_are_no_table(side_by_side):
    left = "The yard behind Gate 2 is open from nine"
    right = "and we carry every tree to your own car"
    if side_by_side:
        lines = [line(700 - 14 * n, (50, left), (310, right)) for n in range(8)]
    else:
        lines = [line(700 - 14 * n, (50, left)) for n in range(8)]
        lines += [line(700 - 14 * n, (310, right)) for n in range(8)]
    assert all(kind == "paragraph" for kind, _ in texts(*lines))


def test_two_rows_alone_are_no_table():
    lines = [line(700 - 20 * n, (50, "Telephone"), (250, "01632 960147")) for n in range(2)]
    assert all(kind != "table_row" for kind, _ in texts(*lines))


def test_what_is_written_column_by_column_is_left_alone():
    lines = [line(700 - 12 * n, (50, f"match {n}")) for n in range(4)]
    lines += [line(700 - 12 * n, (250, f"~{n}")) for n in range(4)]
    assert all(kind != "table_row" for kind, _ in texts(*lines))


def test_bold_words_in_a_line_are_no_cells():
    lines = [
        line(700 - 14 * n, (50, "Breakfast"), (97, " is on Saturdays at half past eight"))
        for n in range(6)
    ]
    assert all(kind == "paragraph" for kind, _ in texts(*lines))


def test_the_prices_of_the_demo_shops_leaflet_stand_beside_their_trees(read):
    rows = [
        b.text for b in read(LEAFLET.read_bytes(), LEAFLET.name).blocks if b.kind == "table_row"
    ]
    assert (
        "Height: 1.5 to 1.8 m (5 to 6 ft); Nordmann fir: £42; Fraser fir: £46; Norway spruce: £29"
        in rows
    )
    assert "Ticket: Breakfast with Father Christmas, child; Price: £16" in rows
    assert len(rows) == 18
