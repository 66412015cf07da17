"""Questions that must stay answered right: each is asked again before a change of knowledge goes live."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import aggregate_order_by

from app.accounts.models import User
from app.core.db import now
from app.extensions import db
from app.knowledge import answering, verdicts
from app.knowledge.extractive import MAX_ANSWER
from app.knowledge.indexing import Encode
from app.knowledge.models import RegressionCase, Source


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of asking a case. `result` is for verdicts.py, as it is kept on the case."""

    is_green: bool
    answer: str
    score: float
    result: dict[str, Any] = field(default_factory=dict)


def keep(source: Source, by: User, message_id: int | None = None) -> RegressionCase:
    """The answer of this question-and-answer is right; the newest case for a question counts."""
    question, answer = source.question or "", source.answer or ""
    db.session.execute(delete(RegressionCase).where(RegressionCase.question == question))
    case = RegressionCase(
        question=question,
        must_contain=_expected(answer),
        source_id=source.id,
        message_id=message_id,
        created_by=by.id,
    )
    db.session.add(case)
    db.session.flush()
    return case


def follow(source: Source, old_answer: str) -> None:
    """Its owner has changed the answer: the cases that asked for the old one ask for the new one."""
    of_source = update(RegressionCase).where(RegressionCase.source_id == source.id)
    db.session.execute(of_source.values(is_green=None))
    db.session.execute(
        of_source.where(RegressionCase.must_contain == _expected(old_answer)).values(
            must_contain=_expected(source.answer or "")
        )
    )


def let_go(source: Source) -> None:
    """It is about to be deleted: a case that also asks for words goes on asking for them. A correction
    is taken back with its source."""
    if source.is_question:
        return
    db.session.execute(
        update(RegressionCase)
        .where(RegressionCase.source_id == source.id, RegressionCase.must_contain != "")
        .values(source_id=None, is_green=None)
    )


@dataclass(frozen=True, slots=True)
class Relying:
    """Cases that would lose what they cite: how many, and the questions of some."""

    count: int = 0
    questions: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """“3 checks rely on this: …”; empty when none does."""
        if not self.count:
            return ""
        named = ", ".join(f"“{question}”" for question in self.questions)
        if self.is_longer:
            more = self.count - len(self.questions)
            named = _("%(named)s and %(more)s more", named=named, more=more)
        return ngettext(
            "1 check relies on this: %(named)s.",
            "%(num)s checks rely on this: %(named)s.",
            self.count,
            named=named,
        )

    @property
    def is_longer(self) -> bool:
        return self.count > len(self.questions)


NOBODY = Relying()
NAMED = 3  # questions; more would not be read before a click


def relying() -> dict[int, Relying]:
    """By source. Red cases have nothing left to lose."""
    questions = func.array_agg(aggregate_order_by(RegressionCase.question, RegressionCase.id))
    found = db.session.execute(
        select(RegressionCase.source_id, func.count(), questions)
        .where(RegressionCase.is_green.is_not(False), RegressionCase.source_id.is_not(None))
        .group_by(RegressionCase.source_id)
    )
    return {
        source_id: Relying(n, tuple(names[:NAMED])) for source_id, n, names in found if source_id
    }


def run_all(encode: Encode, threshold: float | None = None) -> Iterator[RegressionCase]:
    """Oldest first, always without a language model, so that it is repeatable."""
    for case in _all():
        ask(case, encode, threshold)
        yield case


def ask(case: RegressionCase, encode: Encode, threshold: float | None = None) -> None:
    """Once, and keep what came of it."""
    _note(case, judge(case, answering.answer(case.question, encode, threshold=threshold)))
    db.session.flush()


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

    def asked(some: list[RegressionCase]) -> dict[int, Outcome]:
        answers = (answering.answer(case.question, encode, threshold=threshold) for case in some)
        return {case.id: judge(case, found) for case, found in zip(some, answers, strict=True)}

    with db.session.begin_nested() as attempt:
        change()
        outcomes = asked(cases)
        may_break = [case for case in cases if case.is_green is not False]
        red = [case for case in may_break if not outcomes[case.id].is_green]
        if red:
            attempt.rollback()
    if red:
        before = asked(red)
        broken = [case for case in red if before[case.id].is_green]
        if broken:
            return [_told(case, outcomes[case.id].answer) for case in broken]
        change()
    for case in cases:
        _note(case, outcomes[case.id])
    return []


def judge(case: RegressionCase, found: answering.KnowledgeAnswer) -> Outcome:
    problem = _problem(case, found)
    result = {
        "problem": problem,
        "because": verdicts.why_another_wins(case.source_id, found.passages)
        if problem in ("unsure", "elsewhere")
        else "",
        "citations": [
            {
                "source_id": citation.source_id,
                "title": citation.title,
                "heading": citation.heading,
            }
            for citation in found.citations
        ],
    }
    return Outcome(not problem, found.answer, found.score, result)


def _problem(case: RegressionCase, found: answering.KnowledgeAnswer) -> str:
    """Its key in verdicts.py; empty when the case holds."""
    if not found.passages:
        return "nothing"
    if not found.confident:
        return "unsure"
    cited = {citation.source_id for citation in found.citations}
    if case.source_id is not None and case.source_id not in cited:
        return "elsewhere"
    return "" if _plain(case.must_contain) in _plain(found.answer) else "words"


def _note(case: RegressionCase, outcome: Outcome) -> None:
    case.is_green, case.last_run_at = outcome.is_green, now()
    case.last_answer, case.last_score = outcome.answer, outcome.score
    case.last_result = outcome.result


def count() -> int:
    return db.session.scalar(select(func.count()).select_from(RegressionCase)) or 0


def states() -> dict[int, bool | None]:
    """Of each case: whether it held when it was asked last."""
    found = db.session.execute(select(RegressionCase.id, RegressionCase.is_green))
    return {row.id: row.is_green for row in found}


def _all() -> list[RegressionCase]:
    return list(db.session.scalars(select(RegressionCase).order_by(RegressionCase.id)))


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


def _plain(text: str) -> str:
    """How lines are broken is no difference."""
    return " ".join(text.split())
