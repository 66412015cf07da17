"""What the owner never wants said is not said, whatever a model writes."""

import pytest

from app.core.unit_of_work import unit_of_work
from app.frontdesk import words
from app.knowledge import services as knowledge
from tests.frontdesk.scripted.desk import Desk
from tests.standins.claude import Claude, calls, says, when


@pytest.fixture
def careful(desk: Desk) -> Desk:
    desk.wants(never_say="we guarantee\nfree of charge")
    return desk


@pytest.mark.parametrize(
    "written",
    [
        "On a lead, we guarantee it.",
        "WE  GUARANTEE that dogs may come.",
        "Dogs come free of\u00a0charge.",
    ],
)
def test_the_owner_s_own_words_come_instead(careful: Desk, claude: Claude, written: str) -> None:
    claude.rules = [when("dogs", says(written, holding="on a lead"))]
    careful.plays("""
        visitor: Are dogs allowed?
        assistant: Dogs on a lead are welcome everywhere but the café. [1]
    """)


def test_the_words_are_on_no_screen_while_they_are_written(
    careful: Desk, claude: Claude, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []
    monkeypatch.setattr(
        words.realtime,
        "publish_now",
        lambda _topic, event, *_line, **data: (
            shown.append(data["text"]) if event == "text" else None
        ),
    )
    claude.rules = [when("dogs", says("On a lead, we guarantee it, and more."))]
    careful.says("Are dogs allowed?")
    assert "On a lead, we" in shown
    assert [text for text in shown if "guarantee" in text] == []


def test_where_nothing_else_is_known_a_person_is_offered(careful: Desk, claude: Claude) -> None:
    claude.rules = [when("cup", says("We guarantee that it was Leeds."))]
    careful.plays("""
        visitor: Which club won the cup in 1974?
        assistant: …person…
    """)


def test_a_passage_that_breaks_the_rule_is_not_quoted_either(careful: Desk, claude: Claude) -> None:
    with careful.cast.scope(), unit_of_work():
        knowledge.add_question("Do hedgehogs cost anything?", "Hedgehogs are free of charge.", None)
    careful.run_jobs()
    claude.rules = [when("hedgehogs", says("They are free of charge."))]
    careful.says("Do hedgehogs cost anything?")
    assert "free of charge" not in careful.said()[0]


def test_a_call_of_a_person_is_not_held_back(careful: Desk, claude: Claude) -> None:
    claude.rules = [
        when(
            "pot", says("We guarantee"), calls("hand_off", reason="upset", summary="A broken pot.")
        )
    ]
    careful.plays("""
        visitor: My pot is in pieces
        event: handed_off
    """)
