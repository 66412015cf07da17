"""Actions being done to a conversation: each by the verb that members use, one after the other. What can't be done is
said, and the others are done all the same."""

from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from app.accounts.models import User
from app.automations.models import AutomationRule, Macro
from app.conversations import composing, due, scheduling, services, speech, variables
from app.conversations.models import Conversation, Message
from app.core.errors import FrontdeskError, Invalid
from app.extensions import db

Part = dict[str, Any]
_callers: list[Callable[[Conversation], bool]] = []


@dataclass(frozen=True, slots=True)
class Doing:
    """Of a locked conversation. `by` None: a rule acts. `key` makes what is sent idempotent, `event` names what it
    began with, `message` is what was written just then."""

    conversation: Conversation
    owner: AutomationRule | Macro
    key: str
    by: User | None = None
    event: str = ""
    message: Message | None = None
    run_id: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """`why_not` is empty when it was done. `call_id`: a webhook that is on its way."""

    words: str
    why_not: str = ""
    call_id: int | None = None

    def as_json(self) -> Part:
        return {"words": self.words, "why_not": self.why_not, "call_id": self.call_id}


Verb = Callable[[Doing, Any, int], int | None]  # with its place; it may return a call's id


def do(parts: Iterable[tuple[str, Verb, Any]], doing: Doing) -> list[Step]:
    """Each as (its words, its verb, its value)."""
    return [_one(words, verb, value, doing, at) for at, (words, verb, value) in enumerate(parts)]


def _one(words: str, verb: Verb, value: Any, doing: Doing, at: int) -> Step:
    try:
        with db.session.begin_nested():
            return Step(words, call_id=verb(doing, value, at))
    except FrontdeskError as refusal:
        return Step(words, refusal.message)


def calls_person(caller: Callable[[Conversation], bool]) -> Callable[[Conversation], bool]:
    """For whoever knows how a person is called. It says whether one was."""
    _callers.append(caller)
    return caller


def call_person(doing: Doing, _value: Any, _at: int) -> None:
    if not any(caller(doing.conversation) for caller in _callers):
        raise Invalid(_("A person has it already, or was called just now."))


def reply(doing: Doing, value: str, at: int) -> None:
    """Raises Invalid where nothing may be sent: blocked, no consent, the window is over."""
    conversation = doing.conversation
    body = filled(conversation, value, doing.by, is_for_customer=True)
    refuse(conversation, body, doing.message)
    key = f"{doing.key}-{at}"
    if doing.by is not None:
        scheduling.send(conversation, doing.by, due.Written(body), key, 0)
        return
    since = conversation.waiting_since
    services.post(conversation, "outgoing", "system", body, client_key=key)
    conversation.waiting_since = since  # for a person's words, or the assistant's


def note(doing: Doing, value: str, at: int) -> None:
    body = filled(doing.conversation, value, doing.by)
    author = services.actor(doing.by)
    services.post(
        doing.conversation, "note", author, body, by=doing.by, client_key=f"{doing.key}-{at}"
    )


def filled(
    conversation: Conversation, text: str, by: User | None, *, is_for_customer: bool = False
) -> str:
    """With what is known, for a customer in their language. Raises Invalid while something isn't."""
    with speech.to(conversation) if is_for_customer else nullcontext():
        known = variables.values(conversation.visitor, by or conversation.assignee)
    body = variables.fill(text, known).text
    variables.refuse_gaps(body)
    return services.clean(body, services.MAX_REPLY_CHARACTERS)


def refuse(conversation: Conversation, body: str, message: Message | None = None) -> None:
    """Raises Invalid in words for what can't be sent now."""
    if message is not None and message.is_settled:
        raise Invalid(_("This message wants no answer: it’s automatic, or about consent."))
    composer = composing.of(conversation)
    problems = [composer.lock_words] if composer.locked else composing.problems(composer.channel, body)  # fmt: skip
    if problems:
        raise Invalid(" ".join(problems))
