"""Questions in one language to texts in another: `.venv/bin/python bench/cross_language.py`.

bench/questions/cross_language.jsonl says twelve things in English, German, French, Spanish and Portuguese, each with a
question. One business a language; each is asked in its own language and in the four others. Without a language model
nothing translates, so what counts is that it says so: "sure and wrong" must be near zero.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import report
from bench.question_sets import House, lines, scratch, teach

LANGUAGES = ("en", "de", "fr", "es", "pt")
MAX_SURE_AND_WRONG = 0.02


@dataclass(frozen=True)
class Result:
    text: str  # the language of the texts
    asked: str  # the language of the question
    first: bool
    third: bool
    is_sure: bool


def main() -> None:
    options = report.arguments(__doc__)
    rows = lines("cross_language")
    houses = [
        House(language, language, rows=[row for row in rows if row["language"] == language])
        for language in LANGUAGES
    ]
    with scratch():
        teach(houses)
        results = [result for house in houses for result in _ask_all(house, rows)]
    same = [result for result in results if result.text == result.asked]
    other = [result for result in results if result.text != result.asked]
    told = [*_told("same language", same), *_told("another language", other)]
    wrong = sum(result.is_sure and not result.first for result in other) / len(other)
    told[-1] = report.Line(
        told[-1].measure,
        f"≤ {MAX_SURE_AND_WRONG}",
        told[-1].figure,
        wrong <= MAX_SURE_AND_WRONG,
    )
    report.show(told, "bench/cross_language.py", markdown=options.markdown)
    if not options.markdown:
        _print_pairs(results)


def _ask_all(house: House, rows: Sequence[dict]) -> list[Result]:
    from app.core.tenancy import business_scope
    from app.knowledge import answering
    from app.knowledge.embeddings.current import encode

    results = []
    texts = {row["fact"]: row["text"] for row in house.rows}
    with business_scope(house.business_id):
        for row in rows:
            found = answering.answer(row["question"], encode)
            right = [hit.text == texts[row["fact"]] for hit in found.passages[:3]]
            results.append(
                Result(house.set, row["language"], any(right[:1]), any(right), found.confident)
            )
    return results


def _told(label: str, results: Sequence[Result]) -> list[report.Line]:
    return [
        _share(f"{label}: right passage first", [each.first for each in results]),
        _share(f"{label}: in the first three", [each.third for each in results]),
        _share(f"{label}: sure and right", [each.is_sure and each.first for each in results]),
        _share(f"{label}: sure and wrong", [each.is_sure and not each.first for each in results]),
    ]


def _share(measure: str, held: Sequence[bool]) -> report.Line:
    return report.Line(measure, "", f"{sum(held) / len(held):.3f} ({sum(held)} of {len(held)})")


def _print_pairs(results: Sequence[Result]) -> None:
    print("\nfirst / sure and right / sure and wrong, of 12\n\ntexts in   asked in")
    print(f"{'':<11}" + "".join(f"{language:<12}" for language in LANGUAGES))
    for text in LANGUAGES:
        cells = []
        for asked in LANGUAGES:
            pair = [each for each in results if (each.text, each.asked) == (text, asked)]
            first = sum(each.first for each in pair)
            right = sum(each.is_sure and each.first for each in pair)
            wrong = sum(each.is_sure and not each.first for each in pair)
            cells.append(f"{first} / {right} / {wrong}")
        print(f"{text:<11}" + "".join(f"{cell:<12}" for cell in cells))


if __name__ == "__main__":
    main()
