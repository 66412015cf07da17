"""The rule by which a conversation counts as resolved by the assistant: all of CONDITIONS hold. The page prints their
words, and this code applies them; there is no other list."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.assistant.analysis import again
from app.assistant.analysis.intents import LABELS, NO_CUSTOMER, OTHER
from app.lib.marking import kept


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rule looks at, as it stands in the database when the conversation has ended."""

    question_count: int = 0  # the visitor's messages that are more than a greeting or thanks
    answer_count: int = 0  # the assistant's messages
    open_question: str | None = None  # what the visitor wrote after the assistant's last word
    touched: str | None = None  # what a person did, in words
    handed_off: str | None = None  # why a person was called, in words
    request: str | None = None  # what the visitor left for a person to deal with
    is_unsure: bool = False  # the last answer
    rated_down_by: str | None = None
    repeated: str | None = None  # the question asked again
    intent: str = ""
    mood: str = "neutral"


@dataclass(frozen=True, slots=True)
class Condition:
    """`problem` gives the reason why it doesn't hold, or nothing; `holds_as` says why it does."""

    name: str
    words: str
    problem: Callable[[Facts], str | None]
    holds_as: Callable[[Facts], str]


_QUESTIONS = kept("The visitor wrote a question."), kept("The visitor wrote %(count)s questions.")
_ANSWERS = kept("The assistant wrote an answer."), kept("The assistant wrote %(count)s answers.")
_MOODS = {
    "happy": kept("The last mood was happy."),
    "neutral": kept("The last mood was neutral."),
    "unhappy": kept("The last mood was unhappy."),
    "angry": kept("The last mood was angry."),
}


def in_hours(time: timedelta) -> str:
    return ngettext("an hour", "%(num)s hours", time // timedelta(hours=1))


def _quoted(text: str) -> str:
    text = " ".join(text.split())
    return f"“{text if len(text) <= 80 else text[:79] + '…'}”"


def _counted(number: int, one: str, many: str) -> str:
    return one if number == 1 else kept(many, count=number)


def _unanswered(facts: Facts) -> str | None:
    if not facts.answer_count:
        return kept("The assistant said nothing.")
    if facts.open_question:
        return kept("%(question)s has no whole answer.", question=_quoted(facts.open_question))
    return None


CONDITIONS = (
    Condition(
        "asked",
        _l(
            "The visitor asked something: more than a greeting or thanks."
        ),
        lambda facts: None if facts.question_count else kept("There was nothing to answer."),
        lambda facts: _counted(facts.question_count, *_QUESTIONS),
    ),
    Condition(
        "customer",
        _l(
            "A customer asked: no spam, and no supplier’s offer."
        ),
        lambda facts: str(LABELS[facts.intent]) if facts.intent in NO_CUSTOMER else None,
        lambda facts: str(LABELS.get(facts.intent, LABELS[OTHER])),
    ),
    Condition(
        "answered",
        _l(
            "The assistant answered, and had the last word: nothing is left open."
        ),
        _unanswered,
        lambda facts: _counted(facts.answer_count, *_ANSWERS),
    ),
    Condition(
        "alone",
        _l(
            "No person touched it: nobody of your team wrote, left a note, took it over, gave it back or reopened it. "
        "Resolving it doesn’t count as touching."
        ),
        lambda facts: facts.touched,
        lambda _facts: kept("Nobody of your team did."),
    ),
    Condition(
        "no_hand_off",
        _l(
            "No person was called, by the visitor or by the assistant."
        ),
        lambda facts: facts.handed_off,
        lambda _facts: kept("Nobody was called."),
    ),
    Condition(
        "no_request",
        _l(
            "The visitor left no message and no wish to be called back."
        ),
        lambda facts: kept("Left for you: %(message)s", message=_quoted(facts.request)) if facts.request else None,
        lambda _facts: kept("Nothing was left to do."),
    ),
    Condition(
        "sure",
        _l(
            "The assistant was sure of its last answer."
        ),
        lambda facts: kept("The assistant wasn’t sure, and offered a person.") if facts.is_unsure else None,
        lambda _facts: kept("It was."),
    ),
    Condition(
        "not_wrong",
        _l(
            "Nobody rated an answer as wrong, neither the visitor nor your team."
        ),
        lambda facts: kept("Rated as wrong by %(who)s.", who=facts.rated_down_by) if facts.rated_down_by else None,
        lambda _facts: kept("Nobody did."),
    ),
    Condition(
        "not_again",
        _l(
            "The visitor didn’t ask the same again within %(hours)s hours.",
            hours=again.WITHIN // timedelta(hours=1),
        ),
        lambda facts: kept("Asked again: %(question)s", question=_quoted(facts.repeated)) if facts.repeated else None,
        lambda _facts: kept("No question came twice."),
    ),
    Condition(
        "calm",
        _l(
            "The visitor wasn’t angry at the end."
        ),
        lambda facts: _MOODS["angry"] if facts.mood == "angry" else None,
        lambda facts: _MOODS[facts.mood],
    ),
)  # fmt: skip


def judge(facts: Facts) -> list[dict[str, Any]]:
    """Each condition with whether it held and why, as an outcome keeps it."""
    return [_judged(condition, facts) for condition in CONDITIONS]


def is_resolved(judged: Iterable[dict[str, Any]]) -> bool:
    return all(each["held"] for each in judged)


def _judged(condition: Condition, facts: Facts) -> dict[str, Any]:
    problem = condition.problem(facts)
    return {
        "name": condition.name,
        "words": str(condition.words),
        "held": problem is None,
        "why": problem or condition.holds_as(facts),
    }
