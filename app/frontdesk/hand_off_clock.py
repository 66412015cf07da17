"""The clock of a hand-off: who waits for a person is never forgotten.

At once every page of the dashboard says so; after three minutes one person is mailed, after six the next;
at the limit the assistant comes back, says so, and takes a callback. Each step is a job. It takes the
conversation's row lock and reckons anew which step is due, so one that is late, repeated or beside another
does what is right by then, once. Somebody's reply or take-over ends it (conversations/hand_offs.py).
"""

from datetime import datetime, timedelta

from flask_babel import gettext as _

from app.assistant.models import AssistantSettings
from app.conversations import hand_offs, speech
from app.conversations import services as conversations
from app.conversations.models import Conversation, HandOff
from app.core.db import now
from app.core.jobs import enqueue
from app.extensions import db
from app.frontdesk import colleagues, expecting, telling
from app.frontdesk.telling import LEAVE_MESSAGE, NOBODY_CAME

MAILS_AFTER = (timedelta(minutes=3), timedelta(minutes=6))
BACK = len(MAILS_AFTER) + 1  # the last step


def start(hand_off: HandOff, conversation: Conversation, *, is_told: bool = False) -> None:
    """In the transaction of the hand-off. The visitor is told what to expect, in words that are kept, unless
    the answer before it did so."""
    with speech.to(conversation):
        wait, leave_message = expecting.wait(), _(LEAVE_MESSAGE)
    hand_off.promised_seconds = wait.seconds
    hand_off.summary = {**hand_off.summary, "told": wait.words}
    words = "" if is_told else telling.on_call(conversation)
    if telling.takes_message(wait):
        _come_back(hand_off, conversation, words or ("" if is_told else leave_message))
        return
    if words:
        _say(conversation, words, f"called-{hand_off.id}")
    _set_alarm(hand_off)


def advance(hand_off_id: int) -> None:
    """Take the step that is due by now; of several that were missed the last alone."""
    hand_off = HandOff.by_id(hand_off_id)
    conversation = hand_off.conversation.lock()
    db.session.refresh(hand_off)
    if hand_off.ended_at is not None:
        return
    step = _step_at(now() - hand_off.created_at)
    if step == BACK:
        hand_off.step = step
        conversations.post(conversation, "event", "system", "assistant_back")
        with speech.to(conversation):
            nobody_came = _(NOBODY_CAME)
        _come_back(hand_off, conversation, nobody_came)
        return
    if step > hand_off.step:
        hand_off.step = step
        _mail(hand_off, conversation)
    _set_alarm(hand_off)


def _come_back(hand_off: HandOff, conversation: Conversation, words: str) -> None:
    """The assistant answers again, from here on: what was written while nobody came stays as it is."""
    hand_offs.end(conversation, "returned")
    conversation.handed_off_at = conversation.assignee_id = None
    if words:
        _say(conversation, words, f"callback-reach-{hand_off.id}")
    conversation.answered_position = conversation.position


def _say(conversation: Conversation, words: str, client_key: str) -> None:
    conversations.post(conversation, "outgoing", "assistant", words, client_key=client_key)


def _mail(hand_off: HandOff, conversation: Conversation) -> None:
    """One person alone gets each of them. An owner's own preview calls nobody."""
    people = colleagues.in_order(conversation.assignee_id)
    if people and not conversation.is_preview:
        person = people[(hand_off.step - 1) % len(people)]
        key = f"hand-off-mail-{hand_off.id}-{hand_off.step}"
        enqueue("frontdesk.mail_hand_off", hand_off.id, person.id, hand_off.step, key=key)


def _set_alarm(hand_off: HandOff) -> None:
    """For the next step. The moment stands in the key: a changed limit makes another alarm."""
    at = min((each for each in _moments(hand_off) if each > now()), default=now())
    key = f"hand-off-{hand_off.id}-{at.timestamp():.0f}"
    enqueue("frontdesk.hand_off_clock", hand_off.id, at=at, key=key)


def _moments(hand_off: HandOff) -> list[datetime]:
    return [hand_off.created_at + after for after in (*MAILS_AFTER, _limit())]


def _step_at(waited: timedelta) -> int:
    return BACK if waited >= _limit() else sum(waited >= after for after in MAILS_AFTER)


def _limit() -> timedelta:
    return timedelta(minutes=AssistantSettings.current().hand_off_minutes)
