"""Questions to documents, answered without a language model: `.venv/bin/python -m bench.knowledge`.

    .venv/bin/python -m bench.knowledge --documents FOLDER --questions FILE.jsonl [--misses]

Without arguments it asks 120 questions to the demo's 19 documents. Any folder of files that the product reads will do,
and any JSONL with an object a line:

    {"id": "d1", "question": "do you deliver on sundays", "document": "delivery.html", "fact": "Tuesday to Saturday"}
    {"id": "d2", "question": "do you sell boats", "document": null, "fact": null}

`fact` is what an answer must say, as it stands in the document (case, spaces and the kind of quotes and dashes don't
count); `also` is a second thing that it must say, where two were asked for. Without a fact the question has no answer in the documents. `document` is
for the reader; where it is given without a fact, a passage of that file is right.
"""

import argparse
import json
import re
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import report
from bench.question_sets import QUESTIONS, ROOT, scratch

DEMO = ROOT / "app" / "demo"
SAME_SIGN = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "—": "-"})
LARGEST_ONE = 80  # characters of a question in the list of misses


@dataclass(frozen=True)
class Question:
    text: str
    document: str = ""
    fact: str = ""
    also: str = ""

    @property
    def is_answerable(self) -> bool:
        return bool(self.fact or self.document)


@dataclass(frozen=True)
class Result:
    question: Question
    first: bool
    third: bool
    chosen: bool  # the fact stands in the sentences that were chosen
    is_said: bool  # they were shown, as sure or as unsure
    is_sure: bool
    answer: str
    score: float
    ms: float


def main() -> None:
    options = _options()
    documents = [options.documents or DEMO / "documents"]
    files = options.questions or [
        DEMO / "questions.jsonl",
        QUESTIONS / "demo_unseen.jsonl",
    ]
    results = measure(documents, [each for file in files for each in read(file)])
    show(results, "bench/knowledge.py", markdown=options.markdown, misses=options.misses)


def measure(documents: Sequence[Path], questions: Sequence[Question]) -> list[Result]:
    """In an installation of its own, whose one business knows these files and nothing else."""
    from app.core.tenancy import business_scope
    from app.core.unit_of_work import unit_of_work
    from app.frontdesk.opening import open_business

    with scratch():
        with unit_of_work():
            business_id = open_business("Asked", None, "asked").id
        with business_scope(business_id):
            _learn(documents)
            return [_ask(question) for question in questions]


def read(file: Path) -> list[Question]:
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines() if line.strip()]
    return [
        Question(
            row["question"], row.get("document") or "", row.get("fact") or "", row.get("also") or ""
        )
        for row in rows
    ]


def show(results: Sequence[Result], command: str, *, markdown: bool, misses: bool) -> None:
    report.show(_lines(results), command, markdown=markdown)
    if misses:
        _print_misses(results)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Questions to documents.")
    parser.add_argument("--documents", type=Path, help="a folder, or a file; the demo's without")
    parser.add_argument("--questions", type=Path, action="append", help="may be given repeatedly")
    parser.add_argument("--markdown", action="store_true", help="rows for docs/benchmarks.md")
    parser.add_argument("--misses", action="store_true", help="list what went wrong")
    options = parser.parse_args()
    if bool(options.documents) != bool(options.questions):
        parser.error("--documents and --questions belong together")
    return options


def _learn(documents: Sequence[Path]) -> None:
    from app.knowledge import importing
    from app.knowledge.embeddings.current import encode

    encode(["the model is loaded before the clock starts"])
    for result in importing.import_all(documents):
        if not result.is_ready:
            print(result.line(), file=sys.stderr)


def _ask(question: Question) -> Result:
    from app.extensions import db
    from app.knowledge import answering, confidence
    from app.knowledge.confidence import Band
    from app.knowledge.embeddings.current import encode
    from app.knowledge.models import Document, Source

    began = time.perf_counter()
    # From a threshold of nothing on, what was chosen is said whatever the score.
    found = answering.answer(question.text, encode, threshold=0.0)
    ms = (time.perf_counter() - began) * 1000
    right = []
    for hit in found.passages[:3]:
        if question.fact:
            right.append(_holds(question.fact, f"{hit.heading}\n{hit.question}\n{hit.text}"))
        else:
            document = db.session.get_one(Document, (_business_id(), hit.document_id))
            source = db.session.get_one(Source, (_business_id(), document.source_id))
            right.append(source.name == question.document)
    db.session.rollback()
    return Result(
        question=question,
        first=any(right[:1]),
        third=any(right),
        chosen=all(_holds(fact, found.answer) for fact in (question.fact, question.also)),
        is_said=confidence.band(found.score) != Band.HAND_OVER,
        is_sure=confidence.band(found.score) == Band.ANSWER,
        answer=found.answer,
        score=found.score,
        ms=ms,
    )


def _business_id() -> int:
    from app.core.tenancy import current_business_id

    return current_business_id()


def _holds(fact: str, text: str) -> bool:
    return _plain(fact) in _plain(text)


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text.translate(SAME_SIGN)).casefold()


def _lines(results: Sequence[Result]) -> list[report.Line]:
    asked = [result for result in results if result.question.is_answerable]
    with_fact = [result for result in asked if result.question.fact]
    empty = [result for result in results if not result.question.is_answerable]
    sure = [result for result in with_fact if result.is_sure]
    times = [result.ms for result in results]
    return [
        _share("right passage first", [result.first for result in asked]),
        _share("right passage in the first three", [result.third for result in asked]),
        _share("right fact in the sentences chosen", [result.chosen for result in with_fact]),
        _share("… and shown", [result.chosen and result.is_said for result in with_fact]),
        _share("… and said as sure", [result.chosen and result.is_sure for result in with_fact]),
        _share("right fact in the answers said as sure", [result.chosen for result in sure]),
        _share("unanswerable refused", [not result.is_sure for result in empty]),
        report.Line("question to answer, p50", "", f"{statistics.median(times):.0f} ms"),
        report.Line("question to answer, p95", "", f"{report.percentile(times, 0.95):.0f} ms"),
    ]


def _share(measure: str, held: Sequence[bool]) -> report.Line:
    figure = f"{sum(held) / len(held):.3f} ({sum(held)} of {len(held)})" if held else "–"
    return report.Line(measure, "", figure)


def _print_misses(results: Sequence[Result]) -> None:
    for result in results:
        question = result.question
        if question.is_answerable and not (result.third and (result.chosen or not question.fact)):
            what = "not found" if not result.third else "not said"
        elif not question.is_answerable and result.is_sure:
            what = "answered"
        else:
            continue
        print(f"{what:<10} {result.score:.2f}  {question.text[:LARGEST_ONE]}")
        print(f"{'':<16} {' '.join(result.answer.split())[:LARGEST_ONE]}")


if __name__ == "__main__":
    main()
