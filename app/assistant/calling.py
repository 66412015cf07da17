"""Calling a language model: what it may cost, whether it may be tried, and what is written down of it."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from app.assistant import prices
from app.assistant.language_models.border import (
    LanguageModel,
    OnParts,
    Part,
    Prompt,
    ProviderError,
    Reply,
    Round,
    Usage,
)
from app.assistant.models import ModelCall
from app.core import unit_of_work
from app.extensions import db

SILENT_SECONDS = 8.0  # before the first word, and between two


@dataclass(frozen=True, slots=True)
class CallFor:
    """What a call is made for. No visitor (0) for the owner's own."""

    purpose: str  # answer, analysis, check, bench
    conversation_id: int | None = None
    question_id: int | None = None
    visitor_id: int = 0


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
    """Commits before it calls: no transaction is open meanwhile. Raises NoModel; lets Stopped through."""
    row = ModelCall(
        conversation_id=purpose.conversation_id,
        question_id=purpose.question_id,
        purpose=purpose.purpose,
        provider=model.provider,
        model=model.model,
        prompt_version=prompt.version,
    )
    db.session.add(row)
    unit_of_work.commit()
    began = time.perf_counter()
    first: list[float] = []

    def heard(parts: Sequence[Part]) -> None:
        if parts and not first:
            first.append(time.perf_counter())
        on_parts(parts)

    try:
        reply = model.write(prompt, rounds, heard, seconds=SILENT_SECONDS)
    except ProviderError as error:
        row.error, row.latency_ms, row.cost_micros = error.words, _ms(began), 0
        unit_of_work.commit()
        raise NoModel("provider_error", error.words) from error
    _note(row, reply.usage, model)
    row.stop_reason, row.latency_ms = reply.stop, _ms(began)
    row.first_word_ms = round((first[0] - began) * 1000) if first else None
    unit_of_work.commit()
    return reply


def _note(row: ModelCall, usage: Usage, model: LanguageModel) -> None:
    row.input_tokens, row.output_tokens = usage.read, usage.written
    row.cached_tokens, row.stored_tokens = usage.from_cache, usage.into_cache
    if model.price is not None:
        row.cost_micros = prices.cost_micros(
            model.price,
            read=usage.read,
            written=usage.written,
            from_cache=usage.from_cache,
            into_cache=usage.into_cache,
        )


def _ms(began: float) -> int:
    return round((time.perf_counter() - began) * 1000)
