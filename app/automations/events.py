"""What a rule may begin with. A bit for each: the business's channels know which are wanted by any rule
(Channel.automated_on), so that a message that no rule wants costs nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from flask_babel import lazy_gettext as _l

from app.conversations.models import Conversation, Message

EVENTS = {
    "started": _l("a conversation begins"),
    "message": _l("a customer writes"),
    "handed_off": _l("a person is asked for"),
    "tagged": _l("a tag is added to the conversation"),
    "resolved": _l("the conversation is resolved"),
    "reopened": _l("a resolved conversation goes on"),
    "idle_us": _l("a customer has waited for our answer for a while"),
    "idle_them": _l("a customer hasn’t written for a while after our answer"),
    "opened": _l("opening hours begin and the customer waits"),
    "closed": _l("opening hours end and the customer waits"),
}
NAMES = tuple(EVENTS)
IDLE = ("idle_us", "idle_them")
BY_HOURS = ("opened", "closed")
OF_LINES = {
    "handed_off": "handed_off",
    "person_asked": "handed_off",
    "tagged": "tagged",
    "resolved": "resolved",
    "reopened": "reopened",
}  # what an event in a conversation is for a rule
BEGIN_WAITING = ("person_asked", "handed_off", "woken", "reopened")
MOST_MINUTES = 14 * 24 * 60  # of idling


@dataclass(frozen=True, slots=True)
class Event:
    """`key` is the same whenever the same thing is looked at again. `message` is what was added, if something was."""

    name: str
    key: str
    at: datetime
    message: Message | None = None

    @property
    def tag(self) -> str:
        """Its name, of one that was added."""
        content = (self.message and self.message.content) or {}
        return str(content.get("tag", "")) if self.name == "tagged" else ""


def mask(names: Iterable[str]) -> int:
    return sum(1 << NAMES.index(name) for name in set(names))


def of(message: Message) -> list[str]:
    """Those that a line of a conversation is. Its first line begins it, and the customer's next words after it was
    resolved begin it anew."""
    goes_on = (message.kind, message.body, message.author) == ("event", "reopened", "system")
    is_first = message.position == 1 and message.kind != "outgoing"
    found = ["started"] if is_first or goes_on else []
    if message.kind == "incoming":
        found.append("message")
    elif message.kind == "event" and message.body in OF_LINES:
        found.append(OF_LINES[message.body])
    return found


def idle_since(conversation: Conversation, name: str) -> datetime | None:
    """None while nobody is waited for."""
    if conversation.status != "open":
        return None
    if name == "idle_us":
        return conversation.waiting_since
    return conversation.last_message_at if conversation.waiting_since is None else None
