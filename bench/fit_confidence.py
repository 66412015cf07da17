"""Make the weights of app/knowledge/confidence.py from the question sets: `.venv/bin/python bench/fit_confidence.py`.

Each question is asked twice: as it is, where the answer is right if the best passage is, and with its passage taken
out of the hits, where nothing is right. The unanswerable questions and the small talk come on top. Right and wrong
weigh the same, so that a score of one half is the natural threshold.
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


if __name__ == "__main__":
    main()
