"""What a page says of its visitor (`Frontdesk.setAttributes`): facts for the team, which nobody has checked."""

import re
from typing import Any

from app.channels.website import WebsiteSettings
from app.contacts import services as contacts
from app.contacts.models import Visitor
from app.conversations import people
from app.conversations.models import Conversation
from app.core.errors import Invalid
from app.extensions import db

KEY = re.compile(r"[a-z][a-z0-9_]{0,39}", re.I)
MOST = 20
MAX_CHARACTERS = 200
LARGEST = 10**15
PERSONAL = ("name", "email", "phone")


def keep(visitor: Visitor, values: dict[str, Any], settings: WebsiteSettings) -> list[str]:
    """Beside those from before; None takes one away. Answers what wasn't taken, since only a signed token may
    say it. Raises Invalid."""
    personal = {name: values[name] for name in PERSONAL if values.get(name)}
    facts = {
        _key(name): _value(name, each) for name, each in values.items() if name not in PERSONAL
    }
    conversation = Conversation.current_of(visitor, locked=True)
    contacts.lock(visitor)
    known = {**visitor.attributes, **facts}
    kept = {name: each for name, each in known.items() if each is not None}
    if len(kept) > MOST:
        raise Invalid(f"A visitor may have {MOST} attributes.", code="attributes")
    is_news = kept != visitor.attributes or bool(personal)
    visitor.attributes = kept
    db.session.flush()
    if personal and not settings.signed_only:
        said = contacts.read(**{name: str(each) for name, each in personal.items()})
        contacts.find_or_update(visitor, said, conversation.id if conversation else None)
    if conversation is not None and is_news:
        people.tell(conversation)
    return sorted(personal) if settings.signed_only else []


def _key(name: str) -> str:
    if not KEY.fullmatch(name):
        message = f"“{name[:40]}” can’t be an attribute: use up to 40 letters, digits and _."
        raise Invalid(message, code="attributes")
    return name


def _number(name: str, value: float) -> float:
    if not abs(value) < LARGEST:  # what is no number isn't smaller either
        raise Invalid(f"“{name[:40]}” is no number that can be kept.", code="attributes")
    return value


def _value(name: str, value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return _number(name, value)
    if not isinstance(value, str):
        raise Invalid(
            f"“{name[:40]}” must be a text, a number or true or false.", code="attributes"
        )
    text = " ".join("".join(each if each.isprintable() else " " for each in value).split())
    if len(text) > MAX_CHARACTERS:
        raise Invalid(f"“{name[:40]}” may have {MAX_CHARACTERS} characters.", code="attributes")
    return text
