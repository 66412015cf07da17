"""Words as search compares them, in any script."""

from app.lib.words import fold, spans, words


def test_words_are_lower_case_and_keep_times_and_prices_whole() -> None:
    assert words("Open 9:30–18:00, from 12.50 €!") == ["open", "9:30", "18:00", "from", "12.50"]


def test_thousands_are_one_number_however_written() -> None:
    assert words("1,000 plants") == words("1000 plants")
    assert words("1,50") == ["1,50"]


def test_hindi_words_keep_their_vowel_signs() -> None:
    assert words("हिन्दी भाषा") == ["हिन्दी", "भाषा"]


def test_unspaced_scripts_are_compared_by_pairs_of_characters() -> None:
    assert words("東京タワー5階") == ["東京", "京タ", "タワ", "ワー", "5", "階"]
    assert words("เปิด") == ["เป", "ปิ", "ิด"]


def test_full_width_letters_are_the_ordinary_ones() -> None:
    assert words("ＡＢＣ") == ["abc"]


def test_folding_takes_accents_from_letters_and_leaves_other_signs() -> None:
    assert fold("café") == "cafe"
    assert fold("हिन्दी") == "हिन्दी"


def test_a_word_s_place_is_in_the_text_as_it_is_written() -> None:
    text = "Straße 5: 1,000 Rosen; 营业时间"
    found = [(text[start:end], word) for start, end, word in spans(text)]
    assert found == [
        ("Straße", "straße"), ("5", "5"), ("1,000", "1000"), ("Rosen", "rosen"),
        ("营业", "营业"), ("业时", "业时"), ("时间", "时间"),
    ]  # fmt: skip
