"""A text's language, from the text first and from what the file declares second."""

import pytest

from app.knowledge.language import Reading, detect, reading


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("We are open from nine to six and the shop is closed on Sundays.", "en"),
        ("Abrimos de lunes a viernes y cerramos los domingos.", "es"),
        ("Hunde sind an der Leine willkommen, nur nicht im Café.", "de"),
        ("Les chiens sont acceptés en laisse, sauf dans le salon de thé.", "fr"),
        ("Магазин открыт с понедельника по пятницу.", "ru"),
        ("Магазин відкритий щодня, крім неділі її", "uk"),
        ("营业时间为周一至周五", "zh"),
        ("営業時間は平日午前九時からです", "ja"),
        ("المتجر مفتوح من السبت", "ar"),
        ("दुकान सोमवार से खुली है", "hi"),
        ("ร้านเปิดทุกวัน", "th"),
    ],
)
def test_language_is_told_from_the_text(text: str, code: str) -> None:
    assert detect(text) == code


def test_the_text_overrules_what_a_template_declares() -> None:
    assert detect("Abrimos de lunes a viernes y cerramos los domingos.", declared="en") == "es"


def test_the_declaration_decides_where_words_say_nothing() -> None:
    assert detect("Monstera 12,50", declared="de") == "de"
    assert detect("Monstera 12,50") == "en"


def test_a_chinese_passage_in_an_english_document_is_not_read_as_english() -> None:
    assert reading("营业时间为周一至周五", "en") == Reading.NONE
    assert reading("Open daily", "en") == Reading.ENGLISH
    assert reading("Abierto cada día", "es") == Reading.LATIN
