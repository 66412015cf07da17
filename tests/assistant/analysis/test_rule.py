"""The rule, condition by condition: all of them hold, or the reason stands there."""

from dataclasses import replace

import pytest

from app.assistant.analysis.rule import CONDITIONS, Facts, is_resolved, judge

GOOD = Facts(question_count=2, answer_count=2, intent="prices", mood="happy")


def test_a_conversation_that_the_assistant_ended_well_is_resolved() -> None:
    judged = judge(GOOD)
    assert is_resolved(judged)
    assert [each["name"] for each in judged] == [condition.name for condition in CONDITIONS]
    assert judged[0]["why"] == "The visitor wrote 2 questions."
    assert judged[-1]["why"] == "The last mood was happy."


@pytest.mark.parametrize(
    ("name", "change", "why"),
    [
        ("asked", {"question_count": 0}, "There was nothing to answer."),
        ("customer", {"intent": "spam"}, "Spam"),
        ("customer", {"intent": "supplier"}, "Supplier or offer"),
        ("answered", {"answer_count": 0}, "The assistant said nothing."),
        ("answered", {"open_question": "And on\nSunday?"}, "“And on Sunday?” has no whole answer."),
        ("alone", {"touched": "Olivia wrote in it."}, "Olivia wrote in it."),
        ("no_hand_off", {"handed_off": "The visitor asked for a person."}, "The visitor asked"),
        ("no_request", {"request": "Please call"}, "Left for you: “Please call”"),
        ("sure", {"is_unsure": True}, "The assistant wasn’t sure"),
        ("not_wrong", {"rated_down_by": "the visitor"}, "Rated as wrong by the visitor."),
        ("not_again", {"repeated": "x" * 300}, "Asked again: “xxx"),
        ("calm", {"mood": "angry"}, "The last mood was angry."),
    ],
)
def test_each_condition_alone_decides_and_says_why(
    name: str, change: dict[str, object], why: str
) -> None:
    judged = judge(replace(GOOD, **change))
    assert not is_resolved(judged)
    (missing,) = [each for each in judged if not each["held"]]
    assert missing["name"] == name
    assert missing["why"].startswith(why)
    assert len(missing["why"]) < 120


def test_a_job_seeker_or_an_unhappy_visitor_may_be_helped() -> None:
    assert is_resolved(judge(replace(GOOD, intent="job", mood="unhappy")))
