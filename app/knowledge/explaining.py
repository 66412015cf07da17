"""Why an answer was sure or not, in plain words, from what confidence.py weighed."""

from collections.abc import Mapping

from flask_babel import gettext as _

# What a member would call much or little; the score itself weighs them finely.
NEAR, FAR = 0.6, 0.4  # cosine of the best sentence with the question
MOST, FEW = 0.7, 0.4  # share of the question's words, the rare ones counting more
STANDS_OUT, CROWDED = 0.15, 0.05  # cosine above the mean of the other passages


def reasons(features: Mapping[str, float]) -> list[str]:
    """Each is a sentence. Empty when nothing was found, or nothing was kept."""
    if not features:
        return []
    said = [
        _by_meaning(features["sentence_cosine"]),
        _by_words(features["coverage"]),
        _among_others(features["sentence_margin"]),
        *_missing(features),
    ]
    return [sentence for sentence in said if sentence]


def _by_meaning(cosine: float) -> str:
    if cosine >= NEAR:
        return _("The best passage says nearly what was asked.")
    if cosine < FAR:
        return _("Nothing that your assistant has read comes close to what was asked.")
    return _("The best passage is about something similar.")


def _by_words(coverage: float) -> str:
    if coverage >= MOST:
        return _("It has most words of the question.")
    return _("It has few words of the question.") if coverage < FEW else ""


def _among_others(margin: float) -> str:
    if margin >= STANDS_OUT:
        return _("It fits clearly better than the other passages.")
    return _("Other passages fit almost as well.") if margin < CROWDED else ""


def _missing(features: Mapping[str, float]) -> list[str]:
    said = []
    if features.get("foreign"):  # older receipts don't say
        said.append(_("It may be asked in another language than the passage is written in."))
    if features["unknown_words"] > 0:
        said.append(_("The question has words that stand nowhere in your knowledge."))
    if features["figures_missing"] > 0:
        said.append(_("A number in the question isn’t in the passage."))
    if features["names_missing"] > 0:
        said.append(_("A name in the question isn’t in the passage."))
    if features["asked_kind"] < 0:
        said.append(_("The question asks for a number or a name, and the best sentence has none."))
    return said
