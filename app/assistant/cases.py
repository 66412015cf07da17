"""Corrections that must stay right: each is asked again when knowledge has changed."""

from collections.abc import Iterator

from sqlalchemy import delete, select

from app.accounts.models import User
from app.assistant.models import RegressionCase
from app.core.db import now
from app.extensions import db
from app.knowledge import answering, services
from app.knowledge.extractive import MAX_ANSWER
from app.knowledge.indexing import Encode


def correct(question: str, answer: str, by: User) -> RegressionCase:
    """Teach the right answer, and keep it as a case; the newest for a question counts. Raises
    Invalid."""
    source = services.add_question(question, answer, by)
    question = source.question or ""
    db.session.execute(delete(RegressionCase).where(RegressionCase.question == question))
    return _keep(question, source.answer or "", source.id, by)


def run_all(encode: Encode) -> Iterator[RegressionCase]:
    """Oldest first, always without a language model, so that it is repeatable."""
    for case in db.session.scalars(select(RegressionCase).order_by(RegressionCase.id)).all():
        case.is_green = _holds(case, answering.answer(case.question, encode))
        case.last_run_at = now()
        db.session.flush()
        yield case


def _keep(question: str, answer: str, source_id: int, by: User) -> RegressionCase:
    """A long answer is quoted in part, so of it only the source is asked for."""
    must_contain = answer if len(answer) <= MAX_ANSWER else ""
    case = RegressionCase(
        question=question, must_contain=must_contain, source_id=source_id, created_by=by.id
    )
    db.session.add(case)
    db.session.flush()
    return case


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
