"""A turn of the assistant that leaves no trace but what it cost: tools run dry, and nobody is called."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from flask_babel import gettext as _

from app.assistant import drafting, small_talk
from app.assistant.calling import CallFor
from app.assistant.drafting import Asked, Draft
from app.assistant.language_models.border import Turn
from app.assistant.models import AssistantSettings, ModelCall
from app.businesses.models import Business
from app.core import jobs, tenancy
from app.core.tools import Call
from app.extensions import db
from app.frontdesk import facts, topics, wording
from app.frontdesk.toolbox import CUSTOMER
from app.frontdesk.tools import REASONS
from app.frontdesk.turns import AGAIN

NOBODY = Call(0, 0, 0, is_dry_run=True)


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a visitor would have been told. `hand_off` is why a person would have been called. No `draft`
    where nothing was looked up: small talk, or a person before a word is said."""

    text: str
    hand_off: str | None = None
    wanted: str = ""  # what the person would be told
    draft: Draft | None = None
    calls: list[ModelCall] = field(default_factory=list)
    latency_ms: int = 0


def rehearse(
    question: str,
    history: Sequence[Turn],
    settings: AssistantSettings,
    channel: str,
    *,
    was_unsure: bool = False,
    purpose: str = "bench",
) -> Rehearsal:
    """As frontdesk.turns answers. `was_unsure` says that of the assistant's last answer."""
    began = time.perf_counter()
    business = db.session.get_one(Business, tenancy.current_business_id())
    reason = topics.reason_to_call(question, settings)
    if reason is None and small_talk.agrees(question) and _was_offered_person(history):
        reason = "asked"
    if reason is not None:
        return Rehearsal("", reason, latency_ms=_ms(began))
    courtesy = small_talk.reply_to(question, business.name)
    if courtesy:
        return Rehearsal(courtesy, latency_ms=_ms(began))
    ids: list[int] = []
    made = drafting.draft(
        Asked(
            business=business.name,
            question=question,
            settings=settings,
            call=NOBODY,
            purpose=CallFor(purpose, noted=ids.append),
            history=partial(tuple, history),
            facts=partial(facts.of_moment, business, None, channel),
            granted=CUSTOMER,
            commit=jobs.commit_step,
        ),
        lambda _marked: None,
    )
    wording.fit(made, channel)
    calls = ModelCall.of_ids(ids)
    return _rehearsed(made, calls, was_unsure=was_unsure, latency_ms=_ms(began))


def _was_offered_person(history: Sequence[Turn]) -> bool:
    return (
        bool(history) and history[-1].role == "assistant" and topics.offers_person(history[-1].text)
    )


def _rehearsed(
    made: Draft, calls: list[ModelCall], *, was_unsure: bool, latency_ms: int
) -> Rehearsal:
    reason, wanted, text = made.hand_off, "", made.text
    if made.is_over:
        reason, wanted, text = *_called_by_tool(made), ""
    elif made.is_unsure and not reason and was_unsure:
        reason, text = "unsure", _(AGAIN)
    return Rehearsal(text, reason, wanted, made, calls, latency_ms)


def _called_by_tool(made: Draft) -> tuple[str, str]:
    """Why, and what the person would be told."""
    asked = next((each.input for each in made.tools if each.name == "hand_off"), None)
    if not isinstance(asked, dict):
        return "assistant", ""
    return REASONS.get(str(asked.get("reason")), "assistant"), str(asked.get("summary", ""))


def _ms(began: float) -> int:
    return round((time.perf_counter() - began) * 1000)
