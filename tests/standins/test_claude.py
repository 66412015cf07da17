"""The stand-in is only worth what it refuses: asked through the real library, and by hand where that wouldn't."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import anthropic
import pytest
from anthropic import Anthropic

from tests.standins import claude as stand_in
from tests.standins.claude import calls, fails, says, thinks, when

ASK = {"role": "user", "content": "Do you deliver on Tuesdays?"}
LOOK = {
    "name": "look", "description": "Looks.", "strict": True,
    "input_schema": {
        "type": "object", "additionalProperties": False, "required": ["query"],
        "properties": {"query": {"type": "string"}, "kind": {"enum": ["a", "b"]}},
    },
}  # fmt: skip
LONG = "You are the front desk of a garden centre. " * 60
MARK = {"type": "ephemeral"}
REFUSED = anthropic.BadRequestError


@pytest.fixture
def claude() -> Iterator[stand_in.Claude]:
    with stand_in.running() as running:
        yield running


@pytest.fixture
def client(claude: stand_in.Claude) -> Anthropic:
    return _client(claude)


def _client(claude: stand_in.Claude, key: str = stand_in.KEY, **more: Any) -> Anthropic:
    return Anthropic(api_key=key, base_url=claude.url, max_retries=0, **more)


def create(client: Anthropic, *messages: Any, **more: Any) -> Any:
    asked: Any = {
        "model": "claude-haiku-5-5",
        "max_tokens": 500,
        "messages": messages or [ASK],
        **more,
    }
    return client.messages.create(**asked)


def stream(client: Anthropic, *messages: Any, **more: Any) -> tuple[list[str], Any]:
    asked: Any = {
        "model": "claude-haiku-5-5",
        "max_tokens": 500,
        "messages": messages or [ASK],
        **more,
    }
    with client.messages.stream(**asked) as running:
        return list(running.text_stream), running.get_final_message()


def result(text: str, enabled: bool = True, source: str = "chunk-1") -> dict[str, Any]:
    content = [{"type": "text", "text": text}]
    return {"type": "search_result", "source": source, "title": "Page", "content": content,
            "citations": {"enabled": enabled}}  # fmt: skip


def of_kind(message: Any, kind: str) -> list[Any]:
    return [block for block in message.content if block.type == kind]


def tool_result(call: Any, text: Any = "Found.", **more: Any) -> dict[str, Any]:
    return {"type": "tool_result", "tool_use_id": call.id, "content": text, **more}


def user(*blocks: Any) -> dict[str, Any]:
    return {"role": "user", "content": list(blocks)}


def assistant(message: Any) -> dict[str, Any]:
    content = [block.model_dump(exclude_none=True) for block in message.content]
    return {"role": "assistant", "content": content}


# What it answers


def test_words_stream_one_by_one_after_the_thinking(claude, client):
    claude.script = [{"blocks": [thinks("Hm, delivery."), says("Yes, we do.")]}]
    words, final = stream(client)
    assert words == ["Yes,", " we", " do."]
    assert [block.type for block in final.content] == ["thinking", "text"]
    assert final.content[0].signature
    assert final.stop_reason == "end_turn"
    assert final.usage.output_tokens > 0


def test_a_stream_and_a_whole_answer_say_the_same(claude, client):
    claude.script = [{"blocks": [calls("look", query="“ä” and \n more"), says("Both.")]}] * 2
    whole = create(client, tools=[LOOK])
    _, streamed = stream(client, tools=[LOOK])
    assert of_kind(whole, "tool_use")[0].input == of_kind(streamed, "tool_use")[0].input
    assert whole.stop_reason == streamed.stop_reason == "tool_use"
    assert of_kind(whole, "text")[0].text == of_kind(streamed, "text")[0].text


def test_without_a_rule_it_quotes_what_it_was_given_and_cites_it(claude, client):
    passages = [result("Dogs are welcome."), result("We deliver on Tuesdays. It is free.")]
    _, final = stream(
        client, user(*passages, {"type": "text", "text": "Do you deliver on Tuesdays?"})
    )
    text = of_kind(final, "text")[0]
    assert text.text == "We deliver on Tuesdays."
    assert [each.search_result_index for each in text.citations] == [1]
    assert text.citations[0].cited_text == "We deliver on Tuesdays. It is free."


def test_without_a_passage_it_gives_the_mark_that_the_prompt_names(claude, client):
    final = create(client, system="If unsure reply with exactly: NOT_SURE")
    assert of_kind(final, "text")[0].text == "NOT_SURE"


def test_rules_see_history_facts_and_results(claude, client):
    claude.rules = [
        when("deliver", calls("look", query="delivery")),
        when(
            "deliver", lambda seen: [says(f"{seen.told} {seen.facts} {seen.history}")], told="free"
        ),
    ]
    before = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]
    ask = user(
        {"type": "text", "text": "It is Monday."}, {"type": "text", "text": "Do you deliver?"}
    )
    first = create(client, *before, ask, tools=[LOOK])
    call = of_kind(first, "tool_use")[0]
    last = create(
        client, *before, ask, assistant(first), user(tool_result(call, "It is free.")), tools=[LOOK]
    )
    assert of_kind(last, "text")[0].text == (
        "It is free. It is Monday. [('user', 'Hi'), ('assistant', 'Hello')]"
    )


def test_search_results_of_a_tool_are_numbered_after_the_others(claude, client):
    claude.rules = [
        when("deliver", calls("look", query="delivery")),
        when("deliver", says("On Tuesdays.", holding="Tuesdays"), told=""),
    ]
    ask = user(result("Dogs are welcome."), {"type": "text", "text": "Do you deliver?"})
    first = create(client, ask, tools=[LOOK])
    found = [result("Closed."), result("We deliver on Tuesdays.")]
    call = of_kind(first, "tool_use")[0]
    last = create(client, ask, assistant(first), user(tool_result(call, found)), tools=[LOOK])
    assert of_kind(last, "text")[0].citations[0].search_result_index == 2


def test_what_is_longer_than_max_tokens_is_cut(claude, client):
    claude.script = [{"blocks": [says("word " * 500)]}]
    _, final = stream(client, max_tokens=100, thinking={"type": "disabled"})
    assert final.stop_reason == "max_tokens"
    assert final.usage.output_tokens == 100
    assert 0 < len(final.content[0].text) < 400


@pytest.mark.parametrize("stop", ["refusal", "pause_turn", "model_context_window_exceeded"])
def test_it_stops_for_every_reason(claude, client, stop):
    claude.script = [{"blocks": [says("I")], "stop": stop}]
    assert stream(client)[1].stop_reason == stop


def test_a_structured_answer_fits_its_schema(claude, client):
    schema = {
        "type": "object", "additionalProperties": False, "required": ["mood", "topics"],
        "properties": {"mood": {"enum": ["good", "bad"]}, "topics": {"type": "array", "items": {"type": "string"}}},
    }  # fmt: skip
    wanted = {"format": {"type": "json_schema", "schema": schema}}
    final = create(client, output_config=wanted)
    assert of_kind(final, "text")[0].text == '{"mood": "good", "topics": []}'


def test_tokens_are_counted_by_what_is_read(claude, client):
    short = client.messages.count_tokens(model="claude-haiku-5-5", messages=[ASK])
    long = client.messages.count_tokens(model="claude-haiku-5-5", messages=[ASK], system=LONG)
    assert long.input_tokens > short.input_tokens + len(LONG) // 4
    assert create(client, system=LONG).usage.input_tokens == long.input_tokens


# The cache


def test_a_marked_prefix_is_stored_once_and_read_afterwards(claude, client):
    system = [{"type": "text", "text": LONG, "cache_control": MARK}]
    first, again = (create(client, system=system, tools=[LOOK]).usage for _ in range(2))
    assert first.cache_creation_input_tokens > len(LONG) // 4
    assert first.cache_read_input_tokens == 0
    assert again.cache_read_input_tokens == first.cache_creation_input_tokens
    assert (again.cache_creation_input_tokens, again.input_tokens) == (0, first.input_tokens)


def test_a_longer_conversation_reads_the_older_part_and_stores_the_new(claude, client):
    system = [{"type": "text", "text": LONG, "cache_control": MARK}]
    first = create(client, system=system, cache_control=MARK).usage
    more = [ASK, {"role": "assistant", "content": "Yes."}, {"role": "user", "content": "When?"}]
    second = create(client, *more, system=system, cache_control=MARK).usage
    assert second.cache_read_input_tokens == first.cache_creation_input_tokens
    assert second.cache_creation_input_tokens > 0
    assert second.input_tokens == 0


@pytest.mark.parametrize("change", ["tools", "system", "model"])
def test_any_change_before_the_mark_is_a_miss(claude, client, change):
    system = [{"type": "text", "text": LONG, "cache_control": MARK}]
    create(client, system=system, tools=[LOOK])
    asked = {"system": system, "tools": [LOOK]} | {
        "tools": {"tools": [{**LOOK, "description": "Looks well."}]},
        "system": {"system": [{**system[0], "text": f"{LONG}!"}]},
        "model": {"model": "claude-opus-5-5"},
    }[change]
    assert create(client, **asked).usage.cache_read_input_tokens == 0


def test_a_short_prefix_is_not_stored(claude, client):
    system = [{"type": "text", "text": "Short.", "cache_control": MARK}]
    usage = [create(client, system=system).usage for _ in range(2)][-1]
    assert (usage.cache_creation_input_tokens, usage.cache_read_input_tokens) == (0, 0)


# What it refuses


def _schema(**more: Any) -> dict[str, Any]:
    return {**LOOK, "input_schema": {**LOOK["input_schema"], **more}}


@pytest.mark.parametrize(
    "asked",
    [
        {"messages": []},
        {"messages": [{"role": "assistant", "content": "Hi"}, ASK]},
        {"messages": [ASK, {"role": "assistant", "content": "The answer is"}]},
        {"messages": [{"role": "user", "content": "  "}]},
        {"messages": [user({"type": "text", "text": ""})]},
        {"messages": [{"role": "system", "content": "Hi"}, ASK]},
        {"messages": [user({"type": "text", "text": "Hi", "citations": [{"type": "char_location"}]})]},
        {"messages": [user(result("a", True), result("b", False))]},
        {"messages": [user({**result("a"), "title": ""})]},
        {"messages": [user(tool_result(type("Call", (), {"id": "toolu_1"})))]},
        {"messages": [user({"type": "tool_use", "id": "1", "name": "look", "input": {}})]},
        {"max_tokens": 0},
        {"max_tokens": 200_000},
        {"extra_body": {"temperature": 0.5}},
        {"extra_body": {"top_k": 5}},
        {"extra_body": {"surprise": 1}},
        {"tools": [LOOK, LOOK]},
        {"tools": [{**LOOK, "name": "look at it"}]},
        {"tools": [_schema(additionalProperties=True)]},
        {"tools": [_schema(properties={"query": {"type": "string", "maxLength": 5}})]},
        {"tools": [_schema(properties={"query": {"type": "object", "properties": {}}})]},
        {"tools": [LOOK], "tool_choice": {"type": "any"}},  # thinking is on
        {"tools": [LOOK], "tool_choice": {"type": "tool", "name": "x"}, "thinking": {"type": "disabled"}},
        {"tool_choice": {"type": "auto"}},
        {"model": "claude-sonnet-5-5", "thinking": {"type": "disabled"}},
        {"model": "claude-opus-5-5", "thinking": {"type": "disabled"}},
        {"model": "claude-sonnet-5-5", "thinking": {"type": "enabled", "budget_tokens": 1024}, "max_tokens": 3000},
        {"model": "claude-sonnet-5-5", "tools": [LOOK], "tool_choice": {"type": "any"}},
        {"thinking": {"type": "disabled"}, "output_config": {"effort": "xhigh"}},
        {"output_config": {"effort": "extreme"}},
        {"output_config": {"format": {"type": "json_schema", "schema": {"type": "object"}}}},
        {"messages": [user(result("a"), {"type": "text", "text": "b"})],
         "output_config": {"format": {"type": "json_schema", "schema": LOOK["input_schema"]}}},
        {"system": [{"type": "text", "text": f"{n}", "cache_control": MARK} for n in range(5)]},
        {"system": [{"type": "text", "text": "a", "cache_control": MARK},
                    {"type": "text", "text": "b", "cache_control": {**MARK, "ttl": "1h"}}]},
        {"metadata": {"user_id": "anna@example.com"}},
        {"stop_sequences": [" "]},
    ],
)  # fmt: skip
def test_it_refuses(claude, client, asked):
    with pytest.raises(REFUSED):
        stream(client, **asked)
    assert len(claude.refused) == 1


def test_it_wants_the_key_a_known_model_and_the_version(claude, client):
    with pytest.raises(anthropic.AuthenticationError):
        create(_client(claude, "sk-other"))
    with pytest.raises(anthropic.NotFoundError):
        create(client, model="claude-1")
    with pytest.raises(REFUSED):
        create(client, extra_headers={"anthropic-version": "2023-06-01"})


def test_haiku_may_not_think_and_then_be_forced_to_a_tool(claude, client):
    claude.script = [{"blocks": [calls("look", query="a")]}]
    off = {"thinking": {"type": "disabled"}, "tools": [LOOK]}
    final = create(client, tool_choice={"type": "tool", "name": "look"}, **off)
    assert [block.type for block in final.content] == ["tool_use"]


@pytest.fixture
def called(claude, client):
    """Two calls at once, after some thinking."""
    claude.script = [
        {"blocks": [says("Let me see."), calls("look", query="a"), calls("look", query="b")]}
    ]
    return create(client, tools=[LOOK])


def _answers(called: Any) -> list[dict[str, Any]]:
    return [tool_result(call) for call in of_kind(called, "tool_use")]


def test_each_call_wants_its_result_first_in_the_next_message(client, called):
    one, other = _answers(called)
    text = {"type": "text", "text": "And?"}
    for wrong in (
        [one],
        [one, one],
        [text, one, other],
        [one, other, {**one, "tool_use_id": "x"}],
        [text],
    ):
        with pytest.raises(REFUSED):
            create(client, ASK, assistant(called), user(*wrong), tools=[LOOK])
    assert create(client, ASK, assistant(called), user(one, other, text), tools=[LOOK]).content
    with pytest.raises(REFUSED):  # no tools are named any more
        create(client, ASK, assistant(called), user(one, other))


def test_an_error_wants_words(client, called):
    one, other = _answers(called)
    with pytest.raises(REFUSED):
        create(
            client,
            ASK,
            assistant(called),
            user({**one, "content": "", "is_error": True}, other),
            tools=[LOOK],
        )


def test_inside_a_tool_loop_all_stays_as_it_was(client, called):
    results = user(*_answers(called))
    blocks = assistant(called)["content"]
    without = {"role": "assistant", "content": [b for b in blocks if b["type"] != "thinking"]}
    forged = {"role": "assistant", "content": [{**blocks[0], "thinking": "Else"}, *blocks[1:]]}
    for wrong in (without, forged):
        with pytest.raises(REFUSED):
            create(client, ASK, wrong, results, tools=[LOOK])
    with pytest.raises(REFUSED):
        create(client, ASK, assistant(called), results, tools=[LOOK], system="New words")
    over = [ASK, assistant(called), results, {"role": "assistant", "content": "Yes."}, ASK]
    assert create(client, *over, tools=[LOOK], system="New words").content


def test_a_script_that_a_strict_tool_rules_out_fails_the_test(client):
    for wrong in (
        calls("look"),
        calls("look", query=1),
        calls("look", query="a", more=2),
        calls("sing"),
    ):
        with pytest.raises(AssertionError), stand_in.running() as claude:  # noqa: PT012
            claude.script = [{"blocks": [wrong]}]
            with pytest.raises(REFUSED):
                create(_client(claude), tools=[LOOK])


def test_a_model_without_strictness_may_call_anything(claude, client):
    claude.script = [{"blocks": [calls("sing", lax=True, loud=True)]}]
    assert of_kind(create(client, tools=[LOOK]), "tool_use")[0].input == {"loud": True}


# How it fails


@pytest.mark.parametrize(
    ("step", "error"),
    [
        (fails(400), anthropic.BadRequestError),
        (fails(401), anthropic.AuthenticationError),
        (fails(402), anthropic.PaymentRequiredError),
        (fails(403), anthropic.PermissionDeniedError),
        (fails(413), anthropic.ContentTooLargeError),
        (fails(429, retry_after=7), anthropic.RateLimitError),
        (fails(429, code="enforced_spend_limit_reached"), "EnforcedSpendLimitReachedError"),
        (fails(429, code="contract_spend_limit_reached"), "ContractSpendLimitReachedError"),
        (fails(500), anthropic.InternalServerError),
        (fails(529), anthropic.OverloadedError),
    ],
)
def test_every_error_is_the_library_s_own(claude, client, step, error):
    claude.script = [step]
    with pytest.raises(anthropic.APIStatusError) as caught:
        stream(client)
    name = error if isinstance(error, str) else error.__name__
    assert name in [each.__name__ for each in type(caught.value).__mro__]
    assert caught.value.response.headers.get("retry-after") == (
        "7" if step["retry_after"] else None
    )


def test_a_stream_breaks_after_some_words(claude, client):
    claude.script = [stand_in.breaks(says("one two three four"), after=2)]
    words = []
    asked: Any = {"model": "claude-haiku-5-5", "max_tokens": 500, "messages": [ASK]}
    with (
        pytest.raises(anthropic.APIStatusError) as caught,
        client.messages.stream(**asked) as running,
    ):
        words += running.text_stream
    assert words == ["one", " two"]
    assert (caught.value.status_code, caught.value.type) == (200, "overloaded_error")


def test_a_connection_is_cut_in_the_middle(claude, client):
    claude.script = [stand_in.cuts(says("one two three"), after=1)]
    with pytest.raises(Exception) as caught:  # noqa: PT011
        stream(client)
    assert "incomplete" in str(caught.value).lower() or "connection" in str(caught.value).lower()


@pytest.mark.parametrize("step", [stand_in.hangs(), stand_in.hangs(says("one two"), after=1)])
def test_it_hangs(claude, step):
    claude.script = [step]
    with pytest.raises(Exception, match=r"(?i)timed out"):
        stream(_client(claude, timeout=0.3))


def test_something_happens_while_it_writes(claude, client):
    did = Event()
    claude.script = [stand_in.meanwhile(says("one two three"), after=2, do=did.set)]
    words, _ = stream(client)
    assert did.is_set()
    assert words == ["one", " two", " three"]


def test_fifty_ask_at_once(claude, client):
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: create(client), range(50)))
    claude.wait_for(50)
    assert {answer.stop_reason for answer in answers} == {"end_turn"}
    assert len({answer.id for answer in answers}) == 50
