"""Why a check is red, and what to do about it, in plain words."""

from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.knowledge.models import RegressionCase
from app.knowledge.scoring import Hit

CLEARLY = 0.05  # of cosine or coverage: less is no difference that a person would see

BECAUSE = {
    "not_found": _l("yours isn’t among the five that fit best"),
    "words": _l("it has more of the question’s words"),
    "meaning": _l("it is closer to what was asked"),
    "near": _l("both fit about equally well"),
}


def why_another_wins(source_id: int | None, passages: Sequence[Hit]) -> str:
    """A key of BECAUSE; empty when none wins over this source."""
    if source_id is None or not passages or passages[0].source_id == source_id:
        return ""
    winner = passages[0]
    ours = next((hit for hit in passages if hit.source_id == source_id), None)
    if ours is None:
        return "not_found"
    if winner.best_cosine - ours.best_cosine > CLEARLY:
        return "meaning"
    return "words" if winner.coverage - ours.coverage > CLEARLY else "near"


def why_red(case: RegressionCase) -> str:
    """One sentence about a case that was asked. Empty when it holds."""
    if case.is_green is not False:
        return ""
    return _unread(case) or _said(case)


def what_to_do(case: RegressionCase) -> str:
    if case.is_green is not False:
        return ""
    if _unread(case):
        return _("Look at the source first; the check runs again when it is read.")
    return {
        "nothing": _("Add the answer to your knowledge, in the words your customers use."),
        "unsure": _(
            "Add the missing words to the text, or this very question with its answer under Sources."
        ),
        "elsewhere": _(
            "Change or delete the passage that wins, or write your question closer to what is asked."
        ),
        "words": _("Correct the text that is quoted, or change what this check expects."),
    }.get(_problem(case), _("Run the checks again."))


def _said(case: RegressionCase) -> str:
    because = BECAUSE.get((case.last_result or {}).get("because", ""), "")
    if _problem(case) == "nothing":
        return _("Nothing was found that could answer it.")
    if _problem(case) == "unsure":
        sure = round((case.last_score or 0) * 100)
        return _("Your assistant isn’t sure enough to say it: %(sure)s %%.", sure=sure)
    if _problem(case) == "elsewhere":
        wins = _wins(case)
        return (
            _("%(wins)s, because %(because)s.", wins=wins, because=because)
            if because
            else f"{wins}."
        )
    return _("The answer doesn’t say what it should.")


def _wins(case: RegressionCase) -> str:
    citations = (case.last_result or {}).get("citations") or [{}]
    title = citations[0].get("title")
    return (
        _("Another passage wins, from “%(title)s”", title=title)
        if title
        else _("Another passage wins")
    )


def _unread(case: RegressionCase) -> str:
    """Its source has no say at the moment."""
    source = case.source
    if source is None or source.status == "ready":
        return ""
    if source.status == "held":
        return _("“%(name)s” waits for your decision, so it isn’t used yet.", name=source.name)
    if source.status == "failed":
        return _("“%(name)s” could not be read.", name=source.name)
    return _("“%(name)s” is being read right now.", name=source.name)


def _problem(case: RegressionCase) -> str:
    return str((case.last_result or {}).get("problem", ""))
