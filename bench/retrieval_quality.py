"""How often the right passage comes first, and the right fact is said: `.venv/bin/python bench/retrieval_quality.py`.

Each set is asked twice: as written, and with 30 % of its longer words mistyped (always the same way). A
table is how well the score tells what can be answered from what can't (AUROC). Then once more with every passage
standing in three places, as crawled websites have it: nothing may get worse by it.
"""

import random
import statistics
import string
import sys
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.question_sets import House, lines, read, scratch, teach

MISTYPED = 0.3


@dataclass(frozen=True)
class Result:
    first: bool
    third: bool
    said: bool | None  # None where the set names no single fact
    score: float
    ms: float
    copies: int  # hits of five that say what an earlier one says


def main() -> None:
    with scratch():
        houses = read()
        teach(houses)
        for title, share in (("as written", 0.0), ("30 % of the words mistyped", MISTYPED)):
            results = _ask_all(houses, share)
            _print_found(title, results)
            if not share:
                _print_told_apart(houses, results)
                once = results
        teach(houses, copied=True)
        thrice = _ask_all(houses, 0.0)
        _print_found("every passage three times", thrice)
        _print_copies(once, thrice)


def _ask_all(houses: list[House], share: float) -> dict[str, list[Result]]:
    from app.core.tenancy import business_scope
    from app.knowledge.embeddings.current import encode

    encode(["the model is loaded before the clock starts"])
    generator = random.Random(1)
    results: dict[str, list[Result]] = defaultdict(list)
    for house in houses:
        with business_scope(house.business_id):
            for asked in house.asked:
                question = mistype(asked.question, share, generator)
                results[house.set].append(_ask(question, asked.passage, asked.fact))
    return results


def _ask(question: str, passage: str, fact: str) -> Result:
    from app.knowledge import confidence, extractive, retrieval
    from app.knowledge.embeddings.current import encode

    started = time.perf_counter()
    found = retrieval.search(question, encode)
    extract = extractive.answer(found)
    ms = (time.perf_counter() - started) * 1000
    right = [hit.text in passage or passage in hit.text for hit in found.hits]
    said = fact in extract.text if fact else None
    copies = sum(right) - any(right)
    return Result(any(right[:1]), any(right[:3]), said, confidence.score(found), ms, copies)


def mistype(question: str, share: float, generator: random.Random) -> str:
    return " ".join(
        _mistyped(word, generator)
        if len(word) > 3 and word.isalpha() and generator.random() < share
        else word
        for word in question.split()
    )


def _mistyped(word: str, generator: random.Random) -> str:
    at, letter = generator.randrange(len(word)), generator.choice(string.ascii_lowercase)
    left, right = word[:at], word[at:]
    swapped = left + right[1::-1] + right[2:]
    missing, wrong, added = left + right[1:], left + letter + right[1:], left + letter + right
    return generator.choice([missing, wrong, added, swapped])


def _print_found(title: str, results: dict[str, list[Result]]) -> None:
    print(f"\n{title:<28}questions   first  in three   fact said   p50 ms   p95 ms")
    for name, rows in results.items():
        said = [row.said for row in rows if row.said is not None]
        times = sorted(row.ms for row in rows)
        print(
            f"{name:<28}{len(rows):>9}{_share([row.first for row in rows]):>8}"
            f"{_share([row.third for row in rows]):>10}{_share(said) if said else '–':>12}"
            f"{statistics.median(times):>9.1f}{times[int(len(times) * 0.95)]:>9.1f}"
        )


def _print_copies(once: dict[str, list[Result]], thrice: dict[str, list[Result]]) -> None:
    from app.knowledge.confidence import ANSWER_FROM

    print("\nright and sure                once   three times   copies among five hits")
    for name in once:
        sure = [
            _share([row.first and row.score >= ANSWER_FROM for row in rows[name]])
            for rows in (once, thrice)
        ]
        copies = sum(row.copies for row in thrice[name]) / len(thrice[name])
        print(f"{name:<28}{sure[0]:>6}{sure[1]:>14}{copies:>25.2f}")


def _print_told_apart(houses: list[House], results: dict[str, list[Result]]) -> None:
    from app.core.tenancy import business_scope

    print("\ntold apart (AUROC)          from unanswerable   from small talk")
    small = [row["question"] for row in lines("small_talk")]
    for name in ("encyclopaedia", "faq", "guests", "offices"):
        house = next(house for house in houses if house.set == name)
        near = [row["question"] for row in lines("unanswerable") if row["set"] == name]
        right = [row.score for row in results[name] if row.first]
        with business_scope(house.business_id):
            unanswerable = [_ask(question, "\0", "").score for question in near]
            chatter = [_ask(question, "\0", "").score for question in small]
        print(f"{name:<28}{_auroc(right, unanswerable):>17.3f}{_auroc(right, chatter):>18.3f}")


def _share(values: list[bool]) -> str:
    return f"{sum(values) / len(values):.3f}"


def _auroc(higher: list[float], lower: list[float]) -> float:
    wins = sum((high > low) + (high == low) / 2 for high in higher for low in lower)
    return wins / (len(higher) * len(lower))


if __name__ == "__main__":
    main()
