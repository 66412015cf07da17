"""Make the weights of app/knowledge/confidence.py from the question sets: `.venv/bin/python bench/fit_confidence.py`.

Each question is asked twice: as it is, where the answer is right if the best passage is, and with its passage taken
out of the hits, where nothing is right. The unanswerable questions and the small talk come on top. Right and wrong
weigh the same, so that a score of one half is the natural threshold.

Then it prints how often a score is right: by tenths of the score, and for each threshold what app/knowledge/calibration.py
says to owners. Each set is scored by weights that were made without it.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.question_sets import House, lines, read, scratch, teach

DEPTH = 30  # hits to take the right passage out of
STRENGTH = 0.1  # of the regularisation, its inverse: few examples, correlated features
MISSED_WEIGHT = 0.5  # an answerable question whose passage didn't come first is no clear "no"


@dataclass(frozen=True)
class Example:
    set: str
    features: list[float]
    is_right: bool
    weight: float = 1.0


def main() -> None:
    with scratch():
        houses = [
            house for house in read() if house.set in ("encyclopaedia", "faq", "guests", "offices")
        ]
        teach(houses)
        examples = [example for house in houses for example in _examples(house)]
    _report(examples)
    _calibration(examples)
    weights, intercept = _fit(examples)
    print(json.dumps({"intercept": round(intercept, 3), "weights": weights}, indent=2))


def _examples(house: House) -> list[Example]:
    from app.core.tenancy import business_scope
    from app.knowledge import retrieval
    from app.knowledge.embeddings.current import encode

    examples = []
    with business_scope(house.business_id):
        for asked in house.asked:
            result = retrieval.search(asked.question, encode, limit=DEPTH)
            right = [hit.text in asked.passage or asked.passage in hit.text for hit in result.hits]
            examples.append(_example(house, result, right[0], 1 if right[0] else MISSED_WEIGHT))
            others = [hit for hit, is_right in zip(result.hits, right, strict=True) if not is_right]
            if any(right) and others:
                examples.append(_example(house, replace(result, hits=_alone(others)), False))
        near = [row["question"] for row in lines("unanswerable") if row["set"] == house.set]
        small = [row["question"] for row in lines("small_talk")]
        for question in near + small:
            result = retrieval.search(question, encode, limit=DEPTH)
            if result.hits:
                examples.append(_example(house, result, False))
    return examples


def _example(house: House, result, is_right: bool, weight: float = 1.0) -> Example:
    from app.knowledge import confidence

    found = confidence.features(result)
    return Example(house.set, [found[name] for name in confidence.FEATURES], is_right, weight)


def _alone(hits: Sequence) -> tuple:
    """As they would have been found without the right passage."""
    nearest, most_words = max(hit.cosine for hit in hits), max(hit.bm25 for hit in hits)
    return tuple(
        replace(
            hit,
            leads_by_meaning=hit.cosine == nearest,
            leads_by_words=0 < hit.bm25 == most_words,
        )
        for hit in hits
    )


def _fit(examples: Sequence[Example]) -> tuple[dict[str, float], float]:
    from app.knowledge import confidence

    weights, intercept = _regression(examples)
    names = confidence.FEATURES
    return {name: round(weight, 3) for name, weight in zip(names, weights, strict=True)}, intercept


def _regression(examples: Sequence[Example]) -> tuple[list[float], float]:
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    rows = np.array([example.features for example in examples])
    mean, spread = rows.mean(0), rows.std(0) + 1e-9
    model = LogisticRegression(C=STRENGTH, max_iter=2000, class_weight="balanced")
    model.fit(
        (rows - mean) / spread,
        [example.is_right for example in examples],
        sample_weight=[example.weight for example in examples],
    )
    weights = model.coef_[0] / spread
    return weights.tolist(), float(model.intercept_[0] - (mean * weights).sum())


def _report(examples: Sequence[Example]) -> None:
    """Each set judged by weights that were made without it."""
    import numpy as np
    from sklearn.metrics import roc_auc_score

    for name in sorted({example.set for example in examples}):
        held_out = [example for example in examples if example.set == name]
        weights, intercept = _regression([each for each in examples if each.set != name])
        logits = np.array([each.features for each in held_out]) @ np.array(weights) + intercept
        truth = np.array([each.is_right for each in held_out])
        print(
            f"{name:<16}{len(held_out):>5} examples   AUROC {roc_auc_score(truth, logits):.3f}   "
            f"right answers given {(logits[truth] > 0).mean():.2f}   "
            f"wrong ones given {(logits[~truth] > 0).mean():.2f}"
        )


def _calibration(examples: Sequence[Example]) -> None:
    """Right and wrong weigh the same here too: as if half of what is asked stood in the texts."""
    import numpy as np

    ordered = [each for name in _sets(examples) for each in examples if each.set == name]
    scores = np.concatenate([_held_out_scores(examples, name) for name in _sets(examples)])
    truth = np.array([each.is_right for each in ordered])
    weight = np.array([each.weight for each in ordered])
    for is_right in (True, False):
        weight[truth == is_right] /= weight[truth == is_right].sum()

    def right(chosen) -> str:
        return f"{100 * weight[chosen & truth].sum() / weight[chosen].sum():.0f}"

    print(f"\n{len(truth)} questions\nscore       questions   right of 100")
    for tenth in range(10):
        inside = (scores >= tenth / 10) & (scores < (tenth + 1) / 10)
        print(f"{tenth * 10:>3}-{tenth * 10 + 10:<4}%{inside.sum():>12}{right(inside):>15}")
    print("\nthreshold   right of 100 given   given of 100 that have an answer")
    for percent in range(5, 100, 5):
        given = scores >= percent / 100
        print(f"{percent:>8}%{right(given):>21}{100 * given[truth].mean():>35.0f}")


def _sets(examples: Sequence[Example]) -> list[str]:
    return sorted({example.set for example in examples})


def _held_out_scores(examples: Sequence[Example], name: str):
    import numpy as np

    weights, intercept = _regression([each for each in examples if each.set != name])
    features = np.array([each.features for each in examples if each.set == name])
    return 1 / (1 + np.exp(-(features @ np.array(weights) + intercept)))


if __name__ == "__main__":
    main()
