"""Taking a callback in the chat's own words, without a language model: a way to reach the visitor, a name, a
time. What was asked last stands in the client key of the assistant's words, so nothing else is kept.
"""

import re
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from app.assistant import small_talk
from app.businesses import hours
from app.businesses.profile import home_country
from app.contacts.services import Details
from app.conversations import callbacks, people
from app.conversations import services as conversations
from app.conversations.models import Callback, Conversation, HandOff, Message
from app.core.db import now
from app.frontdesk import telling
from app.lib import phones, reached_at
from app.lib.marking import N_
from app.lib.reached_at import Reached

REACH, NAME, SUITS, DAY, LATER = "reach", "name", "suits", "day", "later"
QUESTIONS = {
    NAME: N_("What name should they ask for?"),
    SUITS: N_("When does it suit you best?"),
    DAY: N_("On which day?"),
    LATER: N_("That time has passed already. When does it suit you best?"),
}
OF_TIME = (SUITS, DAY, LATER)
MAX_SUITS_WORDS = 6  # without a day or an hour in it; longer is another matter
_KEY = re.compile(rf"callback-({'|'.join((REACH, *QUESTIONS))})-\d+")
_SKIPS = re.compile(
    r"(no|nope|ok(ay)?|thanks|thank you|skip( it)?|never ?mind|(it )?does(n[’']t| not) matter|don[’']t mind"
    r"|gracias|da igual|no importa|não|obrigad[oa]|tanto faz|non|merci|peu importe|nein|danke|egal|नहीं|धन्यवाद|शुक्रिया"
    r"|لا|شكرا|شكرًا|لا يهم)[\s!.।]*",
    re.I,
)


def take_up(conversation: Conversation, text: str, question: Message) -> bool:
    """Whether what the visitor wrote belonged to a callback: then it is kept and answered. Called with the
    row locked, before the assistant answers."""
    hand_off = HandOff.latest_of(conversation.id)
    if hand_off is None or small_talk.wants_person(text):
        return False
    asked = _asked(conversation)
    callback = _unfinished(conversation) if asked in QUESTIONS else None
    if callback is not None and asked is not None:
        return _complete(conversation, callback, asked, text, question)
    if hand_off.outcome != "returned" or _has_callback(hand_off):
        return False
    return _begin(conversation, text, question, was_asked=asked == REACH)


def _begin(conversation: Conversation, text: str, question: Message, *, was_asked: bool) -> bool:
    found = reached_at.find(text, home_country())
    if found.is_reachable:
        callback = callbacks.leave(
            conversation,
            phone=found.phone, email=found.email, suits=found.suits,
            name=found.name or conversation.visitor.name or "",
            message=text,
        )  # fmt: skip
        _go_on(conversation, callback, question, asked=None)
        return True
    if found.problem and was_asked:
        _say(conversation, found.problem, REACH, question)
        return True
    return False


def _complete(
    conversation: Conversation, callback: Callback, asked: str, text: str, question: Message
) -> bool:
    """False for what is no answer to it, like another question: the assistant answers that."""
    if "?" in text or "؟" in text:
        return False
    found = reached_at.find(text, home_country())
    if found.is_reachable:  # a second way, or the right number after a wrong one
        callback.phone, callback.email = (
            found.phone or callback.phone,
            found.email or callback.email,
        )
        corrected = Details(email=found.email or None, phone=found.phone or None)
        people.introduce(conversation, corrected)
    if not _SKIPS.fullmatch(text):
        given = _given(asked, text, found)
        if given is None:
            return False
        if asked == DAY and given["suits"]:  # the hour was said before
            given["suits"] = f"{given['suits']}, {callback.suits}"
        callbacks.complete(conversation, callback, **given)
    _go_on(conversation, callback, question, asked)
    return True


def _given(asked: str, text: str, found: Reached) -> dict[str, str] | None:
    if asked in OF_TIME and (found.suits or len(text.split()) <= MAX_SUITS_WORDS):
        return {"suits": found.suits or " ".join(text.split()), "name": ""}
    if not (found.name or found.suits or found.is_reachable):
        return None
    return {"name": found.name, "suits": found.suits}


def _go_on(
    conversation: Conversation, callback: Callback, question: Message, asked: str | None
) -> None:
    """Ask for what is missing, each once; then say what will happen."""
    name, way, back = callback.name, _way(callback), _asked_back(callback, asked)
    thanks = _("Thank you, %(name)s.", name=name) if name else _("Thank you.")
    if not name and asked is None:
        noted = _("I’ve noted %(way)s.", way=way)
        _say(conversation, f"{thanks} {noted} {_(QUESTIONS[NAME])}", NAME, question)
    elif back:
        callback.suits = callback.suits if back == DAY else ""
        _say(conversation, f"{thanks} {_(QUESTIONS[back])}", back, question)
    elif not callback.suits and asked not in OF_TIME:
        _say(conversation, f"{thanks} {_(QUESTIONS[SUITS])}", SUITS, question)
    else:
        suits = f"{way} ({callback.suits})" if callback.suits else way
        promise = (
            _("The team will call %(way)s.", way=suits)
            if callback.phone
            else _("The team will write to %(way)s.", way=suits)
        )
        _say(conversation, f"{thanks} {promise}", "done", question)


def _asked_back(callback: Callback, asked: str | None) -> str:
    """About a time that is over, or an hour of no day: once."""
    from app.lib import times_said

    if not callback.suits or asked in (DAY, LATER):
        return ""
    here = now().astimezone(ZoneInfo(hours.zone()))
    asks = {times_said.PAST: LATER, times_said.NO_DAY: DAY}
    return asks.get(times_said.oddity(callback.suits, here), "")


def _say(conversation: Conversation, words: str, asks: str, question: Message) -> None:
    """Once per question, also when the job is done again."""
    key = f"callback-{asks}-{question.id}"
    conversations.post(conversation, "outgoing", "assistant", words, client_key=key)


def _asked(conversation: Conversation) -> str | None:
    """What the assistant's last words asked for."""
    for message in reversed(conversation.newest_messages(limit=20)):
        if message.kind == "outgoing":
            found = _KEY.fullmatch(message.client_key or "")
            was_joined = telling.asks_for_reach(
                message.body
            )  # to an answer, where each message costs
            return found[1] if found else (REACH if was_joined else None)
    return None


def _unfinished(conversation: Conversation) -> Callback | None:
    return next(iter(Callback.open_of(conversation.id)[-1:]), None)


def _has_callback(hand_off: HandOff) -> bool:
    return any(
        each.hand_off_id == hand_off.id for each in Callback.all_of(hand_off.conversation_id)
    )


def _way(callback: Callback) -> str:
    return phones.shown(callback.phone, home_country()) if callback.phone else callback.email
