"""Asking a business's checks through its assistant as it is set up, before another prompt or model is released."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select

from app.assistant.language_models import chosen
from app.assistant.models import AssistantSettings
from app.conversations.models.hand_offs import REASONS
from app.core.errors import OutsideError
from app.extensions import db
from app.frontdesk import rehearsing
from app.frontdesk.rehearsing import Rehearsal
from app.knowledge.models import RegressionCase

_FIGURE = re.compile(r"\d+(?:[.,:]\d+)*")


@dataclass(frozen=True, slots=True)
class Verdict:
    """`problem` is empty where the check holds."""

    question: str
    problem: str


def model_name() -> str:
    """Of the business in scope; empty where the passages are quoted."""
    model = chosen.current(AssistantSettings.current())
    return model.model if model else ""


def ask_all() -> Iterator[Verdict]:
    """Nothing is kept but what it cost: a model's answer may be another tomorrow. Raises OutsideError when
    the business's model doesn't answer."""
    for case_id in db.session.scalars(select(RegressionCase.id).order_by(RegressionCase.id)).all():
        case = RegressionCase.by_id(case_id)
        if case is not None:
            yield _ask(case)


def _ask(case: RegressionCase) -> Verdict:
    settings = AssistantSettings.current()
    found = rehearsing.rehearse(case.question, (), settings, "website", purpose="check")
    if found.draft is not None and found.draft.trouble is not None:
        raise OutsideError(found.draft.trouble, permanent=True)
    return Verdict(case.question, _problem(case, found))


def _problem(case: RegressionCase, found: Rehearsal) -> str:
    made = found.draft
    if found.hand_off is not None:
        return f"calls a person: {REASONS[found.hand_off]}"
    if made is None or not made.passages:
        return "nothing was found that could answer it"
    if made.is_unsure:
        return "isn’t sure enough to answer"
    if case.source and case.source_id not in {each["source_id"] for each in made.citations}:
        return f"doesn’t quote “{case.source.name}”"
    is_quoted = made.writer == "extractive"
    if says(found.text, case.must_contain, is_quoted=is_quoted, is_cited=bool(case.source_id)):
        return ""
    return f"doesn’t say “{case.must_contain}”"


def says(text: str, must_contain: str, *, is_quoted: bool, is_cited: bool) -> bool:
    """A model says it in its own words, so of words that it must say only the figures have to be there.
    Where there is none the right source is enough; with neither, the words themselves."""
    if _plain(must_contain) in _plain(text):
        return True
    if is_quoted:
        return False
    figures = set(_FIGURE.findall(must_contain))
    return figures <= set(_FIGURE.findall(text)) if figures else is_cited


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
