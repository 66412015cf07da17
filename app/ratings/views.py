"""Inbox → Ratings: how people rate what was done for them, and each rating behind a number."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, g, request
from sqlalchemy.orm import joinedload

from app.contacts.models import Visitor
from app.conversations.chips import CHANNELS
from app.conversations.models import MAX_ID, Conversation, Message
from app.core import web
from app.core.access import Permission, requires
from app.core.db import now
from app.core.pagination import Cursor
from app.extensions import db
from app.lib import dates
from app.ratings import figures as counting
from app.ratings.models import MOST, Rating, RatingSettings, Shown

ratings = Blueprint("ratings", __name__)

PAGE_ROWS = 50
MOST_ROWS = 500  # that a live list keeps up to date


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of the list. `last` is the place of its last row when there are more after it."""

    rows: list[Rating]
    days: int
    shown: Shown
    last: Cursor | None

    @property
    def narrowed(self) -> dict[str, Any]:
        """To whom and what, as it stands in an address."""
        shown = self.shown
        chosen = {"stars": shown.stars, "answer": shown.answer, "member": shown.member, "channel": shown.channel}  # fmt: skip
        return {name: value for name, value in chosen.items() if value}

    @property
    def filter(self) -> dict[str, Any]:
        return self.period | self.narrowed

    @property
    def period(self) -> dict[str, Any]:
        return {"days": self.days} if self.days != counting.PERIODS[0] else {}


@ratings.get("/")
@requires(Permission.INBOX_READ)
def index() -> Response:
    listing = _listing()
    return web.page_or_fragment(
        "ratings/index.html", "ratings/_block.html",
        listing=listing, periods=counting.PERIODS, settings=RatingSettings.current(), **_counted(listing),
    )  # fmt: skip


@ratings.get("/rows")
@requires(Permission.INBOX_READ)
def rows() -> Response:
    """What a page showed, as it is now."""
    return web.fragment("ratings/_rows.html", listing=_listing(refresh=True), channels=CHANNELS)


@ratings.get("/figures")
@requires(Permission.INBOX_READ)
def figures() -> Response:
    listing = Listing([], _days(), _shown(), None)
    return web.fragment("ratings/_figures.html", listing=listing, **_counted(listing))


@ratings.app_template_global("rating_of")
def _rating_of(message: Message) -> Rating | None:
    """That this message asks for."""
    return Rating.of_question(message.conversation_id, message.id)


def _days() -> int:
    days = request.args.get("days", 0, type=int)
    return days if days in counting.PERIODS else counting.PERIODS[0]


def _shown() -> Shown:
    """Unknown filters are none."""
    asked, zone = request.args, g.business.time_zone
    stars, member = asked.get("stars", 0, type=int), asked.get("member", 0, type=int)
    return Shown(
        span=counting.span_of(_days(), dates.local_date(now(), zone), zone),
        stars=stars if 0 < stars <= MOST else 0,
        answer=asked.get("answer", "") if asked.get("answer") in ("yes", "no") else "",
        member=member if 0 < member <= MAX_ID else 0,
        channel=asked.get("channel", "") if asked.get("channel") in CHANNELS else "",
    )


def _listing(*, refresh: bool = False) -> Listing:
    shown = _shown()
    before = Cursor.parse(request.args.get("before"))
    through = Cursor.parse(request.args.get("through")) if refresh else None
    limit = MOST_ROWS if through else PAGE_ROWS
    beside = (
        joinedload(Rating.conversation)
        .joinedload(Conversation.visitor)
        .joinedload(Visitor.contact),
        joinedload(Rating.channel),
        joinedload(Rating.user),
    )
    query = Rating.listed(shown, before, through).limit(limit + 1).options(*beside)
    found = list(db.session.scalars(query))
    last = found[limit - 1].cursor if len(found) > limit else through
    return Listing(found[:limit], _days(), shown, last)


def _counted(listing: Listing) -> dict[str, Any]:
    zone = g.business.time_zone
    span = counting.span_of(listing.days, dates.local_date(now(), zone), zone)
    return {"figures": counting.figures(span), "as_of": now(), "channels": CHANNELS}
