"""What the assistant may do for the visitor of a conversation: keep who it is, take a message.

A model may be mistaken, or talked into something: who is kept must stand in the visitor's own words, and
what it is told back is made of these words alone. Of the contact behind them it never learns anything.
"""

from pydantic import Field

from app.contacts import services as contacts
from app.contacts.services import Details
from app.conversations import callbacks, people
from app.conversations.models import Conversation
from app.core import tenancy
from app.core.errors import Invalid
from app.core.tools import Asked, Call, Grant, ToolResult, tool
from app.extensions import db
from app.lib.marking import kept

NAME = "Their name, exactly as the visitor wrote it in this conversation; else null"
EMAIL = "Their e-mail address, exactly as the visitor wrote it in this conversation; else null"
PHONE = "Their telephone number, exactly as the visitor wrote it in this conversation; else null"

NOTHING_SAID = "Give at least one of name, email and phone, as the visitor wrote it."
NO_WAY = (
    "There is no way to reach the visitor yet. Ask for a telephone number or an e-mail address, "
    "and give it together with the message."
)


class SaidOfItself(Asked):
    name: str | None = Field(default=None, description=NAME)
    email: str | None = Field(default=None, description=EMAIL)
    phone: str | None = Field(default=None, description=PHONE)


class LeftMessage(SaidOfItself):
    message: str = Field(
        description="What the visitor wants, in their language, for the team to read"
    )
    suits: str | None = Field(
        default=None, description="When they would like to be called or written to, as they said it"
    )


@tool(
    "find_or_update_contact",
    kept("Keep a visitor’s name, e-mail address and telephone number"),
    grant=Grant.CONTACT_WRITE,
    writes=True,
)
def find_or_update_contact(call: Call, asked: SaidOfItself) -> ToolResult:
    """Keep who the visitor is, as soon as they tell their name, e-mail address or telephone number, and
    again when they correct it. Only what they wrote themselves in this conversation is taken. It doesn't
    tell what is known of a customer."""
    conversation = _conversation(call)
    details = people.said(conversation, asked.name, asked.email, asked.phone)
    if details == Details():
        raise Invalid(NOTHING_SAID)
    if conversation and not call.is_dry_run:
        people.introduce(conversation, details)
    return ToolResult(f"{_verb(call, 'Kept', 'keep')}: {_in_words(details)}.")


@tool(
    "leave_message",
    kept("Take a message for the team, with how to reach the visitor"),
    grant=Grant.MESSAGE_WRITE,
    writes=True,
)
def leave_message(call: Call, asked: LeftMessage) -> ToolResult:
    """Leave a message for the team, who will call or write back. It needs a telephone number or an e-mail
    address that the visitor wrote; ask for one first, and for a name. Use it when they want to be called
    back or nobody is there, not instead of an answer."""
    conversation = _conversation(call)
    details = people.said(conversation, asked.name, asked.email, asked.phone)
    reach = _reach(conversation, details)
    message, suits = _fitting(asked)
    if conversation and not call.is_dry_run:
        callbacks.leave(
            conversation, name=reach.name or "", phone=reach.phone or "", email=reach.email or "",
            suits=suits, message=message,
        )  # fmt: skip
    when = f" It suits them: {suits}." if suits else ""
    verb = _verb(call, "Left for the team", "leave for the team")
    return ToolResult(f"{verb}: “{message}” To be reached: {_in_words(reach)}.{when}")


def _reach(conversation: Conversation | None, details: Details) -> Details:
    """By what was given now, or what the visitor said before. Raises Invalid."""
    before = contacts.said_by(conversation.visitor) if conversation else Details()
    by = details if details.identities else before
    if not by.identities:
        raise Invalid(NO_WAY, code="reach")
    return Details(details.name or before.name, by.email, by.phone)


def _fitting(asked: LeftMessage) -> tuple[str, str]:
    message, suits = asked.message, asked.suits or ""
    if not message:
        raise Invalid("What should the team be told? Give the message.", code="message")
    for text, limit, what in (
        (message, callbacks.MAX_MESSAGE, "message"),
        (suits, callbacks.MAX_SUITS, "suits"),
    ):
        if len(text) > limit:
            raise Invalid(f"“{what}” may have {limit:,} characters. Shorten it.", code=what)
    return message, suits


def _conversation(call: Call) -> Conversation | None:
    """None in a rehearsal without one."""
    if not call.conversation_id:
        return None
    return db.session.get_one(Conversation, (tenancy.current_business_id(), call.conversation_id))


def _verb(call: Call, done: str, do: str) -> str:
    return f"A rehearsal: this would {do}" if call.is_dry_run else done


def _in_words(details: Details) -> str:
    named = (("name", details.name), ("e-mail", details.email), ("telephone", details.phone))
    return ", ".join(f"{what} {value}" for what, value in named if value)
