import pytest


@pytest.fixture
def blocks(read):
    def of(text, encoding="utf-8"):
        parsed = read(text.encode(encoding), "faq.csv")
        return [(block.kind, block.question, block.text) for block in parsed.blocks]

    return of


OPEN = ("qa", "When do you open?", "At nine, on Sundays at ten.")


@pytest.mark.parametrize(
    "text",
    [
        'question,answer\nWhen do you open?,"At nine, on Sundays at ten."\n',
        "Frage;Antwort\r\nWhen do you open?;At nine, on Sundays at ten.\r\n",
        "sep=;\nPregunta;Respuesta\nWhen do you open?;At nine, on Sundays at ten.",
        "id\tRéponse\tQuestion\n1\tAt nine, on Sundays at ten.\tWhen do you open?",
        'When do you open?,"At nine, on Sundays at ten."\n',
        "\ufeffquestion|answer\nWhen do you open?|At nine, on Sundays at ten.",
    ],
)
def test_questions_and_answers_in_any_shape(blocks, text):
    assert blocks(text) == [OPEN]


def test_excel_saves_its_own_encoding(blocks):
    assert blocks("Frage;Antwort\nÖffnet ihr früh?;Ja, täglich für Gäste\n", "cp1252") == [
        ("qa", "Öffnet ihr früh?", "Ja, täglich für Gäste")
    ]
    assert blocks("question\tanswer\nCafé?\tYes\n", "utf-16") == [("qa", "Café?", "Yes")]


def test_an_answer_keeps_its_lines_and_an_empty_one_is_left_out(blocks):
    assert blocks('question,answer\nWhere?,"Main St 1\nSpringfield"\nWhy?,\n,\n') == [
        ("qa", "Where?", "Main St 1\nSpringfield")
    ]


def test_other_tables_become_rows_with_headers(blocks):
    assert blocks("Plant,Price,Stock\nRose,4.50,12\nTulip,1.20,\n") == [
        ("table_row", "", "Plant: Rose; Price: 4.50; Stock: 12"),
        ("table_row", "", "Plant: Tulip; Price: 1.20"),
    ]


def test_two_columns_of_names_and_values_are_no_questions(blocks):
    assert blocks("Plant,Price\nRose,4.50\nTulip,1.20\n") == [
        ("table_row", "", "Plant: Rose; Price: 4.50"),
        ("table_row", "", "Plant: Tulip; Price: 1.20"),
    ]


def test_a_quote_that_never_ends_loses_nothing(blocks):
    found = blocks('question,answer\nOpen?,"yes, always\nClosed?,never\n')
    assert "yes, always" in found[0][2]
    assert "Closed?,never" in found[0][2]
