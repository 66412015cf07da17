"""Tools in a conversation: one after the other, side by side, wrongly called, switched off, cut off in the middle."""

import json
from collections.abc import Iterator

import pytest

from app.core import tools
from app.core.errors import OutsideError
from app.core.tools import Asked, Call, Grant, ToolResult, tool
from app.frontdesk import turns, words
from tests.frontdesk.scripted.desk import Desk
from tests.standins.claude import Claude, calls, fails, says, when

TABLE = r"table"


def test_it_looks_with_other_words_and_cites_what_it_found(desk: Desk, claude: Claude) -> None:
    claude.rules = [
        when("my aunt", calls("search_knowledge", query="gift voucher valid")),
        when("my aunt", says("For 24 months.", holding="24 months"), told="passages"),
    ]
    desk.plays("""
        visitor: My aunt has been given something for your shop, how long is it good?
        assistant: For 24 months. [1]
    """)
    assert desk.used == [("search_knowledge", False)]


def test_it_looks_twice_one_after_the_other(desk: Desk, claude: Claude) -> None:
    claude.rules = [
        when("aunt", calls("search_knowledge", query="Christmas trees")),
        when("aunt", lambda seen: None if len(seen.rounds) > 1 else [calls("search_knowledge", query="wheelchair")], told=""),
        when("aunt", says("Trees cost £35 and ", holding="£35"), says("a wheelchair is free.", holding="wheelchairs can"), told=""),
    ]  # fmt: skip
    desk.plays("""
        visitor: What might my aunt need?
        assistant: Trees cost £35 and [1] a wheelchair is free. [2]
    """)
    assert [use.input["query"] for use in desk.uses] == ["Christmas trees", "wheelchair"]
    assert [len(seen.rounds) for seen in claude.seen] == [0, 1, 2]


def test_it_looks_for_two_things_at_once(desk: Desk, claude: Claude) -> None:
    claude.rules = [
        when("aunt", calls("search_knowledge", query="roses pruned"), calls("search_knowledge", query="workshop wreath")),
        when("aunt", says("In February.", holding="late February"), says(" It costs £45.", holding="£45"), told=""),
    ]  # fmt: skip
    desk.plays("""
        visitor: What would my aunt like?
        assistant: In February. [1] It costs £45. [2]
    """)
    assert len(desk.uses) == 2
    assert len(claude.seen[-1].latest) == 2


def test_a_search_and_something_that_writes_at_once(desk: Desk, claude: Claude, held: list) -> None:
    claude.rules = [
        when(TABLE, calls("search_knowledge", query="café serves"), calls("hold_table", day="friday", people=2)),
        when(TABLE, says("Yes, and it is held. There is soup.", holding="soup"), told="held on friday"),
    ]  # fmt: skip
    desk.plays("""
        visitor: A table for two on Friday please, and what is there to eat?
        assistant: Yes, and it is held. There is soup. [1]
    """)
    assert [(asked.day, asked.people) for _, asked in held] == [("friday", 2)]


def test_what_is_written_beside_a_call_is_no_answer(
    desk: Desk, claude: Claude, held: list, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The screen is cleared of it while the tool works."""
    shown: list[str] = []
    monkeypatch.setattr(
        words.realtime,
        "publish_now",
        lambda _topic, event, *_line, **data: (
            shown.append(data["text"]) if event == "text" else None
        ),
    )
    claude.rules = [
        when(TABLE, says("One moment."), calls("hold_table", day="friday", people=2)),
        when(TABLE, says("It is held."), told="held"),
    ]
    desk.plays("""
        visitor: A table for two on Friday please
        assistant: It is held.
    """)
    assert shown == ["One", "One moment.", "", "It", "It is", "It is held."]


def test_a_refused_input_is_mended(desk: Desk, claude: Claude, held: list) -> None:
    claude.rules = [
        when(TABLE, calls("hold_table", day="friday", people=80)),
        when(TABLE, calls("hold_table", day="friday", people=8), told="people"),
        when(TABLE, says("A table for eight is held."), told="held on friday"),
    ]
    desk.plays("""
        visitor: A table for all of us on Friday please
        assistant: A table for eight is held.
    """)
    first = claude.seen[1].latest[0]
    assert first.is_error
    assert "8" in first.text
    assert len(held) == 1


def test_a_tool_s_own_refusal_is_told_to_the_model(desk: Desk, claude: Claude, held: list) -> None:
    claude.rules = [
        when(TABLE, calls("hold_table", day="saturday", people=2)),
        when(TABLE, says("Saturday is full, Friday is free."), told="full on Saturday"),
    ]
    desk.plays("""
        visitor: A table for two on Saturday please
        assistant: Saturday is full, Friday is free.
    """)
    assert desk.used == [("hold_table", True)]
    assert held == []


def test_it_gives_up_after_two_refusals(desk: Desk, claude: Claude, held: list) -> None:
    wrong = calls("hold_table", day="friday", people=99)
    claude.rules = [
        when(TABLE, wrong),
        when(TABLE, lambda seen: [wrong] if len(seen.rounds) < 2 else None, told="fit"),
        when(TABLE, calls("hand_off", reason="cannot_help", summary="Wants a table"), told="fit"),
    ]
    desk.plays("""
        visitor: A table for 99 on Friday please
        event: handed_off
    """)
    assert held == []
    assert desk.hand_off.summary["wanted"] == "Wants a table"


def test_a_model_that_never_stops_calling_is_stopped(
    desk: Desk, claude: Claude, held: list
) -> None:
    claude.rules = [
        when(TABLE, calls("hold_table", day="friday", people=99)),
        when(TABLE, calls("hold_table", day="friday", people=99), told=""),
    ]
    desk.plays("""
        visitor: A table for 99 on Friday please
        assistant: …person…
    """)
    assert len(claude.requests) <= 7
    assert held == []


def test_a_tool_that_does_not_exist(desk: Desk, claude: Claude) -> None:
    claude.rules = [
        when("dogs", calls("delete_source", lax=True, id=1)),
        when("dogs", says("On a lead.", holding="on a lead"), told="no tool"),
    ]
    desk.plays("""
        visitor: Are dogs allowed?
        assistant: On a lead. [1]
    """)
    assert claude.seen[-1].latest[0].is_error


def test_a_tool_that_the_owner_switched_off(desk: Desk, claude: Claude, held: list) -> None:
    desk.wants(switched_off_tools=["hold_table"])
    claude.rules = [
        when(TABLE, calls("hold_table", lax=True, day="friday", people=2)),
        when(TABLE, says("I can’t do that here."), told="no tool"),
    ]
    desk.plays("""
        visitor: A table for two on Friday please
        assistant: I can’t do that here.
    """)
    assert "hold_table" not in claude.seen[0].tools
    assert held == []


def test_a_tool_that_this_turn_was_not_granted(desk: Desk, claude: Claude, held: list, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setattr(turns, "CUSTOMER", frozenset({Grant.KNOWLEDGE_READ}))
    claude.rules = [
        when(TABLE, calls("hold_table", lax=True, day="friday", people=2)),
        when(TABLE, says("I can’t do that here."), told="no tool"),
    ]
    desk.plays("""
        visitor: A table for two on Friday please
        assistant: I can’t do that here.
    """)
    assert sorted(claude.seen[0].tools) == ["search_knowledge"]
    assert held == []


@pytest.mark.parametrize("extra", [{"business_id": 1}, {"is_dry_run": False}, {"granted": ["all"]}])
def test_an_argument_too_many(desk: Desk, claude: Claude, held: list, extra: dict) -> None:
    claude.rules = [
        when(TABLE, calls("hold_table", lax=True, day="friday", people=2, **extra)),
        when(TABLE, says("That didn’t work."), told=next(iter(extra))),
    ]
    desk.plays("""
        visitor: A table for two on Friday please
        assistant: That didn’t work.
    """)
    assert held == []


@pytest.mark.parametrize(
    "raw", [{}, {"query": None}, {"query": ["a"]}, {"query": "x" * 5000}, {"query": ""}]
)
def test_an_input_of_another_kind(desk: Desk, claude: Claude, raw: dict) -> None:
    claude.rules = [
        when("dogs", calls("search_knowledge", lax=True, **raw)),
        when("dogs", says("On a lead.", holding="on a lead"), told="fit"),
    ]
    desk.plays("""
        visitor: Are dogs allowed?
        assistant: On a lead. [1]
    """)


def test_the_same_is_not_done_twice_in_one_turn(desk: Desk, claude: Claude, held: list) -> None:
    hold = calls("hold_table", day="friday", people=2)
    claude.rules = [
        when(TABLE, hold),
        when(
            TABLE,
            lambda seen: [hold] if len(seen.rounds) == 1 else [says("Held once.")],
            told="held",
        ),
    ]
    desk.plays("""
        visitor: A table for two on Friday please
        assistant: Held once.
    """)
    assert len(held) == 1


class Died(BaseException):
    """As a killed process: nothing behind it runs, nothing is written down of it."""


def test_what_was_done_is_not_done_again_when_the_turn_is_taken_up_anew(
    desk: Desk, claude: Claude, held: list, monkeypatch: pytest.MonkeyPatch
) -> None:
    claude.rules = [
        when(TABLE, calls("hold_table", day="friday", people=2)),
        when(TABLE, says("It is held."), told="held"),
    ]

    def die(*_args: object) -> None:
        raise Died

    with monkeypatch.context() as patched:
        patched.setattr(turns, "_conclude", die)
        with pytest.raises(Died):
            desk.says("A table for two on Friday please")
    assert desk.said() == []
    desk.free_leases()
    desk.run_jobs()
    assert desk.said() == ["It is held."]
    assert len(held) == len(desk.uses) == 1


@pytest.fixture
def till() -> Iterator[list[Exception]]:
    """A tool that asks somebody outside, and raises what stands in the list."""
    troubles: list[Exception] = []

    class Nothing(Asked):
        pass

    @tool("ask_the_till", "Ask the till", grant=Grant.KNOWLEDGE_READ)
    def ask_the_till(_call: Call, asked: Nothing) -> ToolResult:
        """Ask the till."""
        raise troubles[0]

    yield troubles
    tools.registry.pop("ask_the_till")


def test_a_tool_whose_provider_is_down_is_told_to_the_model(
    desk: Desk, claude: Claude, till: list[Exception]
) -> None:
    till.append(OutsideError("https://till.example/?key=secret timed out", permanent=False))
    claude.rules = [
        when("stock", calls("ask_the_till")),
        when(
            "stock",
            calls("hand_off", reason="cannot_help", summary="Is it there?"),
            told="just now",
        ),
    ]
    desk.plays("""
        visitor: Is the blue pot in stock?
        event: handed_off
    """)
    assert desk.used == [("ask_the_till", True), ("hand_off", False)]
    assert "till.example" not in json.dumps(claude.requests)


def test_a_tool_with_a_bug_ends_in_a_hand_off(
    desk: Desk, claude: Claude, till: list[Exception]
) -> None:
    till.append(ZeroDivisionError("a bug"))
    claude.rules = [when("stock", calls("ask_the_till"))]
    desk.says("Is the blue pot in stock?")
    for _ in range(3):
        desk.free_leases()
        desk.run_jobs()
    desk.plays("""
        assistant: I couldn’t answer that just now, …
        event: handed_off
    """)
    assert desk.hand_off.reason == "failure"


def test_a_tool_that_has_nothing_to_say(desk: Desk, claude: Claude) -> None:
    class Nothing(Asked):
        pass

    @tool("ring", "Ring the bell", grant=Grant.KNOWLEDGE_READ)
    def ring(_call: Call, asked: Nothing) -> ToolResult:
        """Ring the bell."""
        return ToolResult("")

    claude.rules = [when("bell", calls("ring")), when("bell", says("Ding."), told="")]
    try:
        desk.says("Ring the bell, will you")
    finally:
        tools.registry.pop("ring")
    assert desk.said() == ["Ding."]


def test_in_a_preview_tools_only_say_what_they_would_do(
    desk: Desk, claude: Claude, held: list
) -> None:
    claude.rules = [
        when("table", calls("hold_table", day="friday", people=2)),
        when("table", says("It is held."), told="held on friday"),
    ]
    preview = desk.another_visitor("preview")
    preview.says("A table for two on Friday please")
    assert preview.said() == ["It is held."]
    assert held == []
    assert desk.uses == []


def test_a_provider_that_fails_after_a_tool_leaves_an_answer(
    desk: Desk, claude: Claude, held: list
) -> None:
    claude.rules = [
        when("dogs", calls("search_knowledge", query="dogs")),
        when("dogs", fails(529), told=""),
    ]
    desk.plays("""
        visitor: Are dogs allowed?
        assistant: Dogs on a lead are welcome everywhere but the café. [1]
    """)
