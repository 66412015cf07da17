"""Members named in notes: “@Ana Ruiz, can you look?”.

A note keeps the words as they were typed; whom they mean is a row (`Mention`), so a member who is renamed later
is shown by the new name. Whoever wants to tell them says so with @told_by.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import selectinload

from app.accounts.models import User
from app.businesses.models import Membership
from app.conversations import services
from app.conversations.models import Conversation, Mention, Message
from app.core.access import Permission
from app.extensions import db

Teller = Callable[[Mention], None]
_tellers: list[Teller] = []


def told_by(function: Teller) -> Teller:
    """It is given each new mention, in the transaction of the note."""
    _tellers.append(function)
    return function


@dataclass(frozen=True, slots=True)
class Piece:
    """Of a note: words, or whom they name."""

    text: str
    user: User | None = None


def handles() -> dict[str, User]:
    """How a note names each member who may read it: by name; two of one name, by their e-mail address too."""
    people = Membership.who_may(Permission.INBOX_READ)
    names = [each.name.casefold() for each in people]
    return {
        each.name if names.count(each.name.casefold()) == 1 else f"{each.name} ({each.email})": each
        for each in people
    }


def note(conversation: Conversation, by: User, body: str, client_key: str) -> Message:
    """Once per client key. Raises Invalid."""
    message = services.add_note(conversation, by, body, client_key)
    _name(message, _named_in(message.body), by)
    return message


def note_to(conversation: Conversation, to: User, body: str) -> Message:
    """Left by itself for one member, in a locked conversation."""
    message = services.post(conversation, "note", "system", f"@{to.name} {body}")
    _name(message, {to.name: to}, None)
    return message


def of_messages(messages: Iterable[Message]) -> dict[int, list[Mention]]:
    """By message. Without a note that may name anybody it costs no query."""
    ids = [each.id for each in messages if each.kind == "note" and "@" in each.body]
    found: dict[int, list[Mention]] = {}
    if ids:
        rows = select(Mention).where(Mention.message_id.in_(ids))
        for each in db.session.scalars(rows.options(selectinload(Mention.user))):
            found.setdefault(each.message_id, []).append(each)
    return found


def pieces(body: str, mentions: list[Mention]) -> Iterator[Piece]:
    """Who is named is shown by today's name."""
    users = {each.name: each.user for each in mentions}
    at = 0
    for found in _pattern(users).finditer(body) if users else ():
        yield Piece(body[at : found.start()])
        user = users[_meant(users, found[1])]
        yield Piece(f"@{user.name if user else found[1]}", user)
        at = found.end()
    yield Piece(body[at:])


def _named_in(body: str) -> dict[str, User]:
    if "@" not in body:
        return {}
    people = handles()
    named = (_meant(people, found) for found in _pattern(people).findall(body))
    return {handle: people[handle] for handle in named}


def _pattern(names: Iterable[str]) -> re.Pattern[str]:
    """The longest first: “@Ana Ruiz” isn't Ana."""
    longest = sorted(names, key=len, reverse=True)
    any_of = "|".join(re.escape(name) for name in longest) or r"(?!)"
    return re.compile(rf"(?<!\w)@({any_of})(?!\w)", re.I)


def _meant(names: Iterable[str], said: str) -> str:
    """Which of them the pattern has found: cases are as it takes them, not as casefold() has “ß” and “İ”."""
    return next(name for name in names if re.fullmatch(re.escape(name), said, re.I))


def _name(message: Message, named: dict[str, User], by: User | None) -> None:
    """The writer's own name tells nobody anything."""
    for handle, user in named.items():
        if by is not None and user.id == by.id:
            continue
        row = (
            insert(Mention)
            .values(
                message_id=message.id,
                user_id=user.id,
                conversation_id=message.conversation_id,
                name=handle,
            )
            .on_conflict_do_nothing()
        )
        made = db.session.scalar(row.returning(Mention))
        if made is not None:
            for tell in _tellers:
                tell(made)
