"""What reaches the model, and what is written down of it: history, facts, the stable beginning, receipts."""

import json
import re

from sqlalchemy import select

from app.assistant import prices
from app.assistant.language_models.border import Usage
from app.assistant.models import Answer
from app.conversations import services as conversations
from app.core.unit_of_work import unit_of_work
from app.extensions import db
from app.frontdesk import own_records
from app.lib.hours_typed import parse
from tests.frontdesk.scripted.desk import Desk
from tests.knowledge.teaching import qa, teach
from tests.standins.claude import Claude, calls, says, when


def test_history_is_plain_text(desk: Desk, claude: Claude) -> None:
    """Without thinking, citations, tool calls, passages and facts of earlier turns."""
    claude.rules = [
        when("dogs", says("Wait."), calls("search_knowledge", query="dogs")),
        when("dogs", says("On a lead.", holding="on a lead"), told=""),
    ]
    desk.says("Are dogs allowed?")
    desk.says("Is there soup?")
    past = claude.requests[-1]["messages"][:-1]
    assert [message["role"] for message in past] == ["user", "assistant"]
    for message in past:
        blocks = message["content"] if isinstance(message["content"], list) else []
        assert {key for block in blocks for key in block} <= {"type", "text", "cache_control"}
    assert claude.seen[-1].history == [("user", "Are dogs allowed?"), ("assistant", "On a lead.")]


def test_events_and_notes_are_no_history(desk: Desk, claude: Claude) -> None:
    desk.says("Can I talk to a real person please?")
    desk.as_owner(conversations.add_note, "He never pays.", "n1")
    desk.does("owner gives back", "")
    desk.says("Is there soup?")
    assert claude.seen[-1].history == [("user", "Can I talk to a real person please?")]
    assert "never pays" not in json.dumps(claude.requests)


def test_the_moment_and_the_channel_stand_behind_what_is_cached(desk: Desk, claude: Claude) -> None:
    desk.says("Are dogs allowed?")
    seen = claude.seen[-1]
    assert re.search(r"It is \w+day \d\d \w+ \d{4}, \d\d:\d\d", seen.facts)
    assert "website" in seen.facts
    assert not re.search(r"\d{4}, \d\d:\d\d|20\d\d-\d\d", seen.system)


def test_the_visitor_s_name_is_known(desk: Desk, claude: Claude) -> None:
    desk.says("Are dogs allowed?")
    desk.is_called("Zoë O’Brien")
    desk.says("Is there soup?")
    assert "Zoë O’Brien" not in claude.seen[0].facts
    assert "Zoë O’Brien" in claude.seen[1].facts
    assert "Zoë" not in claude.seen[1].system


def test_whether_the_business_is_open_is_known(desk: Desk, claude: Claude) -> None:
    with desk.cast.scope(), unit_of_work():
        own_records.change_week({day: parse("0:00-24:00") for day in range(7)}, "Europe/London")
    desk.says("Are dogs allowed?")
    assert "The business is open now" in claude.seen[-1].facts


def test_system_and_tools_are_the_same_for_every_turn_and_visitor(
    desk: Desk, claude: Claude
) -> None:
    desk.says("Are dogs allowed?")
    desk.says("Is there soup?")
    other = desk.another_visitor()
    other.says("Where can I park?")
    beginnings = {json.dumps([asked["tools"], asked["system"]]) for asked in claude.requests}
    assert len(beginnings) == 1


def test_the_beginning_is_stored_once_and_read_from_the_cache_by_everybody(
    desk: Desk, claude: Claude
) -> None:
    claude.rules = [when(".", says("Yes, there is."))]
    desk.says("Are dogs allowed?")
    desk.says("Is there soup?")
    desk.another_visitor().says("Where can I park?")
    first, second, third = claude.usages
    assert first["cache_creation_input_tokens"] >= 512
    assert second["cache_read_input_tokens"] >= first["cache_creation_input_tokens"]
    assert third["cache_read_input_tokens"] == first["cache_creation_input_tokens"]
    assert [call.cached_tokens for call in desk.calls] == [0, second["cache_read_input_tokens"], third["cache_read_input_tokens"]]  # fmt: skip


def test_a_tool_round_reads_what_the_round_before_has_stored(desk: Desk, claude: Claude) -> None:
    claude.rules = [
        when("aunt", calls("search_knowledge", query="gift voucher")),
        when("aunt", says("24 months.", holding="24 months"), told=""),
    ]
    desk.says("How long is what my aunt got good?")
    first, second = claude.usages
    assert second["cache_read_input_tokens"] >= first["cache_creation_input_tokens"] > 0


def test_a_change_of_the_settings_is_a_new_beginning(desk: Desk, claude: Claude) -> None:
    desk.says("Are dogs allowed?")
    desk.wants(assistant_name="Robin", tone="formal", style_notes="Say “plants”, not “goods”.")
    desk.says("Is there soup?")
    before, after = (seen.system for seen in claude.seen)
    assert "You are Robin" in after
    assert "polite and formal" in after
    assert "Say “plants”, not “goods”." in after
    assert before != after


def test_what_must_never_be_said_is_told_to_the_model(desk: Desk, claude: Claude) -> None:
    desk.wants(never_say="we guarantee\nthe price of our competitor")
    desk.says("Are dogs allowed?")
    system = claude.seen[-1].system
    assert "we guarantee" in system
    assert "the price of our competitor" in system


def test_a_long_conversation_keeps_a_bounded_history(desk: Desk, claude: Claude) -> None:
    claude.rules = [when("number", lambda seen: [says(f"I heard {seen.question[-3:].strip()}.")])]
    for number in range(14):
        desk.says(f"This is my number {number}")
    history = claude.seen[-1].history
    assert len(history) <= 20
    assert history[-1] == ("assistant", "I heard 12.")
    assert history[0][0] == "user"


def test_a_receipt_holds_the_sum_of_all_calls(desk: Desk, claude: Claude) -> None:
    claude.rules = [
        when("aunt", calls("search_knowledge", query="gift voucher")),
        when("aunt", says("24 months.", holding="24 months"), told=""),
    ]
    desk.says("How long is what my aunt got good?")
    with desk.cast.scope():
        receipt = db.session.scalars(select(Answer)).one()
        assert (receipt.writer, receipt.model) == ("claude", "claude-haiku-5-5")
        assert receipt.input_tokens == sum(_read(usage) for usage in claude.usages)
        assert receipt.output_tokens == sum(usage["output_tokens"] for usage in claude.usages)
        assert receipt.cost_micros == sum(_cost(usage) for usage in claude.usages)
        assert any("24 months" in passage["text"] for passage in receipt.passages)


def test_each_call_is_written_down_with_what_it_read_and_cost(desk: Desk, claude: Claude) -> None:
    claude.rules = [
        when("aunt", calls("search_knowledge", query="gift voucher")),
        when("aunt", says("24 months.", holding="24 months"), told=""),
    ]
    desk.says("How long is what my aunt got good?")
    assert [call.stop_reason for call in desk.calls] == ["tools", "done"]
    for call, usage in zip(desk.calls, claude.usages, strict=True):
        assert call.purpose == "answer"
        assert call.input_tokens == usage["input_tokens"]
        assert call.output_tokens == usage["output_tokens"]
        assert call.cached_tokens == usage["cache_read_input_tokens"]
        assert call.stored_tokens == usage["cache_creation_input_tokens"]
        assert call.cost_micros == _cost(usage)


def _read(usage: dict) -> int:
    """All that the model read; the receipt doesn't part it by where it came from."""
    kinds = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
    return sum(usage[kind] for kind in kinds)


def _cost(usage: dict) -> int:
    price = prices.price_of("claude-haiku-5-5")
    assert price
    return price.cost_micros(
        Usage(
            read=usage["input_tokens"],
            written=usage["output_tokens"],
            from_cache=usage["cache_read_input_tokens"],
            into_cache=usage["cache_creation_input_tokens"],
        )
    )


def test_marks_stand_where_the_model_cited(desk: Desk, claude: Claude) -> None:
    claude.rules = [
        when("dogs", says("Dogs may come", holding="on a lead"), says(", and parking is free", holding="greenhouse"), says(". Enjoy!")),
    ]  # fmt: skip
    desk.plays("""
        visitor: May dogs come, and where can I park my car?
        assistant: Dogs may come [1], and parking is free [2]. Enjoy!
    """)


def test_a_passage_cited_twice_has_one_number(desk: Desk, claude: Claude) -> None:
    claude.rules = [
        when("dogs", says("Dogs may come", holding="on a lead"), says(", not into the café", holding="on a lead")),
    ]  # fmt: skip
    desk.plays("""
        visitor: Are dogs allowed?
        assistant: Dogs may come [1], not into the café [1]
    """)


def test_a_number_that_nobody_gave_is_no_citation(desk: Desk, claude: Claude) -> None:
    claude.rules = [when("dogs", says("Dogs may come.", cites=(0, 99)))]
    desk.plays("""
        visitor: Are dogs allowed?
        assistant: Dogs may come. [1]
    """)


def test_thinking_is_neither_shown_nor_kept(desk: Desk, claude: Claude) -> None:
    desk.app.config["ASSISTANT_THINKING"] = "adaptive"
    claude.thought = "The visitor asks about dogs, how dull."
    try:
        claude.rules = [
            when("dogs", calls("search_knowledge", query="dogs")),
            when("dogs", says("On a lead.", holding="on a lead"), told=""),
        ]
        desk.plays("""
            visitor: Are dogs allowed?
            assistant: On a lead. [1]
            visitor: Is there soup?
            assistant: …soup…
        """)
    finally:
        desk.app.config["ASSISTANT_THINKING"] = "off"
    assert "how dull" in json.dumps(claude.requests[1])  # inside of the turn it goes back as it was
    assert "how dull" not in json.dumps(claude.requests[2])
    assert "how dull" not in json.dumps(desk.lines())


def test_a_passage_of_a_page_without_a_title_is_taken_too(desk: Desk, claude: Claude) -> None:
    with desk.cast.scope(), unit_of_work():
        teach("", qa("Are hedgehogs allowed?", "Hedgehogs may come at night."))
    desk.says("Are hedgehogs allowed?")
    assert desk.said() == ["Hedgehogs may come at night."]
    assert desk.calls[-1].error is None
