"""What the inbox's pages show: one view's list, and a stretch of a conversation."""

from dataclasses import dataclass, field

from flask import g

from app.conversations import lists
from app.conversations.filters import VIEWS, Filters
from app.conversations.in_order import in_order
from app.conversations.models import Conversation, HandOff, Message
from app.core.pagination import Cursor

PAGE_ROWS = 30
MAX_ROWS = 500  # that a live list keeps up to date; who scrolls further reloads
PAGE_MESSAGES = 60


@dataclass(frozen=True, slots=True)
class Listing:
    """`last` is the place of the last row when there are more after it."""

    filters: Filters
    rows: list[lists.Row]
    last: Cursor | None


@dataclass(frozen=True, slots=True)
class Stretch:
    """Messages in the order in which they are read. `previous` is the one before them, for whether a day or a
    voice goes on. `is_all`: none stand before, also where places are empty since a merge was undone."""

    messages: list[Message] = field(default_factory=list)
    previous: Message | None = None
    after: int = 0
    is_all: bool = False

    @property
    def position(self) -> int:
        return max((each.position for each in self.messages), default=self.after)

    @property
    def earlier_than(self) -> int | None:
        """Where the messages before these begin, or None when these are the first."""
        first = min((each.position for each in self.messages), default=1)
        return first if first > 1 and not self.is_all else None


def known_view(view: str | None) -> str:
    return view if view in VIEWS else "all"


def listing(
    narrowed: Filters, user_id: int, zone: str, before: str | None, through: str | None
) -> Listing:
    """A page of the list; or, to refresh what is on the screen, the list down to `through`."""
    down_to = Cursor.parse(through)
    limit = MAX_ROWS if down_to else PAGE_ROWS
    found = lists.rows(
        narrowed, user_id, zone, limit + 1, before=Cursor.parse(before), through=down_to
    )
    has_more = len(found) > limit or down_to is not None
    rows = found[:limit]
    return Listing(narrowed, rows, rows[-1].cursor(narrowed.sort) if rows and has_more else down_to)


def newest(conversation: Conversation, before: int | None = None) -> Stretch:
    found = conversation.newest_messages(PAGE_MESSAGES, before)
    return Stretch(in_order(found), is_all=len(found) < PAGE_MESSAGES)


def since(conversation: Conversation, position: int) -> Stretch:
    """What came after this position, with the message that stands there."""
    found = conversation.messages_after(max(position - 1, 0))
    has_previous = bool(found) and found[0].position <= position
    previous, messages = (found[0], found[1:]) if has_previous else (None, found)
    return Stretch(in_order(messages), previous, position)


def one(conversation: Conversation, message_id: int) -> Stretch | None:
    """A message alone, with the one before it. None when it isn't this conversation's."""
    position = conversation.position_of(message_id)
    if position is None:
        return None
    found = conversation.newest_messages(2, before=position + 1)
    return Stretch(found[-1:], found[0] if len(found) > 1 else None)


def earlier(conversation: Conversation, others: list[Conversation]) -> Conversation | None:
    """The last one that the same person began before this one. Whoever only says to be somebody is shown nothing
    of theirs here."""
    sure = conversation.visitor.sure_contact
    before = [
        each
        for each in others
        if each.created_at < conversation.created_at
        and (each.visitor_id == conversation.visitor_id or (sure and each.visitor.sure_contact))
    ]
    return max(before, key=lambda each: each.created_at, default=None)


def hand_off_to_show(conversation: Conversation) -> HandOff | None:
    """The newest, while it tells whoever has the conversation something: somebody waits, a person has come,
    or nobody came."""
    hand_off = HandOff.latest_of(conversation.id)
    if hand_off is None or conversation.status == "resolved":
        return None
    is_of_now = hand_off.outcome in (None, "answered") and conversation.is_handed_off
    return hand_off if is_of_now or hand_off.outcome == "returned" else None


@dataclass(frozen=True, slots=True)
class Tallies:
    """Each view with what is unread in it, as a page says it, and how many callbacks are open."""

    views: tuple[tuple[str, str], ...]
    callbacks: int
    saved: tuple[lists.Saved, ...]

    def find(self, view_id: int) -> lists.Saved | None:
        return next((view for view in self.saved if view.id == view_id), None)


def tallies(user_id: int, zone: str) -> Tallies:
    found = lists.counts(user_id, zone)
    g.inbox_unread = found.views["all"]
    g.waiting_count = found.views["waiting"]
    views = ((name, lists.in_words(found.views.get(name, 0))) for name in VIEWS)
    return Tallies(tuple(views), found.views["callbacks"], tuple(found.saved))


class Waiting:
    """Who waits for a person: how many, and who has waited longest. Asked when a page first looks."""

    def __len__(self) -> int:
        if "waiting_count" not in g:
            g.waiting_count = lists.waiting_count()
        return int(g.waiting_count)

    @property
    def longest(self) -> HandOff | None:
        return HandOff.waiting_longest()


def unread_count(user_id: int) -> int:
    """Of what is open, for the badge; asked for once a page."""
    if "inbox_unread" not in g:
        g.inbox_unread = lists.unread_count(user_id)
    return int(g.inbox_unread)
