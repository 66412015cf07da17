"""From which cosine two questions mean the same: `.venv/bin/python bench/same_question.py`.

bench/questions/same_question.jsonl holds questions that no text answers, asked in several ways, with others near them
("do you sell chainsaws", "do you service chainsaws"). They come in at random, twenty times over, and join groups by the
rule of app/assistant/grouping.py: the nearest group by its most typical question, or a group of their own. A pair that
stands together and should is right. Then other languages, pair by pair, where the words have a say as well; and small
talk: which of it would be taken for a question.
"""

import random
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from app.assistant.grouping import ASIDE
from app.assistant.likeness import SAME_MEANING, SAME_WORDS, language_of, shared
from app.assistant.small_talk import ASIDES, reply_to
from app.knowledge import embeddings
from app.knowledge.stems import terms_of
from bench.question_sets import lines, scratch

ORDERS = 20
THRESHOLDS = (0.4, 0.45, 0.5, SAME_MEANING, 0.55, 0.6, 0.65, 0.7)
BOOKINGS = 5  # the last lines of small_talk.jsonl are wishes that somebody has to see to


@dataclass(frozen=True)
class Counts:
    right: int = 0  # pairs that stand together and should
    wrong: int = 0
    missed: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.right + other.right, self.wrong + other.wrong, self.missed + other.missed
        )

    @property
    def precision(self) -> float:
        return self.right / max(self.right + self.wrong, 1)

    @property
    def recall(self) -> float:
        return self.right / max(self.right + self.missed, 1)

    @property
    def weighed(self) -> float:
        """F with precision counting double: a wrong answer to a visitor is worse than a second entry."""
        return 1.25 * self.precision * self.recall / (0.25 * self.precision + self.recall)


def main() -> None:
    with scratch() as app:
        _measure(embeddings.load("onnx", app.config["EMBEDDING_DIR"]))


def _measure(embedder: embeddings.Embedder) -> None:
    shops = list(_shops(embedder))
    print(
        "| cosine from | right of those together | together of those that belong | F½ |\n|---|---|---|---|"
    )
    for threshold in THRESHOLDS:
        total = sum((_grouped(*shop, threshold) for shop in shops), Counts())
        print(f"| {threshold} | {total.precision:.2f} | {total.recall:.2f} | {total.weighed:.2f} |")
    unseen = sum((_chosen_without(shops, number) for number in range(len(shops))), Counts())
    print(
        f"each business with the threshold best for the others: {unseen.precision:.2f}, {unseen.recall:.2f}"
    )
    asked = [each for row in lines("same_question") for each in row["asked"]]
    english = sum(language_of(each, "en") == "en" for each in asked)
    print(f"taken for English: {english} of {len(asked)}")
    _other_languages(embedder)
    _small_talk(embedder)


def _shops(embedder: embeddings.Embedder) -> Iterator[tuple[np.ndarray, list[int]]]:
    """Each business's cosines, and which meaning each question has."""
    asked: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for meaning, row in enumerate(lines("same_question")):
        asked[row["business"]] += [(question, meaning) for question in row["asked"]]
    for questions in asked.values():
        vectors = embedder.encode([question for question, _meaning in questions])
        yield vectors @ vectors.T, [meaning for _question, meaning in questions]


def _chosen_without(shops: list[tuple[np.ndarray, list[int]]], number: int) -> Counts:
    others = shops[:number] + shops[number + 1 :]
    candidates = [step / 40 for step in range(14, 30)]
    best = max(
        candidates,
        key=lambda each: sum((_grouped(*shop, each) for shop in others), Counts()).weighed,
    )
    return _grouped(*shops[number], best)


def _grouped(cosines: np.ndarray, meanings: list[int], threshold: float) -> Counts:
    return sum(
        (_compared(_groups(cosines, threshold, seed), meanings) for seed in range(ORDERS)), Counts()
    )


def _groups(cosines: np.ndarray, threshold: float, seed: int) -> dict[int, int]:
    order = list(range(len(cosines)))
    random.Random(seed).shuffle(order)
    groups: list[list[int]] = []
    typical: list[int] = []
    for asked in order:
        nearest = max(range(len(groups)), key=lambda each: cosines[typical[each], asked], default=0)
        if not groups or cosines[typical[nearest], asked] < threshold:
            groups.append([asked])
            typical.append(asked)
        else:
            members = groups[nearest]
            members.append(asked)
            typical[nearest] = max(members, key=lambda each: float(cosines[each, members].sum()))
    return {asked: number for number, members in enumerate(groups) for asked in members}


def _compared(groups: dict[int, int], meanings: list[int]) -> Counts:
    right = wrong = missed = 0
    for one in range(len(meanings)):
        for other in range(one):
            together, same = groups[one] == groups[other], meanings[one] == meanings[other]
            right += together and same
            wrong += together and not same
            missed += same and not together
    return Counts(right, wrong, missed)


def _other_languages(embedder: embeddings.Embedder) -> None:
    """Also against the questions of bench/questions/languages.jsonl, which mean something else."""
    for code in dict.fromkeys(row["language"] for row in lines("same_question_languages")):
        rows = [row["asked"] for row in lines("same_question_languages") if row["language"] == code]
        others = [
            [each["question"] for each in row["asked"]]
            for row in lines("languages")
            if row["business"] == code
        ]
        asked = [(each, number) for number, row in enumerate([*rows, *others]) for each in row]
        vectors = embedder.encode([each for each, _number in asked])
        terms = [set(terms_of([each], language_of(each, code))[0]) for each, _number in asked]
        counts: dict[tuple[bool, bool], int] = defaultdict(int)
        for one, other in combinations(range(len(asked)), 2):
            if asked[one][1] == asked[other][1] >= len(rows):
                continue  # of one passage, but not the same question
            alike = float(vectors[one] @ vectors[other]) >= SAME_MEANING
            joins = alike and shared(terms[one], terms[other]) >= SAME_WORDS
            counts[asked[one][1] == asked[other][1], joins] += 1
        same, different = (counts[each, True] + counts[each, False] for each in (True, False))
        print(
            f"{code}: {counts[True, True]} of {same} together, {counts[False, True]} of {different} wrongly"
        )


def _small_talk(embedder: embeddings.Embedder) -> None:
    remarks = [row["question"] for row in lines("small_talk")][:-BOOKINGS]
    remarks = [each for each in remarks if reply_to(each, "") is None]
    questions = [row["question"] for row in lines("unanswerable")]
    questions += [each for row in lines("same_question") for each in row["asked"]]
    asides = embedder.encode(ASIDES)
    for name, texts in (("small talk", remarks), ("questions", questions)):
        near = (embedder.encode(texts) @ asides.T).max(axis=1) >= ASIDE
        taken = [text for text, is_near in zip(texts, near, strict=True) if is_near]
        print(f"{name}: {len(taken)} of {len(texts)} taken for small talk")


if __name__ == "__main__":
    main()
