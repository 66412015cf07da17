import pytest


@pytest.fixture
def blocks(read):
    def of(text, name="notes.txt"):
        data = text if isinstance(text, bytes) else text.encode()
        return [(block.kind, block.text) for block in read(data, name).blocks]

    return of


def test_blank_lines_part_paragraphs_and_wrapped_lines_join(blocks):
    found = blocks(
        "We deliver in the whole city, every day from Monday to Saturday,\nand free of charge.\n"
        "\n \nSundays: closed.\r\n"
    )
    assert found == [
        (
            "paragraph",
            "We deliver in the whole city, every day from Monday to Saturday, and free of charge.",
        ),
        ("paragraph", "Sundays: closed."),
    ]


def test_short_lines_were_broken_on_purpose(blocks):
    assert blocks("Green Thumb\nMain Street 1\nSpringfield") == [
        ("paragraph", "Green Thumb\nMain Street 1\nSpringfield")
    ]


def test_underlined_and_capital_lines_are_headings(blocks):
    assert blocks("Hours\n=====\nNine to six.\n\nHOW TO GET HERE\n\nBy bus.") == [
        ("heading", "Hours"),
        ("paragraph", "Nine to six."),
        ("heading", "HOW TO GET HERE"),
        ("paragraph", "By bus."),
    ]


def test_list_items_stay_apart(blocks):
    assert blocks("We sell:\n- roses in\n  all colours\n- tulips\n2) soil") == [
        ("paragraph", "We sell:"),
        ("list_item", "roses in all colours"),
        ("list_item", "tulips"),
        ("list_item", "soil"),
    ]


def test_control_characters_and_invisible_letters_are_removed(blocks):
    text = "ro\x07ses\u200b and \u202etu\x00lips\U000e0041 ﬁne"
    assert blocks("é\n\n" + text)[1] == ("paragraph", "roses and tulips fine")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Wir haben täglich geöffnet – für 5 €.", "utf-8"),
        ("Wir haben täglich geöffnet – für 5 €.", "utf-8-sig"),
        ("Wir haben täglich geöffnet.", "utf-16"),
        ("Wir haben täglich geöffnet.", "utf-16-le"),
        ("Wir haben täglich geöffnet.", "utf-32"),
        ("Wir haben täglich geöffnet. Größere Pflanzen liefern wir.", "latin-1"),
        ("Wir haben täglich geöffnet. Größere Pflanzen liefern wir.", "mac_roman"),
        ("Nous sommes ouverts le dimanche, été comme hiver, à côté de la gare.", "cp1252"),
        ("We open at nine – “always”. Don’t wait. Price £5.", "cp1252"),
        ("Jesteśmy otwarci w niedzielę, zażółć gęślą jaźń.", "cp1250"),
        ("Jesteśmy otwarci w niedzielę, zażółć gęślą jaźń.", "iso8859_2"),
        ("Pazar günü açığız. Şehir içinde ücretsiz teslimat yapıyoruz.", "cp1254"),
        ("Мы открыты по воскресеньям. Доставка по городу бесплатная.", "cp1251"),
        ("Мы открыты по воскресеньям. Доставка по городу бесплатная.", "koi8_r"),
        ("Είμαστε ανοιχτά την Κυριακή. Δωρεάν παράδοση στην πόλη.", "cp1253"),
        ("نحن مفتوحون يوم الأحد. التوصيل داخل المدينة مجاني.", "cp1256"),
        ("אנחנו פתוחים ביום ראשון. משלוח חינם בעיר.", "cp1255"),
        ("日曜日も営業しています。配送は無料です。駅の隣にあります。", "shift_jis"),
        ("日曜日も営業しています。配送は無料です。駅の隣にあります。", "euc_jp"),
        ("日曜日も営業しています。", "iso2022_jp"),
        ("我们星期天营业。市内免费送货。我们在火车站旁边。", "gbk"),
        ("我們星期天營業。市內免費送貨。我們在火車站旁邊。", "big5"),
        ("일요일에도 영업합니다. 시내 배송은 무료입니다.", "cp949"),
    ],
)
def test_text_is_read_whatever_its_encoding(blocks, text, encoding):
    assert blocks(text.encode(encoding)) == [("paragraph", text)]


def test_two_encodings_in_one_file_are_both_read(blocks):
    mixed = "Größe, Höhe, Länge, Stück. ".encode() + "Café".encode("cp1252")
    assert blocks(mixed) == [("paragraph", "Größe, Höhe, Länge, Stück. Café")]


def test_text_that_was_saved_garbled_is_put_right(blocks):
    garbled = "Öffnungszeiten für Gärtner".encode().decode("cp1252", "replace")
    assert blocks(garbled) == [("paragraph", "Öffnungszeiten für Gärtner")]


def test_declared_encoding_of_a_page_is_followed(read):
    html = '<html><meta charset="iso-8859-7"><p>Καλημέρα</p></html>'.encode("iso-8859-7")
    assert read(html, "a.html").blocks[0].text == "Καλημέρα"


@pytest.mark.parametrize("data", [b"", b" \n\t\r\n", b"\xef\xbb\xbf", b"\x00" * 50])
def test_a_file_of_nothing_is_empty(refusal, data):
    assert refusal(data, "a.txt").code == "empty"


def test_binary_data_named_text_is_not_what_it_says(refusal):
    assert refusal(bytes(range(256)) * 20, "a.txt").code == "not_what_it_says"


def test_bytes_that_are_no_text_at_all_say_so(refusal):
    noise = bytes((i * 73) % 120 + 20 for i in range(900)) + b"\xff\x81"
    assert refusal(noise, "a.txt").code == "bad_encoding"


def test_a_block_too_long_is_cut_between_words(read):
    found = read(b"word " * 10_000, "a.txt").blocks
    assert len(found) == 3
    assert " ".join(block.text for block in found) == ("word " * 10_000).strip()
