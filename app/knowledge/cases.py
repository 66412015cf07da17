"""Corrections that must stay right: each is asked again before a change of knowledge goes live."""

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import delete, func, select, update

from app.accounts.models import User
from app.core.db import now
from app.extensions import db
from app.knowledge import answering
from app.knowledge.extractive import MAX_ANSWER
from app.knowledge.indexing import Encode
from app.knowledge.models import RegressionCase, Source


def keep(source: Source, by: User) -> RegressionCase:
    """The answer of this question-and-answer is right; the newest case for a question counts."""
    question, answer = source.question or "", source.answer or ""
    db.session.execute(delete(RegressionCase).where(RegressionCase.question == question))
    case = RegressionCase(
        question=question,
        must_contain=_expected(answer),
        source_id=source.id,
        created_by=by.id,
    )
    db.session.add(case)
    db.session.flush()
    return case


def follow(source: Source) -> None:
    """Its owner has changed the answer: that is what its cases ask for from now on."""
    db.session.execute(
        update(RegressionCase)
        .where(RegressionCase.source_id == source.id)
        .values(must_contain=_expected(source.answer or ""), is_green=None)
    )


def run_all(encode: Encode, threshold: float | None = None) -> Iterator[RegressionCase]:
    """Oldest first, always without a language model, so that it is repeatable."""
    for case in _all():
        case.is_green = _holds(case, answering.answer(case.question, encode, threshold=threshold))
        case.last_run_at = now()
        db.session.flush()
        yield case


def broken_by(
    change: Callable[[], None], encode: Encode, threshold: float | None = None
) -> list[dict[str, Any]]:
    """Make the change, unless a case that holds without it would not hold with it.

    Each broken case is its id, question, what it must contain and what would be said. Empty: the change
    is made. The transaction is the caller's.
    """
    cases = _all()
    if not cases:
        change()
        return []
    with db.session.begin_nested() as attempt:
        change()
        said = {
            case.id: answering.answer(case.question, encode, threshold=threshold) for case in cases
        }
        red = [case for case in cases if not _holds(case, said[case.id])]
        if not red:
            _note_green(cases)
            return []
        attempt.rollback()
    broken = [
        case
        for case in red
        if _holds(case, answering.answer(case.question, encode, threshold=threshold))
    ]
    if not broken:
        change()
        return []
    return [_told(case, said[case.id].answer) for case in broken]


def count() -> int:
    return db.session.scalar(select(func.count()).select_from(RegressionCase)) or 0


def states() -> dict[int, bool | None]:
    """Of each case: whether it held when it was asked last."""
    found = db.session.execute(select(RegressionCase.id, RegressionCase.is_green))
    return {row.id: row.is_green for row in found}


def _all() -> list[RegressionCase]:
    return list(db.session.scalars(select(RegressionCase).order_by(RegressionCase.id)))


def _note_green(cases: list[RegressionCase]) -> None:
    for case in cases:
        case.is_green, case.last_run_at = True, now()


def _told(case: RegressionCase, said: str) -> dict[str, Any]:
    return {
        "case_id": case.id,
        "question": case.question,
        "must_contain": case.must_contain,
        "said": said,
    }


def _expected(answer: str) -> str:
    """A long answer is quoted in part, so of it only the source is asked for."""
    return answer if len(answer) <= MAX_ANSWER else ""


def _holds(case: RegressionCase, found: answering.KnowledgeAnswer) -> bool:
    cited = {citation.source_id for citation in found.citations}
    return (
        found.confident
        and _plain(case.must_contain) in _plain(found.answer)
        and case.source_id in cited
    )


def _plain(text: str) -> str:
    """How lines are broken is no difference."""
    return " ".join(text.split())
