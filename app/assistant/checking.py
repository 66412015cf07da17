"""Asking the checks through the language model, before another prompt or model is released."""

import re

from app.assistant import drafting
from app.assistant.calling import CallFor
from app.assistant.drafting import Asked, Draft
from app.assistant.models import AssistantSettings
from app.core import unit_of_work
from app.core.errors import OutsideError
from app.core.tools import Call
from app.knowledge.models import RegressionCase

_FIGURE = re.compile(r"\d+(?:[.,:]\d+)*")


def holds(case: RegressionCase, business: str, settings: AssistantSettings) -> bool:
    """Nothing of it is kept but what it cost: a model's answer may be another tomorrow. Raises OutsideError
    when no model answers."""
    must_contain, source_id = case.must_contain, case.source_id
    asked = Asked(
        business=business,
        question=case.question,
        settings=settings,
        call=Call(0, 0, 0, is_dry_run=True),
        purpose=CallFor("check"),
        commit=unit_of_work.commit,
    )
    made = drafting.draft(asked, lambda _marked: None)
    if made.trouble is not None:
        raise OutsideError(made.trouble, permanent=True)
    if made.is_unsure or made.is_over or not _cites(source_id, made):
        return False
    return says(made.text, must_contain, is_cited=source_id is not None)


def _cites(source_id: int | None, made: Draft) -> bool:
    return source_id is None or source_id in {each["source_id"] for each in made.citations}


def says(text: str, must_contain: str, *, is_cited: bool) -> bool:
    """A model says it in its own words, so of words that it must say only the figures have to be there.
    Where there is none the right source is enough; with neither, the words themselves."""
    if _plain(must_contain) in _plain(text):
        return True
    figures = set(_FIGURE.findall(must_contain))
    return figures <= set(_FIGURE.findall(text)) if figures else is_cited


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
