"""The answer is the owner's own sentences, exactly."""

from dataclasses import replace

from app.knowledge import extractive
from app.knowledge.retrieval import SearchResult
from app.knowledge.scoring import Hit, ScoredSentence

TEXT = "We deliver daily. It costs 4.95 euro.\nAbove 50 euro it is free. Ask Tom for bulk bags."


def hit(text: str, cosines: list[float], **changes: object) -> Hit:
    from app.lib.sentences import split

    sentences = tuple(
        ScoredSentence(position, sentence, cosine, coverage=0.0)
        for position, (sentence, cosine) in enumerate(zip(split(text), cosines, strict=True), 1)
    )
    made = Hit(1, 1, 1, "Page", "prose", "", "", text, None, "", score=0.5, sentences=sentences)
    return replace(made, **changes)  # type: ignore[arg-type]


def test_the_best_sentence_is_quoted_alone_when_no_other_comes_near() -> None:
    result = SearchResult("who", (hit(TEXT, [0.0, 0.0, 0.0, 0.9]),))
    assert extractive.answer(result).text == "Ask Tom for bulk bags."


def test_neighbours_are_quoted_as_they_stand_with_what_is_between_them() -> None:
    result = SearchResult("delivery", (hit(TEXT, [0.0, 0.8, 0.8, 0.0]),))
    extract = extractive.answer(result)
    assert extract.text == "It costs 4.95 euro.\nAbove 50 euro it is free."
    assert [quote.text in TEXT for quote in extract.quotes] == [True]


def test_sentences_apart_are_two_quotes_in_the_owners_order() -> None:
    result = SearchResult("delivery", (hit(TEXT, [0.7, 0.0, 0.8, 0.0]),))
    quotes = [quote.text for quote in extractive.answer(result).quotes]
    assert quotes == ["We deliver daily.", "Above 50 euro it is free."]


def test_no_more_than_three_sentences_are_quoted() -> None:
    result = SearchResult("delivery", (hit(TEXT, [0.8, 0.8, 0.8, 0.8]),))
    assert extractive.answer(result).text == TEXT.removesuffix(" Ask Tom for bulk bags.")


def test_a_sentence_with_a_figure_wins_where_one_asks_how_much() -> None:
    result = SearchResult("how much is it", (hit("It is dear. It is 5 euro.", [0.5, 0.47]),))
    assert extractive.answer(result).text.startswith("It is")
    only = SearchResult("how much is it", (hit("It is dear. It is 5 euro.", [0.1, 0.07]),))
    chosen = extractive._chosen(extractive._candidates(only))
    assert chosen[0].sentence.text == "It is 5 euro."


def test_each_quote_names_the_passage_it_stands_in() -> None:
    other = hit("Delivery is free for members.", [0.8], chunk_id=2, document_id=2)
    extract = extractive.answer(SearchResult("delivery", (hit(TEXT, [0.8, 0, 0, 0]), other)))
    assert {quote.hit.document_id: quote.text for quote in extract.quotes} == {
        1: "We deliver daily.",
        2: "Delivery is free for members.",
    }


def test_the_same_words_in_two_passages_are_said_once() -> None:
    twice = (hit("Dogs are welcome.", [0.8]), hit("Dogs are welcome.", [0.8], chunk_id=2))
    assert extractive.answer(SearchResult("dogs", twice)).text == "Dogs are welcome."


def test_the_owners_answer_to_the_question_is_given_whole() -> None:
    question = ScoredSentence(0, "Can I bring my dog?", 0.9, 1.0)
    qa = hit(TEXT, [0.1] * 4, kind="qa", question="Can I bring my dog?")
    qa = replace(qa, sentences=(question, *qa.sentences))
    assert extractive.answer(SearchResult("dog", (qa,))).text == TEXT


def test_a_very_long_answer_of_the_owner_is_quoted_in_part_and_never_its_question() -> None:
    text = "It depends. " * 100 + "Call us."
    question = ScoredSentence(0, "Can I bring my dog?", 0.99, 1.0)
    cosines = [0.0] * 100 + [0.9]
    qa = hit(text, cosines, kind="qa", question="Can I bring my dog?")
    qa = replace(qa, sentences=(question, *qa.sentences))
    assert extractive.answer(SearchResult("dog", (qa,))).text == "Call us."


def test_without_hits_there_is_nothing_to_say() -> None:
    assert extractive.answer(SearchResult("anything")) == extractive.Extract("")
