"""Calls of a language model through its real library: what is paid, what is tried again, and what is given up.

Time is the test's: it stands still but for what is slept and for what a silent provider takes.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import pytest
from anthropic import Anthropic
from flask import Flask
from sqlalchemy import select

from app.assistant import budgets, calling
from app.assistant.calling import CallFor, NoModel
from app.assistant.language_models.border import (
    Part,
    Prompt,
    ProviderError,
    Reply,
    Round,
    Stopped,
    Trouble,
)
from app.assistant.language_models.claude import Claude
from app.assistant.models import Budget, ModelCall, ProviderTrouble
from app.core.unit_of_work import unit_of_work
from app.extensions import db
from tests.conftest import Cast, forget_failures
from tests.standins import claude as stand_in
from tests.standins.claude import breaks, cuts, fails, hangs, meanwhile, says, slowly, thinks

QUESTION = Prompt(
    system="You are the front desk of Willow & Thyme.",
    tools=(),
    history=(),
    passages=(),
    facts="It is Saturday.",
    question="Do you deliver?",
    version="test-1",
)
FOR_VISITOR = CallFor("answer", visitor_id=7)
ANSWER = says("Yes, on Fridays.")


class Time:
    """A clock that is slept forward."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.waits: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


class Model(Claude):
    """Claude, who is told to be patient in the test's time and is so for a moment of ours."""

    def __init__(self, url: str, time: Time, **options: Any) -> None:
        client = Anthropic(api_key=options.pop("key", stand_in.KEY), base_url=url, max_retries=0)
        name = options.pop("model", "claude-haiku-5-5")
        super().__init__(client, name, effort="low", thinking=options.pop("thinking", False))
        self.time = time
        self.given: list[float] = []

    def write(
        self, prompt: Prompt, rounds: Sequence[Round], on_parts: Any, *, seconds: float
    ) -> Reply:
        self.given.append(seconds)
        try:
            return super().write(prompt, rounds, on_parts, seconds=0.4)
        except ProviderError as error:
            if error.kind == Trouble.TIMEOUT:
                self.time.now += seconds
            raise


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    time = Time()
    monkeypatch.setattr(calling, "clock", lambda: time.now)
    monkeypatch.setattr(calling, "sleep", time.sleep)
    return time


@pytest.fixture
def claude(app: Flask) -> Iterator[stand_in.Claude]:
    with stand_in.running() as claude:
        forget_failures(app)
        yield claude


@pytest.fixture
def model(context: None, claude: stand_in.Claude, time: Time) -> Model:
    return Model(claude.url, time)


class Desk:
    """Makes calls for a business, and reads what is left of them."""

    def __init__(self, cast: Cast, model: Model, time: Time) -> None:
        self.cast, self.model, self.time = cast, model, time
        self.heard: list[str] = []

    def hear(self, parts: Sequence[Part]) -> None:
        text = "".join(part.text for part in parts)
        if not self.heard or self.heard[-1] != text:
            self.heard.append(text)

    def call(
        self,
        purpose: CallFor | None = None,
        prompt: Prompt = QUESTION,
        on_parts: Callable[[Sequence[Part]], None] | None = None,
        model: Model | None = None,
    ) -> Reply:
        purpose = purpose or CallFor("answer", visitor_id=7, began=self.time.now)
        with self.cast.scope():
            return calling.call(model or self.model, prompt, (), on_parts or self.hear, purpose)

    def fails(self, **options: Any) -> NoModel:
        with pytest.raises(NoModel) as failed:
            self.call(**options)
        return failed.value

    def rows(self) -> list[ModelCall]:
        with self.cast.scope():
            rows = list(db.session.scalars(select(ModelCall).order_by(ModelCall.id)))
            db.session.commit()
            for row in rows:
                db.session.refresh(row)
            db.session.expunge_all()
            db.session.rollback()
            return rows

    def spent(self) -> list[int]:
        """Of the month, and of the visitor's day."""
        with self.cast.scope():
            found = list(db.session.scalars(select(Budget.spent_micros).order_by(Budget.kind)))
            db.session.rollback()
            return found

    def troubles(self) -> list[tuple[str, int, bool]]:
        with self.cast.scope():
            rows = db.session.scalars(select(ProviderTrouble).order_by(ProviderTrouble.id))
            found = [(row.kind, row.count, row.ended_at is None) for row in rows]
            db.session.rollback()
            return found

    def cap(self, month_cents: int, visitor_day_cents: int = 50) -> None:
        with self.cast.scope(), unit_of_work():
            budgets.change_caps(month_cents, visitor_day_cents)


@pytest.fixture
def desk(cast: Cast, model: Model, time: Time) -> Desk:
    return Desk(cast, model, time)


def test_a_call_s_row_tells_all_of_it(desk: Desk, claude: stand_in.Claude) -> None:
    claude.script = [
        {"blocks": [ANSWER]},
        {"blocks": [ANSWER], "usage": {"cache_read_input_tokens": 700, "input_tokens": 90}},
    ]
    seconds = iter([0.25])

    def hear(parts: Sequence[Part]) -> None:
        desk.time.now += next(seconds, 0) if parts else 0

    assert desk.call(on_parts=hear).text == "Yes, on Fridays."
    desk.call()
    first, second = desk.rows()
    usage = claude.usages[0]
    assert (first.purpose, first.provider, first.model, first.prompt_version, first.attempt) == (
        "answer", "claude", "claude-haiku-5-5", "test-1", 1,
    )  # fmt: skip
    assert (first.input_tokens, first.output_tokens) == (
        usage["input_tokens"],
        usage["output_tokens"],
    )
    assert (first.first_word_ms, first.latency_ms, first.stop_reason) == (0, 250, "done")
    assert first.cost_micros == round(usage["input_tokens"] * 0.1 + usage["output_tokens"] * 0.5)
    assert first.reserved_micros > first.cost_micros
    assert (second.input_tokens, second.cached_tokens, second.stored_tokens) == (90, 700, 0)
    assert desk.spent() == [first.cost_micros + second.cost_micros] * 2


def test_the_row_and_its_claim_are_there_before_the_provider_is_asked(
    desk: Desk, claude: stand_in.Claude, app: Flask
) -> None:
    seen: list[Any] = []

    def look() -> None:
        with app.app_context(), desk.cast.scope():
            row = db.session.scalars(select(ModelCall)).one()
            seen.append((row.cost_micros, row.latency_ms, row.reserved_micros > 0))
            seen.append(
                db.session.scalars(select(Budget.spent_micros)).all() == [row.reserved_micros] * 2
            )

    claude.script = [meanwhile(ANSWER, after=1, do=look)]
    desk.call()
    assert seen == [(None, None, True), True]


@pytest.mark.parametrize(
    ("step", "waited"),
    [
        (fails(429, retry_after=3), (3.0, 3.0)),
        (fails(429), (0.375, 0.625)),
        (fails(529), (0.375, 0.625)),
        (fails(500), (0.375, 0.625)),
        (fails(504), (0.375, 0.625)),
        (breaks(ANSWER, after=0), (0.375, 0.625)),
        (hangs(), (0.375, 0.625)),
    ],
    ids=lambda each: str(each.get("status", each.get("ends"))) if isinstance(each, dict) else None,
)
def test_what_passes_is_tried_again(
    desk: Desk, claude: stand_in.Claude, step: dict[str, Any], waited: tuple[float, float]
) -> None:
    claude.script = [step, {"blocks": [ANSWER]}]
    assert desk.call().text == "Yes, on Fridays."
    assert [row.attempt for row in desk.rows()] == [1, 2]
    (wait,) = desk.time.waits
    assert waited[0] <= wait <= waited[1]
    assert desk.troubles() == []


def test_an_overload_that_stays_is_given_up_after_three_attempts(
    desk: Desk, claude: stand_in.Claude
) -> None:
    claude.script = [fails(529)] * 3
    failed = desk.fails()
    assert (failed.reason, failed.words) == ("provider_error", "Claude is overloaded.")
    assert [(row.error, row.cost_micros) for row in desk.rows()] == [
        ("Claude is overloaded.", 0)
    ] * 3
    assert desk.spent() == [0, 0]
    assert 0.375 <= desk.time.waits[0] <= 0.625
    assert 1.125 <= desk.time.waits[1] <= 1.875
    assert desk.troubles() == [("overloaded", 1, True)]


def test_a_rate_limit_that_lasts_too_long_isn_t_waited_for(
    desk: Desk, claude: stand_in.Claude
) -> None:
    claude.script = [fails(429, retry_after=60)]
    assert desk.fails().words == "Claude’s rate limit is reached."
    assert (len(claude.requests), desk.time.waits) == (1, [])


def test_who_can_t_be_reached_is_tried_again(desk: Desk, time: Time) -> None:
    nobody = Model("http://127.0.0.1:9", time)
    assert desk.fails(model=nobody).words == "Claude couldn’t be reached."
    assert len(nobody.given) == 3
    assert desk.spent() == [0, 0]


def test_silence_ends_within_fifteen_seconds(desk: Desk, claude: stand_in.Claude) -> None:
    claude.script = [hangs(), hangs()]
    began = desk.time.now
    assert desk.fails().words == "Claude didn’t answer in time."
    first, second = desk.model.given
    assert first == 8.0
    assert 6.3 < second < 6.7
    assert desk.time.now - began == pytest.approx(15)
    assert [row.cost_micros for row in desk.rows()] == [None, None]
    assert desk.spent() == [sum(row.reserved_micros for row in desk.rows())] * 2


def test_thinking_for_too_long_is_silence_too(
    context: None,
    cast: Cast,
    claude: stand_in.Claude,
    time: Time,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = Model(claude.url, time, model="claude-sonnet-5-5", thinking=True)
    desk = Desk(cast, model, time)
    passed = iter([16.0])

    def tick() -> float:
        time.now += next(passed, 0.0) if claude.requests else 0.0
        return time.now

    claude.script = [slowly(thinks("It is far from simple."), ANSWER, pause=0.01)]
    monkeypatch.setattr(calling, "clock", tick)
    assert desk.fails().words == "The language model didn’t answer in time."
    assert desk.heard == []


def test_a_turn_that_has_taken_long_already_is_given_less(
    desk: Desk, claude: stand_in.Claude
) -> None:
    claude.script = [hangs()]
    desk.fails(purpose=CallFor("answer", visitor_id=7, began=desk.time.now - 14))
    assert desk.model.given == [3.0]
    claude.script = [hangs()]
    desk.fails(purpose=CallFor("answer", visitor_id=7, began=desk.time.now - 60))
    assert desk.model.given[1:] == [2.0]


@pytest.mark.parametrize(
    "step", [breaks(ANSWER, after=2), cuts(ANSWER, after=2), hangs(ANSWER, after=2)]
)
def test_an_answer_that_breaks_off_is_taken_back_and_begun_anew(
    desk: Desk, claude: stand_in.Claude, step: dict[str, Any]
) -> None:
    claude.script = [step, {"blocks": [says("On Fridays only.")]}]
    assert desk.call().text == "On Fridays only."
    assert desk.heard == ["Yes,", "Yes, on", "", "On", "On Fridays", "On Fridays only."]
    broken, done = desk.rows()
    assert (broken.cost_micros, done.stop_reason) == (None, "done")
    assert broken.error
    assert desk.spent() == [broken.reserved_micros + done.cost_micros] * 2


def test_an_answer_that_breaks_off_twice_is_given_up(desk: Desk, claude: stand_in.Claude) -> None:
    claude.script = [breaks(ANSWER, after=1), breaks(ANSWER, after=2)]
    assert desk.fails().words == "Claude’s answer broke off."
    assert desk.heard == ["Yes,", "", "Yes,", "Yes, on", ""]
    assert len(claude.requests) == 2


def test_an_answer_that_breaks_off_late_has_five_seconds_to_begin_anew(
    desk: Desk, claude: stand_in.Claude
) -> None:
    def late() -> None:
        desk.time.now += 40

    claude.script = [
        meanwhile(ANSWER, after=1, do=late) | breaks(ANSWER, after=1),
        {"blocks": [ANSWER]},
    ]
    desk.call()
    assert 4.3 < desk.model.given[1] < 4.7


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (fails(401), "Claude refused the API key."),
        (fails(403), "Claude refused the API key."),
        (fails(402), "The spending limit of the Claude account is reached."),
        (fails(402, code="linked_organization_spend_limit_reached"), "The spending limit of the Claude account is reached."),
        (fails(429, code="enforced_spend_limit_reached"), "The spending limit of the Claude account is reached."),
        (fails(429, code="contract_spend_limit_reached"), "The spending limit of the Claude account is reached."),
    ],
    ids=lambda each: f"{each['status']} {each['code']}" if isinstance(each, dict) else "",
)  # fmt: skip
def test_an_account_that_is_refused_is_asked_once_and_spared_then(
    desk: Desk, claude: stand_in.Claude, step: dict[str, Any], words: str
) -> None:
    claude.script = [step]
    for _ in range(3):
        failed = desk.fails()
        assert (failed.reason, failed.words) == ("provider_error", words)
    assert len(claude.requests) == 1
    assert desk.time.waits == []
    ((_kind, times, is_open),) = desk.troubles()
    assert (times, is_open) == (3, True)


def test_another_key_is_tried_at_once(desk: Desk, claude: stand_in.Claude, time: Time) -> None:
    desk.fails(model=Model(claude.url, time, key="sk-wrong"))
    assert desk.call().text
    assert desk.troubles() == [("key", 1, False)]


@pytest.mark.parametrize("status", [400, 413])
def test_what_the_provider_can_t_use_is_neither_repeated_nor_counted(
    desk: Desk, claude: stand_in.Claude, status: int
) -> None:
    claude.script = [fails(status)] * 6
    for _ in range(6):
        assert desk.fails().words == "Claude didn’t accept the request."
    assert len(claude.requests) == 6
    assert desk.spent() == [0, 0]
    desk.call()
    assert desk.troubles() == [("bad_request", 6, False)]


def test_five_failures_in_a_row_spare_the_rest(desk: Desk, claude: stand_in.Claude) -> None:
    claude.script = [fails(529)] * 5
    for _ in range(4):
        assert desk.fails().words == "Claude is overloaded."
    assert len(claude.requests) == 5
    assert len(desk.rows()) == 5
    assert desk.troubles() == [("overloaded", 4, True)]


def test_a_visitor_who_stops_the_answer_leaves_its_claim(
    desk: Desk, claude: stand_in.Claude
) -> None:
    def enough(parts: Sequence[Part]) -> None:
        if parts:
            raise Stopped

    with pytest.raises(Stopped):
        desk.call(on_parts=enough)
    (row,) = desk.rows()
    assert (row.stop_reason, row.error, row.cost_micros) == ("stopped", None, None)
    assert desk.spent() == [row.reserved_micros] * 2
    assert desk.troubles() == []


def test_a_worker_that_is_killed_leaves_its_claim(desk: Desk) -> None:
    def killed(_parts: Sequence[Part]) -> None:
        raise SystemExit

    with pytest.raises(SystemExit):
        desk.call(on_parts=killed)
    (row,) = desk.rows()
    assert (row.stop_reason, row.error, row.cost_micros) == (None, None, None)
    assert desk.spent() == [row.reserved_micros] * 2


@pytest.mark.parametrize(
    ("caps", "words"),
    [
        ((0, 50), "The assistant’s budget is 0"),
        ((2000, 0), "The assistant’s budget is 0"),
    ],
)
def test_a_cap_of_0_makes_no_call(
    desk: Desk, claude: stand_in.Claude, caps: tuple[int, int], words: str
) -> None:
    desk.cap(*caps)
    failed = desk.fails()
    assert (failed.reason, failed.words) == ("money_cap", words)
    assert (claude.requests, desk.rows(), desk.spent()) == ([], [], [])


def test_at_the_cap_no_call_is_made(desk: Desk, claude: stand_in.Claude) -> None:
    desk.cap(1)
    with desk.cast.scope(), unit_of_work():
        budgets.claim(9_900, 7)
    failed = desk.fails()
    assert failed.reason == "money_cap"
    assert failed.words == "The assistant’s budget for this month is used up"
    assert (claude.requests, desk.rows(), desk.spent()) == ([], [], [9_900, 9_900])


def test_a_visitor_s_share_leaves_the_rest_to_others(desk: Desk, claude: stand_in.Claude) -> None:
    desk.cap(2000, 1)
    with desk.cast.scope(), unit_of_work():
        budgets.claim(9_900, 7)
    failed = desk.fails()
    assert failed.words == "This visitor’s share of the assistant’s budget is used up for today"
    assert claude.requests == []
    for visitor_id in (8, 0):
        desk.call(CallFor("answer", visitor_id=visitor_id, began=desk.time.now))
    assert len(claude.requests) == 2


def test_a_second_attempt_needs_its_own_room(desk: Desk, claude: stand_in.Claude) -> None:
    claude.script = [{"blocks": [ANSWER]}]
    desk.call()
    (row,) = desk.rows()
    desk.cap(1)
    with desk.cast.scope(), unit_of_work():
        budgets.claim(10_000 - row.cost_micros - row.reserved_micros, 0)
    claude.script = [breaks(ANSWER, after=1)]
    assert desk.fails().reason == "money_cap"
    assert (len(claude.requests), desk.heard[-1]) == (2, "")
    assert desk.spent()[0] == 10_000


def test_a_model_without_a_price_counts_as_nothing(
    desk: Desk, claude: stand_in.Claude, time: Time
) -> None:
    model = Model(claude.url, time)
    model.price = None
    desk.call(model=model)
    (row,) = desk.rows()
    assert (row.reserved_micros, row.cost_micros, row.counted_micros) == (0, None, None)
    assert row.input_tokens
    assert desk.spent() == []


def test_trouble_ends_with_the_next_answer(desk: Desk, claude: stand_in.Claude) -> None:
    claude.script = [fails(529)] * 3
    desk.fails()
    desk.call()
    assert desk.troubles() == [("overloaded", 1, False)]
    claude.script = [fails(529)] * 3
    desk.fails()
    assert desk.troubles() == [("overloaded", 1, False), ("overloaded", 1, True)]


def test_only_what_a_visitor_asked_is_told_as_trouble(desk: Desk, claude: stand_in.Claude) -> None:
    claude.script = [fails(400), fails(400)]
    desk.fails(purpose=CallFor("analysis", began=desk.time.now))
    assert desk.troubles() == []
    desk.fails()
    assert desk.troubles() == [("bad_request", 1, True)]


def test_fifty_turns_at_the_edge_of_the_cap_never_pass_it(
    app: Flask, desk: Desk, claude: stand_in.Claude
) -> None:
    """Each of a visitor of its own, in threads of their own, against the real database. What a turn sets
    aside is several times what it costs, so that most of them come while others are under way."""
    desk.call()
    (row,) = desk.rows()
    reserved, cap = row.reserved_micros, 10_000
    desk.cap(1)
    with desk.cast.scope(), unit_of_work():
        budgets.claim(cap - row.cost_micros - 5 * reserved, 0)
    numbers = count(100)

    def turn(_: int) -> bool:
        purpose = CallFor("answer", visitor_id=next(numbers), began=desk.time.now)
        with app.app_context(), desk.cast.scope():
            try:
                calling.call(desk.model, QUESTION, (), lambda _parts: None, purpose)
            except NoModel as failed:
                assert failed.reason == "money_cap"  # noqa: PT017
                return False
            finally:
                peaks.append(
                    db.session.scalars(
                        select(Budget.spent_micros).where(Budget.kind == "month")
                    ).one()
                )
                db.session.remove()
            return True

    peaks: list[int] = []
    claude.pause = 0.02
    with ThreadPoolExecutor(50) as threads:
        made = sum(threads.map(turn, range(50)))
    assert 5 <= made < 50
    assert len(claude.requests) == made + 1
    assert max(peaks) <= cap
    assert desk.spent()[0] == cap - 5 * reserved + sum(row.cost_micros for row in desk.rows()[1:])
