"""Every request to a language model goes through here: money is claimed before it, a row tells of it from
before until after it, and trouble is tried again where that helps. What can't be healed ends in NoModel,
early enough that the visitor still gets another answer in time.
"""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from sqlalchemy import update

from app.assistant import budgets, estimates, troubles
from app.assistant.breaker import Breaker
from app.assistant.budgets import CapReached, Claim
from app.assistant.language_models.border import (
    LanguageModel,
    OnParts,
    Part,
    Prompt,
    ProviderError,
    Reply,
    Round,
    Stopped,
    Trouble,
)
from app.assistant.models import ModelCall
from app.core.unit_of_work import unit_of_work
from app.extensions import db, redis
from app.lib.marking import kept

SECONDS = 15.0  # until the first word, all attempts together; then the passages have to answer
TURN_SECONDS = 17.0  # the same for all calls of a turn, from its beginning
SILENT_SECONDS = (
    8.0  # of one attempt, before its first word and between two: time is left for another
)
AFTER_BREAK_SECONDS = 5.0  # that an answer gets in any case to begin anew when it broke off
LEAST_SECONDS = 2.0  # with less, an attempt isn't worth its money
ATTEMPTS = 3
BACKOFF_SECONDS = (0.5, 1.5)  # a quarter more or less, so that a crowd spreads out

PASSES = frozenset(Trouble) - {Trouble.KEY, Trouble.SPEND_LIMIT, Trouble.BAD_REQUEST}
REFUSES = frozenset({Trouble.KEY, Trouble.SPEND_LIMIT})  # every call alike, until somebody acts
MAY_BE_BILLED = frozenset({Trouble.TIMEOUT, Trouble.BROKEN})

clock, sleep = time.monotonic, time.sleep  # tests put their own here


@dataclass(frozen=True, slots=True)
class CallFor:
    """What a turn's calls are made for. No visitor (0) for the owner's own. `began` is when somebody began
    to wait, `noted` is told the id of each row."""

    purpose: str  # answer, analysis, check, bench
    conversation_id: int | None = None
    question_id: int | None = None
    visitor_id: int = 0
    began: float = field(default_factory=time.monotonic)
    noted: Callable[[int], None] = lambda _id: None


class NoModel(Exception):
    """No language model answers now: `reason` is money_cap or provider_error, `words` are the owner's."""

    def __init__(self, reason: str, words: str) -> None:
        super().__init__(words)
        self.reason = reason
        self.words = words


def call(
    model: LanguageModel,
    prompt: Prompt,
    rounds: Sequence[Round],
    on_parts: OnParts,
    purpose: CallFor,
) -> Reply:
    """The claim commits what the caller did before, so no transaction is open while a model writes. An
    answer that breaks off is taken back by on_parts([]). Raises NoModel; lets Stopped through."""
    return _Calling(model, prompt, rounds, on_parts, purpose).run()


class _Heard:
    """Hands the words on, knows when the first came, and ends what thinks for too long."""

    def __init__(self, on_parts: OnParts, deadline: float) -> None:
        self.on_parts = on_parts
        self.began, self.deadline = clock(), deadline
        self.first_word_ms: int | None = None

    def __call__(self, parts: Sequence[Part]) -> None:
        if not self.has_words and any(part.text for part in parts):
            self.first_word_ms = self.ms()
        if not self.has_words and clock() > self.deadline:
            raise ProviderError(Trouble.TIMEOUT, kept("The language model didn’t answer in time."))
        self.on_parts(parts)

    @property
    def has_words(self) -> bool:
        return self.first_word_ms is not None

    def ms(self) -> int:
        return round((clock() - self.began) * 1000)


class _Calling:
    """The attempts of one call."""

    def __init__(
        self,
        model: LanguageModel,
        prompt: Prompt,
        rounds: Sequence[Round],
        on_parts: OnParts,
        purpose: CallFor,
    ) -> None:
        self.model, self.prompt, self.rounds = model, prompt, rounds
        self.on_parts, self.purpose = on_parts, purpose
        self.breaker = Breaker(f"{model.provider}:{model.endpoint}", redis.client)
        self.deadline = self._deadline()
        self.has_broken = False

    def _deadline(self) -> float:
        """After rounds that took long without trouble, a last one still has its chance."""
        last = min(clock() + SECONDS, self.purpose.began + TURN_SECONDS)
        return max(last, clock() + LEAST_SECONDS)

    def run(self) -> Reply:
        for attempt in count(1):
            self._ask_breaker()
            heard = _Heard(self.on_parts, self.deadline)
            try:
                reply = self._attempt(attempt, heard)
            except ProviderError as error:
                self._tell_breaker(error)
                if heard.has_words:
                    self.on_parts([])
                is_break = heard.has_words or error.kind == Trouble.BROKEN
                wait = self._wait(error, attempt, is_break=is_break)
                if wait is None:
                    raise self._given_up(error.kind, error.words) from error
                sleep(wait)
            else:
                self.breaker.succeeded()
                return reply
        raise AssertionError("the last attempt gives up")

    def _attempt(self, number: int, heard: _Heard) -> Reply:
        row_id, claimed = self._begin(number)
        seconds = min(SILENT_SECONDS, self.deadline - clock())
        try:
            reply = self.model.write(self.prompt, self.rounds, heard, seconds=seconds)
        except ProviderError as error:
            self._failed(row_id, claimed, heard, error)
            raise
        except Stopped:
            with unit_of_work():
                _note(row_id, heard, stop_reason="stopped")
            raise
        self._done(row_id, claimed, heard, reply)
        return reply

    def _begin(self, number: int) -> tuple[int, Claim]:
        """The row and its claim in one transaction, which ends here: one is never without the other."""
        most = self._most_micros()
        try:
            with unit_of_work():
                claimed = budgets.claim(most, self.purpose.visitor_id)
                row_id = self._written_down(number, most)
        except CapReached as reached:
            with unit_of_work():
                budgets.note_refusal(reached, self.purpose.visitor_id)
            raise NoModel("money_cap", reached.words) from reached
        self.purpose.noted(row_id)
        return row_id, claimed

    def _written_down(self, number: int, most: int) -> int:
        row = ModelCall(
            conversation_id=self.purpose.conversation_id,
            question_id=self.purpose.question_id,
            purpose=self.purpose.purpose,
            provider=self.model.provider,
            model=self.model.model,
            prompt_version=self.prompt.version,
            attempt=number,
            reserved_micros=most,
        )
        db.session.add(row)
        db.session.flush()
        return row.id

    def _most_micros(self) -> int:
        """Of a model whose price isn't known: nothing, and the pages say so."""
        if self.model.price is None:
            return 0
        prompt = estimates.most_tokens(self.prompt, self.rounds)
        return self.model.price.most_micros(prompt, self.model.max_tokens)

    def _done(self, row_id: int, claimed: Claim, heard: _Heard, reply: Reply) -> None:
        used, price = reply.usage, self.model.price
        cost = None if price is None else price.cost_micros(used)
        tokens = {
            "input_tokens": used.read,
            "output_tokens": used.written,
            "cached_tokens": used.from_cache,
            "stored_tokens": used.into_cache,
        }
        with unit_of_work():
            _note(row_id, heard, stop_reason=reply.stop, cost_micros=cost, **tokens)
            budgets.settle(claimed, cost or 0)
            troubles.end(self.model.provider)

    def _failed(self, row_id: int, claimed: Claim, heard: _Heard, error: ProviderError) -> None:
        """What may have been billed goes on counting at its dearest, as nobody says what it cost."""
        may_be_billed = error.kind in MAY_BE_BILLED or heard.has_words
        with unit_of_work():
            _note(row_id, heard, error=error.words, cost_micros=None if may_be_billed else 0)
            if not may_be_billed:
                budgets.settle(claimed, 0)

    def _wait(self, error: ProviderError, attempt: int, *, is_break: bool) -> float | None:
        """Before the next attempt; None when there is none."""
        if error.kind not in PASSES or attempt == ATTEMPTS or (is_break and self.has_broken):
            return None
        if is_break:
            self.has_broken = True
            self.deadline = max(self.deadline, clock() + AFTER_BREAK_SECONDS)
        wait = error.retry_after
        if wait is None:
            wait = BACKOFF_SECONDS[attempt - 1] * random.uniform(0.75, 1.25)  # noqa: S311
        return wait if clock() + wait + LEAST_SECONDS <= self.deadline else None

    def _ask_breaker(self) -> None:
        refusal = self.breaker.refusal()
        if refusal:
            raise self._given_up(*refusal)

    def _tell_breaker(self, error: ProviderError) -> None:
        if error.kind in REFUSES:
            self.breaker.refused(error.kind, error.words)
        elif error.kind in PASSES:
            self.breaker.failed(error.kind, error.words)

    def _given_up(self, kind: str, words: str) -> NoModel:
        """The owner is told of the answers that a visitor had to be given otherwise."""
        if self.purpose.purpose == "answer":
            with unit_of_work():
                troubles.note(self.model.provider, kind, words)
        return NoModel("provider_error", words)


def _note(row_id: int, heard: _Heard, **fields: Any) -> None:
    """What came of a call, on its row."""
    came = {"latency_ms": heard.ms(), "first_word_ms": heard.first_word_ms, **fields}
    db.session.execute(update(ModelCall).where(ModelCall.id == row_id).values(**came))
