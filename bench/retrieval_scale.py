"""Search in large knowledge: `.venv/bin/python bench/retrieval_scale.py`.

Businesses of 1,000, 10,000 and 100,000 passages, and 1,000 businesses of 1,000 passages each, all in one database
(bench/generated.py). From the question to the scored passages, its embedding included, one question after the
other, each in a transaction of its own; recall is the vector stage's ten nearest against all vectors compared by
numpy. The first run builds the data in `--data-dir` (8 GB, some six minutes); later ones take a minute.
"""

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from bench import generated, paragraphs, report
from bench.question_sets import scratch

SIZES = (1_000, 10_000, 100_000)
SIZE_OF_EACH = 1_000  # of the many
SENTENCES, SENTENCES_OF_EACH = 5, 2  # of a passage
TARGET_P50, TARGET_P95, TARGET_RECALL = 25, 80, 0.95
WARM_UP = 20  # questions
COMPARED = 20  # of the many businesses, for recall
DEFAULT_DIR = Path(tempfile.gettempdir()) / "frontdesk-retrieval-scale"


def main() -> None:
    options = _options()
    with scratch(options.data_dir):
        made = {f"scale-{size}": size for size in SIZES}
        sizes = _build(options.data_dir, "sizes", made, SENTENCES)
        many = {f"many-{number}": SIZE_OF_EACH for number in range(options.businesses)}
        others = _build(options.data_dir, f"many-{len(many)}", many, SENTENCES_OF_EACH)
        lines = []
        for size, business_id in zip(SIZES, sizes, strict=True):
            lines += _measure(f"{size:,} passages", [business_id], options.questions)
        if others:
            label = f"one of {len(others):,} businesses of {SIZE_OF_EACH:,}"
            lines += _measure(label, others, options.questions)
    report.show(lines, "bench/retrieval_scale.py", markdown=options.markdown)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--markdown", action="store_true", help="rows for docs/benchmarks.md")
    parser.add_argument("--data-dir", type=Path, default=DEFAULT_DIR, help=f"kept; {DEFAULT_DIR}")
    parser.add_argument("--businesses", type=int, default=1_000, help="0 leaves the many out")
    parser.add_argument("--questions", type=int, default=200)
    return parser.parse_args()


def _build(folder: Path, name: str, sizes: dict[str, int], sentences: int) -> list[int]:
    """The businesses' ids, in order. Built once."""
    from app.core.tenancy import business_scope
    from app.extensions import db

    done = folder / f"{name}.built"
    if done.exists():
        return [int(line) for line in done.read_text().split()]
    began = time.monotonic()
    ids = [_open(slug) for slug in sizes]
    if ids:
        with business_scope(ids[0]):
            pool = generated.pool()
            db.session.rollback()  # or it waits open while the rows are loaded
        with generated.superuser() as connection:
            generated.load(connection, pool, dict(zip(ids, sizes.values(), strict=True)), sentences)
    for business_id, size in zip(ids, sizes.values(), strict=True):
        _tune(business_id, size)
    done.write_text("\n".join(map(str, ids)))
    print(f"built {name} in {time.monotonic() - began:.0f} s", file=sys.stderr)
    return ids


def _open(slug: str) -> int:
    from app.core.unit_of_work import unit_of_work
    from app.frontdesk.opening import open_business

    with unit_of_work():
        return open_business(slug, None, slug).id


def _tune(business_id: int, size: int) -> None:
    """What the worker does after an import."""
    from app.core.tenancy import business_scope
    from app.core.unit_of_work import unit_of_work
    from app.knowledge import tuning

    began = time.monotonic()
    with business_scope(business_id), unit_of_work():
        tuning.tune()
    if size >= tuning.LARGE:
        print(f"index of {size:,} in {time.monotonic() - began:.0f} s", file=sys.stderr)


def _measure(label: str, businesses: list[int], count: int) -> list[report.Line]:
    generator = random.Random(7)
    questions = paragraphs.questions(WARM_UP + count, seed=7)
    asked = [(generator.choice(businesses), question) for question in questions]
    times = [_ask(*each) for each in asked][WARM_UP:]
    recall = _recall(businesses[:COMPARED], questions[WARM_UP:])
    middle, late = statistics.median(times), report.percentile(times, 0.95)
    return [
        _time(f"search, {label}, p50", TARGET_P50, middle),
        _time(f"search, {label}, p95", TARGET_P95, late),
        report.Line(
            f"recall@10 of the vectors, {label}",
            f"≥ {TARGET_RECALL}",
            f"{recall:.3f}",
            recall >= TARGET_RECALL,
        ),
    ]


def _time(measure: str, target: int, ms: float) -> report.Line:
    return report.Line(measure, f"≤ {target} ms", f"{ms:.0f} ms", ms <= target)


def _ask(business_id: int, question: str) -> float:
    from app.core.tenancy import business_scope
    from app.extensions import db
    from app.knowledge import retrieval
    from app.knowledge.embeddings.current import encode

    with business_scope(business_id):
        began = time.perf_counter()
        assert retrieval.search(question, encode).hits
        took = time.perf_counter() - began
        db.session.rollback()
    return took * 1000


def _recall(businesses: Sequence[int], questions: Sequence[str]) -> float:
    shares = []
    for number, business_id in enumerate(businesses):
        mine = questions[number :: len(businesses)]
        shares += _recall_of(business_id, mine)
    return statistics.mean(shares)


def _recall_of(business_id: int, questions: Sequence[str]) -> list[float]:
    from app.core.tenancy import business_scope
    from app.extensions import db
    from app.knowledge import retrieval
    from app.knowledge.embeddings.current import encode

    asked = encode(questions)
    with generated.superuser() as connection:
        ids, vectors = generated.vectors_of(connection, business_id)
    exact = np.argsort(-(vectors @ asked.T), axis=0)[:10].T
    with business_scope(business_id):
        found = [set(retrieval.nearest(embedding)[:10]) for embedding in asked]
        db.session.rollback()
    return [
        len(mine & set(ids[right].tolist())) / 10 for mine, right in zip(found, exact, strict=True)
    ]


if __name__ == "__main__":
    main()
