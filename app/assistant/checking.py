"""Asking the checks through the language model, before another prompt or model is released."""

import re

from app.assistant.writers import Claude, Written
from app.core import unit_of_work
from app.knowledge import answering
from app.knowledge.indexing import Encode
from app.knowledge.models import RegressionCase

_FIGURE = re.compile(r"\d+(?:[.,:]\d+)*")


def holds(case: RegressionCase, business: str, writer: Claude, encode: Encode) -> bool:
    """Nothing of it is kept: a model's answer may be another tomorrow. Raises OutsideError."""
    question, must_contain, source_id = case.question, case.must_contain, case.source_id
    found = answering.answer(question, encode)
    unit_of_work.commit()  # no transaction is open while Claude writes
    if not found.passages:
        return False
    written = writer.write(business, found, [], lambda _text: None)
    if written.is_unsure or not _cites(source_id, written):
        return False
    return says(written.text, must_contain, is_cited=source_id is not None)


def _cites(source_id: int | None, written: Written) -> bool:
    return source_id is None or source_id in {each["source_id"] for each in written.citations}


def says(text: str, must_contain: str, *, is_cited: bool) -> bool:
    """A model says it in its own words, so of words that it must say only the figures have to be there.
    Where there is none the right source is enough; with neither, the words themselves."""
    if _plain(must_contain) in _plain(text):
        return True
    figures = set(_FIGURE.findall(must_contain))
    return figures <= set(_FIGURE.findall(text)) if figures else is_cited


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
