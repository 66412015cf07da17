"""One question about everything that a member may see: people, conversations, messages."""

from collections.abc import Collection
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.businesses.models import Membership
from app.contacts.models import Contact
from app.conversations.models import MAX_ID, Conversation, Message
from app.core.access import PERMISSIONS, Permission, Role
from app.extensions import db
from app.search import asking, looking, people
from app.search.asking import Asked
from app.search.looking import State
from app.search.models import CONTACT, MESSAGE, VISITOR

KINDS = {
    "contacts": Permission.CONTACTS_READ,
    "conversations": Permission.INBOX_READ,
    "messages": Permission.INBOX_READ,
}
SHOWN = 160  # characters of a message
BEFORE = 50  # of them before the first word that was asked for


@dataclass(frozen=True, slots=True)
class Line:
    """A message with what of it is shown: pieces, each with whether it was asked for."""

    message: Message
    pieces: list[tuple[str, bool]]


@dataclass(slots=True)
class Hits:
    """`more` names the kinds of which there are more than these."""

    typed: str
    is_too_short: bool = False
    contacts: list[Contact] = field(default_factory=list)
    conversations: list[Conversation] = field(default_factory=list)
    messages: list[Line] = field(default_factory=list)
    more: set[str] = field(default_factory=set)
    meant: str = ""  # what was looked for in place of what was typed
    is_behind: bool = False  # not everything older can be found yet

    @property
    def is_empty(self) -> bool:
        return not (self.contacts or self.conversations or self.messages)


def kinds_for(member: Membership) -> list[str]:
    allowed = PERMISSIONS[Role(member.role)]
    return [kind for kind, permission in KINDS.items() if permission in allowed]


def find(
    typed: str,
    member: Membership,
    kinds: Collection[str] = tuple(KINDS),
    limit: int = 20,
    before: int = MAX_ID,
) -> Hits:
    """Up to `limit` of each kind. `before` goes on with the messages after that one."""
    hits = Hits(asking.clean(typed))
    wanted = [kind for kind in kinds_for(member) if kind in kinds]
    if asking.is_too_short(hits.typed):
        hits.is_too_short = bool(hits.typed)
        return hits
    state = looking.state((CONTACT, VISITOR, MESSAGE))
    hits.is_behind = state.is_behind
    if {"contacts", "conversations"} & set(wanted):
        _find_people(hits, wanted, state, limit)
    if "messages" in wanted:
        _find_messages(hits, state, limit, before)
    return hits


def _find_people(hits: Hits, wanted: list[str], state: State, limit: int) -> None:
    found = people.contacts(hits.typed, state.fresh[CONTACT])
    if "contacts" in wanted:
        hits.contacts = found.first(limit)
        _note(hits, "contacts", found.has_more or len(found.ids) > limit, found.asked)
    if "conversations" in wanted:
        hits.conversations, has_more = people.conversations(
            hits.typed, found, state.fresh[VISITOR], limit
        )
        _note(hits, "conversations", has_more, found.asked)


def _find_messages(hits: Hits, state: State, limit: int, before: int) -> None:
    found = looking.look(MESSAGE, hits.typed, state.fresh[MESSAGE], limit, before)
    if found.rows:
        hits.messages = [
            Line(each, _pieces(found.asked, each.body))
            for each in _messages([each.row_id for each in found.rows])
        ]
    _note(hits, "messages", found.has_more, found.asked)


def _messages(ids: list[int]) -> list[Message]:
    query = (
        select(Message)
        .where(Message.id.in_(ids))
        .order_by(Message.id.desc())
        .options(
            joinedload(Message.conversation).options(*people.shown_with(Conversation)),
            joinedload(Message.user),
        )
    )
    return list(db.session.scalars(query))


def _note(hits: Hits, kind: str, has_more: bool, asked: list[Asked]) -> None:
    if has_more:
        hits.more.add(kind)
    if getattr(hits, kind) and not hits.meant:
        meant = [each.respelled[0] if each.respelled else each.word for each in asked]
        hits.meant = " ".join(meant) if any(each.respelled for each in asked) else ""


def _pieces(asked: list[Asked], body: str) -> list[tuple[str, bool]]:
    """A line of it, around the first word that was asked for."""
    line = " ".join(body.split())
    first = next(looking.places(asked, line), (0, 0))[0]
    begin = _after_a_space(line, max(first - BEFORE, 0))
    end = begin + SHOWN
    cut = line[begin:end]
    pieces = list(looking.marked(asked, cut))
    if begin:
        pieces.insert(0, ("… ", False))
    if end < len(line):
        pieces.append((" …", False))
    return pieces


def _after_a_space(line: str, at: int) -> int:
    return line.find(" ", at, at + BEFORE) + 1 or at if at else 0
