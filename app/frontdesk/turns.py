"""One turn of the assistant: everything that the visitor wrote since its last one, answered together.

A conversation has one open job at most (`respond-<id>`), so two turns never run beside each other. What arrives
while one runs is seen under the conversation's lock at its end, and asks for the next.
"""

import time
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from flask_babel import gettext as _

from app.assistant import drafting, gaps, prompting, small_talk
from app.assistant.calling import CallFor
from app.assistant.drafting import Asked, Draft
from app.assistant.language_models.border import Stopped, Turn
from app.assistant.models import Answer, AssistantSettings, ModelCall
from app.businesses.models import Business
from app.conversations import sending, speech
from app.conversations.in_order import in_order
from app.conversations.models import Conversation, Message
from app.core import jobs, tenancy, unit_of_work
from app.core.db import now
from app.core.preparing import PREPARED
from app.core.tools import Call
from app.extensions import db
from app.frontdesk import (
    callback_talk,
    facts,
    handing_off,
    introducing,
    nodding,
    racing,
    services,
    telling,
    topics,
    wording,
    words,
)
from app.frontdesk.toolbox import CUSTOMER
from app.frontdesk.words import Voice
from app.knowledge import services as knowledge
from app.lib.marking import N_

HISTORY_MESSAGES = 20
AGAIN = N_("I couldn’t find that either, so I’ve asked a person to help you here.")
EARLY = timedelta(seconds=0.5)  # a clock may differ by that much


@dataclass(frozen=True, slots=True)
class Taken:
    """What a turn answers. `question` is the visitor's last message, `text` the words of all of them, which
    may be none: a picture alone."""

    conversation: Conversation
    business: Business  # held here, so that it is read once
    question: Message
    text: str
    is_first: bool  # nothing else was ever said there
    began: float


def respond(conversation_id: int) -> None:
    """Answer what is unanswered, unless a person has the conversation."""
    taken = _take(conversation_id)
    if taken is not None:
        with speech.to(taken.conversation, taken.text):
            _respond(taken)


def _respond(taken: Taken) -> None:
    if _is_done_unread(taken):
        return
    settings = AssistantSettings.current()
    if _is_done_unsearched(taken, settings):
        return
    voice = Voice(taken.conversation, taken.question.id, taken.question.position)
    try:
        made = drafting.draft(_asked(taken, settings), voice.say)
    except Stopped:
        _settle(taken)
    else:
        wording.fit(made, taken.conversation.channel.kind)
        _conclude(taken, made)


def _is_done_unread(taken: Taken) -> bool:
    """Two machines, a picture without words, somebody's number for a callback: no answer is looked for."""
    conversation = taken.conversation
    if racing.is_race(conversation):
        racing.call_once(conversation)
        if not conversation.is_handed_off:
            _settle(taken)
    elif not taken.text:
        _look_at(taken)
    elif not taken.is_first and callback_talk.take_up(conversation, taken.text, taken.question):
        _settle(taken)
    else:
        return False
    return True


def _is_done_unsearched(taken: Taken, settings: AssistantSettings) -> bool:
    """A person is wanted, nothing is, or a courtesy answers it."""
    nod = nodding.read(taken.conversation, taken.text, settings)
    wants_person = nod == nodding.WANTS_PERSON or (
        small_talk.agrees(taken.text) and _was_offered_person(taken)
    )
    reason = "asked" if wants_person else topics.reason_to_call(taken.text, settings)
    if reason is not None:
        handing_off.call_person(taken.conversation, reason)
    elif nod == nodding.IS_ENOUGH:
        _settle(taken)
    elif courtesy := small_talk.reply_to(taken.text, taken.business.name):
        _finish(taken, courtesy, [], is_unsure=False)
    else:
        return False
    return True


def give_up(conversation_id: int, _reason: str) -> None:
    """The job failed for good: say so and call a person."""
    conversation = Conversation.locked(conversation_id)
    waiting = conversation.unanswered()
    if not waiting or conversation.is_handed_off:
        return
    question = services.newest(waiting)
    told = telling.on_call(conversation, is_said=True)
    with speech.to(conversation):
        sorry = _(drafting.SORRY)
    introducing.answer(question, telling.joined(sorry, told), [], is_unsure=True)
    conversation.answered_position = question.position
    handing_off.call_person(conversation, "failure", is_told=bool(told))


def _take(conversation_id: int) -> Taken | None:
    """None when there is nothing to answer; the next turn is asked for when it is too early."""
    began = time.perf_counter()
    conversation = Conversation.locked(conversation_id)
    waiting = conversation.unanswered()
    if not waiting or conversation.is_handed_off or conversation.status == "resolved":
        return None
    if services.due(conversation, waiting) > now() + EARLY:
        services.ask(conversation)
        return None
    sending.mark_as_read(conversation, services.newest(waiting), is_typing=True)
    text = "\n".join(message.says for message in waiting if message.says)
    is_first = conversation.position == len(waiting)
    return Taken(conversation, _business(), services.newest(waiting), text, is_first, began)


def _look_at(taken: Taken) -> None:
    """Pictures, voice notes and the like without a word: a person looks at them. A sticker is a smile."""
    waiting = taken.conversation.unanswered()
    if any((each.content or {}).get("kind") != "sticker" for each in waiting):
        handing_off.call_person(taken.conversation, "assistant")
    else:
        _settle(taken)


def _asked(taken: Taken, settings: AssistantSettings) -> Asked:
    conversation, business = taken.conversation, taken.business
    call = Call(
        conversation.id,
        taken.question.id,
        conversation.visitor_id,
        is_dry_run=conversation.is_preview,
    )
    return Asked(
        business=business.name,
        question=taken.text,
        settings=settings,
        call=call,
        purpose=CallFor("answer", conversation.id, taken.question.id, conversation.visitor_id),
        history=partial(_history, conversation),
        facts=partial(facts.of_moment, business, conversation.visitor, conversation.channel.kind),
        granted=CUSTOMER,
        commit=jobs.commit_step,
    )


def _history(conversation: Conversation) -> tuple[Turn, ...]:
    """What both sides said, as plain text, without what is being answered: that may stand before the
    assistant's last answer, when it arrived while that was written."""
    said = conversation.newest_messages(HISTORY_MESSAGES)
    return tuple(
        Turn("user" if each.kind == "incoming" else "assistant", _said(each))
        for each in in_order(said)
        if each.kind == "outgoing"
        or (each.kind == "incoming" and each.position <= conversation.answered_position)
    )


def _said(message: Message) -> str:
    return f"[A person of the team:] {message.body}" if message.author == "member" else message.body


def _conclude(taken: Taken, made: Draft) -> None:
    """Store the answer with its receipt; call a person where that is due."""
    if made.is_over:
        _settle(taken)
        handing_off.call_person(taken.conversation, "assistant")  # unless the tool has done it
        return
    is_second = made.is_unsure and not made.hand_off and _was_unsure(taken)
    reason = "unsure" if is_second else made.hand_off
    told = telling.on_call(taken.conversation, is_said=is_second) if reason else ""
    if made.is_unsure and not reason:
        told = telling.offer_in_words(taken.conversation, made.text)
    text = telling.joined(_(AGAIN) if is_second else made.text, told)
    message = _finish(
        taken, text, made.citations, is_unsure=made.is_unsure, is_called=reason is not None
    )
    _keep_receipt(taken, message, made)
    if message is not None and reason is not None:
        handing_off.call_person(taken.conversation, reason, is_told=bool(told))


def _finish(
    taken: Taken,
    text: str,
    citations: list[dict[str, object]],
    *,
    is_unsure: bool,
    is_called: bool = False,
) -> Message | None:
    """The answer's message, or the one that is there already. None when a person has taken over. An unsure one
    offers a person, unless one `is_called`."""
    message = introducing.answer(
        taken.question,
        text,
        citations,
        is_unsure=is_unsure,
        offers_person=is_unsure and not is_called,
        first_words=taken.text if taken.is_first else "",
    )
    _settle(taken)
    return message


def _settle(taken: Taken) -> None:
    """Under the lock: this much is answered, and what came meanwhile is the next turn."""
    conversation = taken.conversation.lock()
    words.forget(conversation.visitor.uuid)
    conversation.answered_position = max(conversation.answered_position, taken.question.position)
    is_more = conversation.incoming_position > conversation.answered_position
    if is_more and conversation.unanswered() and not conversation.is_handed_off:
        services.ask(conversation)


def _was_unsure(taken: Taken) -> bool:
    """The assistant's last answer. It may stand behind this question, which arrived while it was written."""
    said = _last_said(taken)
    return said is not None and said.is_unsure


def _was_offered_person(taken: Taken) -> bool:
    said = _last_said(taken)
    return said is not None and topics.offers_person(said.body)


def _last_said(taken: Taken) -> Message | None:
    """None when it was a person's."""
    said = taken.conversation.newest_messages(HISTORY_MESSAGES)
    spoken = [each for each in said if each.kind == "outgoing"]
    return spoken[-1] if spoken and spoken[-1].author == "assistant" else None


def _business() -> Business:
    return db.session.get_one(Business, tenancy.current_business_id(), execution_options=PREPARED)


def _keep_receipt(taken: Taken, message: Message | None, made: Draft) -> None:
    if message is None or _has_receipt(message):
        return
    calls = ModelCall.of_question(taken.question.id) if made.model or made.trouble else []
    receipt = Answer(
        message_id=message.id,
        question=taken.text,
        searched_for=made.found.searched_for,
        passages=[hit.as_dict() for hit in made.passages],
        score=made.found.score,
        features=made.found.features,
        is_confident=not made.is_unsure,
        writer=made.writer,
        model=made.model,
        prompt_version=prompting.VERSION if made.model else None,
        input_tokens=_sum(calls, "read_tokens") if calls else None,
        output_tokens=_sum(calls, "output_tokens") if calls else None,
        cost_micros=_cost(calls),
        latency_ms=round((time.perf_counter() - taken.began) * 1000),
        trouble=made.why_quoted,
    )
    db.session.add(receipt)
    if receipt.is_lacking:
        gaps.look_into(receipt)
    if not taken.conversation.is_preview:
        knowledge.note_citations(message.id, [each["chunk_id"] for each in message.citations])


def _has_receipt(message: Message) -> bool:
    return not unit_of_work.is_bare(message) and Answer.of_message(message.id) is not None


def _sum(calls: list[ModelCall], name: str) -> int:
    return sum(getattr(call, name) or 0 for call in calls)


def _cost(calls: list[ModelCall]) -> int | None:
    """None when nothing was called, or no price is known."""
    known = [call.counted_micros for call in calls if call.counted_micros is not None]
    return sum(known) if known else None
