import pytest

from app.knowledge.parsing.webpage import read_html


@pytest.fixture
def blocks(read):
    def of(html, name="page.html"):
        parsed = read(html.encode(), name)
        return [(block.kind, block.text) for block in parsed.blocks]

    return of


def test_structure_is_kept_and_navigation_is_not(blocks):
    found = blocks(
        "<html><body><nav>Home Shop</nav><h1>Visit us</h1><p>We are <b>open</b>\n daily.</p>"
        "<ul><li>Roses<ul><li>Red</li></ul></li></ul><script>track()</script>"
        "<footer>Imprint</footer></body></html>"
    )
    assert found == [
        ("heading", "Visit us"),
        ("paragraph", "We are open daily."),
        ("list_item", "Roses"),
        ("list_item", "Red"),
    ]


@pytest.mark.parametrize(
    "hidden",
    [
        "<p hidden>trap</p>",
        "<div style='DISPLAY : none'>trap</div>",
        "<p style='visibility:hidden'>trap</p>",
        "<span style='font-size:0'>trap</span>",
        "<div aria-hidden=true>trap</div>",
        "<template>trap</template>",
        "<!-- trap -->",
        "<td style='display:none'>trap</td>",
        "<p style='position:absolute;left:-9999px'>trap</p>",
        "<p style='text-indent: -999em'>trap</p>",
        "<p style='color:rgba(0, 0, 0, 0)'>trap</p>",
        "<p style='max-height:0; overflow: hidden'>trap</p>",
        "<p style='clip: rect(1px, 1px, 1px, 1px)'>trap</p>",
        "<p style='transform: scale(0)'>trap</p>",
    ],
)
def test_text_that_no_visitor_sees_is_not_knowledge(blocks, hidden):
    assert blocks(f"<html><p>seen</p>{hidden}<p>also seen</p></html>") == [
        ("paragraph", "seen"),
        ("paragraph", "also seen"),
    ]


def test_small_type_is_not_hidden_type(blocks):
    assert blocks("<html><p style='font-size:0.8em'>small</p></html>") == [("paragraph", "small")]


@pytest.mark.parametrize(
    "style",
    [
        "background-color:transparent",
        "border-color: transparent",
        "height:0.5em;overflow:hidden",
        "height:0",
        "left:-12px",
        "color:rgba(0,0,0,0.8)",
        "color:rgb(10, 20, 0)",
        "transform:scale(0.9)",
    ],
)
def test_what_can_be_seen_is_not_taken_for_hidden(blocks, style):
    assert blocks(f"<html><p style='{style}'>seen</p></html>") == [("paragraph", "seen")]


def test_each_block_knows_the_anchor_above_it(read):
    parsed = read(
        b"<html><p>before</p><h2 id=hours>Hours<a class=headerlink href=#hours>\xc2\xb6</a></h2>"
        b"<p>nine to six</p><h2><a name=way></a>Way</h2><p>by bus</p></html>",
        "a.html",
    )
    assert [(block.text, block.anchor) for block in parsed.blocks] == [
        ("before", ""),
        ("Hours", "hours"),
        ("nine to six", "hours"),
        ("Way", "way"),
        ("by bus", "way"),
    ]


def test_title_and_language_come_from_the_page(read):
    parsed = read(b"<html lang=pt-BR><title>Loja &amp; Jardim</title><p>oi</p></html>", "a.html")
    assert (parsed.title, parsed.language) == ("Loja & Jardim", "pt")


def test_table_rows_carry_their_headers(blocks):
    found = blocks(
        "<table><caption>Opening hours</caption>"
        "<tr><th>Day</th><th>Opens</th><th>Closes</th></tr>"
        "<tr><td rowspan=2>Saturday</td><td>9</td><td>12</td></tr><tr><td>14</td><td>18</td></tr>"
        "<tr><td colspan=3>Closed on holidays</td></tr></table>"
    )
    assert found == [
        ("paragraph", "Opening hours"),
        ("table_row", "Day: Saturday; Opens: 9; Closes: 12"),
        ("table_row", "Day: Saturday; Opens: 14; Closes: 18"),
        ("table_row", "Closed on holidays"),
    ]


def test_two_columns_without_a_header_read_as_name_and_value(blocks):
    found = blocks("<table><tr><td>Monday<td>9–12<br>14–18<tr><td>Sunday<td>closed</table>")
    assert found == [("table_row", "Monday: 9–12, 14–18"), ("table_row", "Sunday: closed")]


def test_layout_tables_are_read_as_the_page_they_lay_out(blocks):
    found = blocks("<table><tr><td>Menu</td><td><h2>News</h2><p>Sale!</p></td></tr></table>")
    assert found[1:] == [("heading", "News"), ("paragraph", "Sale!")]


def test_a_cell_that_claims_a_million_columns_costs_nothing(blocks):
    found = blocks("<table><tr><td colspan=99999>1<td>2<tr><td rowspan=999999999>c<td>d</table>")
    assert ("table_row", "c: d") in found


def test_definitions_stay_with_their_terms(blocks):
    found = blocks("<dl><dt>Mulch<dt>Bark<dd>Keeps soil moist.<dd>By the bag.<dt>Peat</dl>")
    assert found == [
        ("list_item", "Mulch, Bark: Keeps soil moist."),
        ("list_item", "Mulch, Bark: By the bag."),
        ("list_item", "Peat"),
    ]


def test_lines_set_by_the_author_stay_lines(blocks):
    assert blocks("<p>Main St 1<br>Springfield</p><pre>a\n  b</pre>") == [
        ("paragraph", "Main St 1\nSpringfield"),
        ("paragraph", "a\nb"),
    ]


def test_a_thousand_nested_elements_are_read(blocks):
    assert blocks("<html>" + "<div>" * 1_000 + "deep" + "</html>") == [("paragraph", "deep")]


def test_a_hundred_thousand_nested_elements_are_refused_rather_than_half_read(refusal):
    page = b"<html><p>top</p>" + b"<div>" * 100_000 + b"deep</html>"
    assert refusal(page, "a.html").code == "broken"


def test_markup_that_never_closes_is_read(blocks):
    assert blocks("<html><p>one<p>two<b>three") == [("paragraph", "one"), ("paragraph", "twothree")]


def test_entity_bombs_stay_as_they_are_written(read):
    bomb = b'<!DOCTYPE html [<!ENTITY a "haha"><!ENTITY b "&a;&a;&a;">]><html><p>x &b;</p></html>'
    text = " ".join(block.text for block in read(bomb, "a.html").blocks)
    assert "hahahaha" not in text


def test_a_page_without_words_has_no_text(refusal):
    assert refusal(b"<html><body><img src=x></body></html>", "a.html").code == "no_text"


def test_markdown_reads_like_the_page_it_makes(blocks):
    found = blocks(
        "---\ntitle: ignored\n---\n# Delivery\n\nWe *deliver*.\n\n- free over 50 €\n\n"
        "| Zone | Price |\n|---|---|\n| City | 4 € |\n\n<script>x()</script>\n",
        "delivery.md",
    )
    assert found == [
        ("heading", "Delivery"),
        ("paragraph", "We deliver."),
        ("list_item", "free over 50 €"),
        ("table_row", "Zone: City; Price: 4 €"),
    ]


def test_the_main_part_is_read_and_what_stands_around_it_is_not():
    parsed = read_html(
        b"<body><a href='#c'>Skip to content</a><p>Sale now on</p>"
        b"<main id='c'><h1>Delivery</h1><p>We deliver on Tuesdays, for four pounds.</p></main>"
        b"<p>Our other shop</p></body>"
    )
    assert [block.text for block in parsed.blocks] == [
        "Delivery",
        "We deliver on Tuesdays, for four pounds.",
    ]


def test_a_main_part_that_holds_little_of_the_page_is_not_trusted():
    parsed = read_html(
        b"<body><main>Hi</main><p>" + b"We deliver on Tuesdays. " * 10 + b"</p></body>"
    )
    assert "We deliver on Tuesdays." in parsed.blocks[-1].text


def test_a_newsletter_form_goes_with_the_aside_around_it():
    parsed = read_html(
        b"<body><p>We deliver.</p><aside><h2>Letters</h2><p>One a month.</p>"
        b"<form><label>E-mail</label><input name=e></form></aside></body>"
    )
    assert [block.text for block in parsed.blocks] == ["We deliver."]


def test_a_form_around_the_whole_page_is_no_reason_to_drop_it():
    text = "We deliver on Tuesdays and Fridays, whatever the weather. " * 10
    parsed = read_html(f"<body><form><input><p>{text}</p></form></body>".encode())
    assert parsed.blocks[0].text.startswith("We deliver")


@pytest.mark.parametrize("separator", [" | ", " – ", " - ", " · "])
def test_the_site_s_name_is_no_part_of_the_title(separator):
    page = f"<title>Delivery{separator}Our Shop</title><h1>Delivery</h1><p>Yes.</p>"
    assert read_html(page.encode()).title == "Delivery"


def test_a_title_that_says_something_else_stays():
    assert (
        read_html(b"<title>How we deliver</title><h1>Delivery</h1><p>Yes.</p>").title
        == "How we deliver"
    )
