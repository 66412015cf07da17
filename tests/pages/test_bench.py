"""The test bench: asked as a visitor, answered by the worker, and nothing is left but what it cost."""

import re

from sqlalchemy import func, select

from app.assistant.models import AssistantSettings, Budget, ModelCall, ToolUse
from app.conversations.models import HandOff
from app.extensions import db
from tests.conftest import Inside
from tests.pages.benching import ASKED, FACT, UNKNOWN, Bench, says, uses
from tests.standins import claude as stand_in

# What is shown


def test_without_a_model_the_passages_are_quoted(at_bench: Bench) -> None:
    shown = at_bench.ask(ASKED)
    assert FACT in shown
    assert "Your own sentences, quoted" in shown
    assert 'class="mark"' in shown
    assert "cited" in shown
    assert re.search(r"Cost</dt><dd>\$0<", shown)


def test_with_a_model_the_receipt_says_what_it_was(
    at_bench: Bench, with_claude: stand_in.Claude, inside: Inside
) -> None:
    with_claude.script = [says("It is £4.95.", 0)]
    shown = at_bench.ask(ASKED)
    assert "It is £4.95." in shown
    assert "claude-haiku-5-5" in shown
    assert "tokens read" in shown
    assert re.search(r"Cost</dt><dd>\$0\.0", shown)
    with inside():
        [call] = db.session.scalars(select(ModelCall))
        assert (call.purpose, call.conversation_id, call.question_id) == ("bench", None, None)
        assert call.prompt_version in shown


def test_what_was_said_before_is_known_in_the_next_question(
    at_bench: Bench, with_claude: stand_in.Claude
) -> None:
    with_claude.script = [says("It is £4.95.", 0), says("On Tuesdays.", 0)]
    at_bench.ask(ASKED)
    shown = at_bench.ask("And when?")
    assert "On Tuesdays." in shown
    sent = str(with_claude.requests[-1]["messages"])
    assert ASKED in sent
    assert "It is £4.95." in sent


def test_a_tool_runs_dry_and_shows_what_it_was_given(
    at_bench: Bench, with_claude: stand_in.Claude, inside: Inside
) -> None:
    with_claude.script = [uses("search_knowledge", query="dogs"), says("Dogs are welcome.", 0)]
    shown = at_bench.ask(ASKED)
    assert "Search your knowledge" in shown
    assert "&#34;query&#34;: &#34;dogs&#34;" in shown
    assert "passages were found" in shown
    with inside():
        assert db.session.scalar(select(func.count()).select_from(ToolUse)) == 0


def test_a_person_that_the_model_calls_is_told_and_not_called(
    at_bench: Bench, with_claude: stand_in.Claude, inside: Inside
) -> None:
    with_claude.script = [uses("hand_off", reason="upset", summary="Wants the money back")]
    shown = at_bench.ask("Can I give back what I bought?")
    assert "Would call a person" in shown
    assert "The visitor is upset" in shown
    assert "Wants the money back" in shown
    with inside():
        assert db.session.scalar(select(func.count()).select_from(HandOff)) == 0


def test_who_asks_for_a_person_is_told_before_anything_is_spent(
    at_bench: Bench, with_claude: stand_in.Claude
) -> None:
    shown = at_bench.ask("I want to talk to a person")
    assert "The visitor asked for a person" in shown
    assert not with_claude.requests


def test_unsure_twice_would_call_a_person(at_bench: Bench) -> None:
    assert "Would call a person" not in at_bench.ask(UNKNOWN)
    assert "The assistant was unsure twice in a row" in at_bench.ask(UNKNOWN)


def test_small_talk_needs_nothing(at_bench: Bench) -> None:
    assert "A fixed reply, without looking anything up" in at_bench.ask("hello!")


def test_a_provider_in_trouble_is_told_and_the_passages_answer(
    at_bench: Bench, with_claude: stand_in.Claude
) -> None:
    with_claude.script = [{"status": 401, "etype": "authentication_error"}] * 3
    shown = at_bench.ask(ASKED)
    assert "No language model wrote this" in shown
    assert FACT in shown


def test_it_is_paid_from_the_month_s_budget(
    at_bench: Bench, with_claude: stand_in.Claude, inside: Inside
) -> None:
    with_claude.script = [says("It is £4.95.", 0)]
    at_bench.ask(ASKED)
    with inside():
        month = db.session.scalars(select(Budget)).one()
        assert (month.kind, month.spent_micros > 0) == ("month", True)
        month.spent_micros = 10**12
    shown = at_bench.ask(ASKED)
    assert "budget for this month is used up" in shown
    assert FACT in shown
    assert len(with_claude.requests) == 1


def test_an_sms_is_counted(at_bench: Bench) -> None:
    shown = at_bench.ask(ASKED, channel="sms")
    assert "1 SMS" in shown
    assert 'class="mark"' not in shown


def test_the_channel_is_told_to_the_model(at_bench: Bench, with_claude: stand_in.Claude) -> None:
    with_claude.script = [says("It is £4.95.", 0), says("£4.95", 0)]
    at_bench.ask(ASKED, channel="whatsapp")
    assert "The customer writes by WhatsApp" in str(with_claude.requests[0])
    assert "at most 300 characters" not in str(with_claude.requests[0])
    at_bench.ask(ASKED, channel="sms")
    assert "at most 300 characters" in str(with_claude.requests[1])


def test_markup_is_words(at_bench: Bench, with_claude: stand_in.Claude) -> None:
    with_claude.script = [says("<script>alert(1)</script>", 0)]
    shown = at_bench.begin("<img src=x>")
    at_bench.run_jobs()
    shown += at_bench.client.get(at_bench.waiting).text
    assert "<script>alert" not in shown
    assert "<img src=x>" not in shown


# Personas


DRAFT = {
    "voice": "draft", "assistant_name": "Fern", "tone": "formal",
    "style_notes": "Mention the café.", "never_say": "£4.95",
}  # fmt: skip


def test_a_draft_is_tried_and_not_saved(
    at_bench: Bench, with_claude: stand_in.Claude, inside: Inside
) -> None:
    with_claude.script = [says("Delivery is on Tuesdays.", 0)]
    shown = at_bench.ask(ASKED, **DRAFT)
    assert "Draft: formal" in shown
    system = str(with_claude.requests[0]["system"])
    assert "Fern" in system
    assert "Mention the café." in system
    with inside():
        assert AssistantSettings.current().tone == "warm"


def test_what_is_never_said_is_held_back(at_bench: Bench, with_claude: stand_in.Claude) -> None:
    """Here the passages hold it too, so a person is offered."""
    with_claude.script = [says("It is £4.95.", 0)]
    shown = at_bench.ask(ASKED, **DRAFT)
    assert "because “£4.95” stands under “Never say”" in shown
    assert "It is £4.95." not in shown
    assert "Would you like to talk to a person?" in shown


def test_the_passages_answer_in_place_of_what_is_never_said(
    at_bench: Bench, with_claude: stand_in.Claude
) -> None:
    with_claude.script = [says("It is cheap.", 0)]
    shown = at_bench.ask(ASKED, **DRAFT | {"never_say": "cheap"})
    assert "It is cheap." not in shown
    assert FACT in shown


def test_a_draft_becomes_the_persona(at_bench: Bench, inside: Inside) -> None:
    response = at_bench.client.post(f"{at_bench.url}persona", data=DRAFT)
    assert response.status_code == 303
    with inside():
        settings = AssistantSettings.current()
        assert (settings.assistant_name, settings.never_say) == ("Fern", "£4.95")


def test_a_draft_that_can_not_be_is_refused_and_stays_typed(at_bench: Bench) -> None:
    typed = DRAFT | {"assistant_name": "x" * 41}
    asked = at_bench.post(ASKED, htmx=False, **typed)
    assert asked.status_code == 422
    assert "A name may have 40 characters." in asked.text
    assert "Mention the café." in asked.text
    assert ASKED in asked.text
    saved = at_bench.client.post(f"{at_bench.url}persona", data=typed | {"question": ASKED})
    assert saved.status_code == 422
    assert "Mention the café." in saved.text
    assert ASKED in saved.text
