"""The resolved ledger: how many conversations the assistant resolved by itself, by which rule, and each one's why."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, flash, g, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response as BaseResponse

from app.assistant.analysis import ledger as counting
from app.assistant.analysis import services
from app.assistant.analysis.intents import LABELS
from app.assistant.analysis.rule import CONDITIONS, in_hours
from app.assistant.models import VERDICTS, ConversationOutcome, Shown
from app.conversations.ending import IDLE, LONGEST_WAIT
from app.conversations.models import Conversation
from app.core import web
from app.core.access import Permission, requires
from app.core.db import now
from app.core.errors import Invalid
from app.core.pagination import Cursor
from app.extensions import db
from app.lib import dates
from app.lib.mood import MOODS

ledger = Blueprint("ledger", __name__)

VERDICT_LABELS = {
    "all": _l("All"),
    "resolved": _l("Resolved"),
    "other": _l("Not resolved"),
    "rejected": _l("Rejected"),
}
PAGE_ROWS = 50
MOST_ROWS = 500  # that a live list keeps up to date


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of the list. `last` is the place of its last row when there are more after it."""

    rows: list[ConversationOutcome]
    period: str
    shown: Shown
    last: Cursor | None

    @property
    def filter(self) -> dict[str, str]:
        """As it stands in an address."""
        chosen = {
            "period": self.period if self.period != "month" else "",
            "show": self.shown.verdict if self.shown.verdict != "all" else "",
            "intent": self.shown.intent,
            "mood": self.shown.mood,
        }
        return {name: value for name, value in chosen.items() if value}

    def with_other(self, **changes: str) -> dict[str, str]:
        return {name: value for name, value in (self.filter | changes).items() if value}


@ledger.get("/")
@requires(Permission.INBOX_READ)
def index() -> Response:
    listing = _listing()
    return web.page_or_fragment(
        "ledger/index.html", "ledger/_block.html",
        listing=listing,
        **_figures(listing),
        conditions=CONDITIONS,
        idle=in_hours(IDLE),
        longest_wait=in_hours(LONGEST_WAIT),
        periods=counting.PERIODS,
        verdicts=VERDICT_LABELS,
        labels=LABELS,
        moods=MOODS,
    )  # fmt: skip


@ledger.get("/rows")
@requires(Permission.INBOX_READ)
def rows() -> Response:
    """What a page showed, as it is now."""
    return web.fragment("ledger/_rows.html", listing=_listing(refresh=True))


@ledger.get("/figures")
@requires(Permission.INBOX_READ)
def figures() -> Response:
    listing = Listing([], _period(), _shown(), None)
    return web.fragment("ledger/_figures.html", listing=listing, **_figures(listing))


@ledger.get("/<int:outcome_id>")
@requires(Permission.INBOX_READ)
def show(outcome_id: int) -> Response:
    return _page(_outcome_or_404(outcome_id))


@ledger.get("/of/<int:conversation_id>")
@requires(Permission.INBOX_READ)
def pane(conversation_id: int) -> Response:
    """Beside the conversation in the inbox; empty until it has ended."""
    if conversation_id >= 2**63:
        abort(404)
    found = ConversationOutcome.of_conversation(conversation_id)
    return web.fragment("ledger/_pane_body.html", outcome=found)


@ledger.post("/<int:outcome_id>/rejection")
@requires(Permission.SETTINGS_WRITE)
def create_rejection(outcome_id: int) -> Response | BaseResponse:
    outcome, reason = _outcome_or_404(outcome_id), request.form.get("reason", "")
    try:
        services.reject(outcome, current_user, reason)
    except Invalid as refusal:
        return _page(outcome, 422, error=refusal.message, typed=reason)
    undo = url_for(".create_restoration", outcome_id=outcome.id)
    return _done(outcome, _("It doesn’t count as resolved any more."), undo)


@ledger.post("/<int:outcome_id>/restoration")
@requires(Permission.SETTINGS_WRITE)
def create_restoration(outcome_id: int) -> Response | BaseResponse:
    outcome = _outcome_or_404(outcome_id)
    services.restore(outcome)
    return _done(outcome, _("The rule decides again."))


def _outcome_or_404(outcome_id: int) -> ConversationOutcome:
    return ConversationOutcome.by_id(outcome_id) or abort(404)


def _period() -> str:
    period = request.args.get("period", "month")
    return period if period in counting.PERIODS else "month"


def _shown() -> Shown:
    """Unknown filters are none."""
    chosen = {name: request.args.get(name, "") for name in ("show", "intent", "mood")}
    zone = g.business.time_zone
    return Shown(
        span=counting.span_of(_period(), dates.local_date(now(), zone), zone),
        verdict=chosen["show"] if chosen["show"] in VERDICTS else "all",
        intent=chosen["intent"] if chosen["intent"] in LABELS else "",
        mood=chosen["mood"] if chosen["mood"] in MOODS else "",
    )


def _listing(*, refresh: bool = False) -> Listing:
    shown = _shown()
    before = Cursor.parse(request.args.get("before"))
    through = Cursor.parse(request.args.get("through")) if refresh else None
    limit = MOST_ROWS if through else PAGE_ROWS
    whose = joinedload(ConversationOutcome.conversation).joinedload(Conversation.visitor)
    query = ConversationOutcome.listed(shown, before, through).limit(limit + 1).options(whose)
    found = list(db.session.scalars(query))
    last = found[limit - 1].cursor if len(found) > limit else through
    return Listing(found[:limit], _period(), shown, last)


def _figures(listing: Listing) -> dict[str, Any]:
    zone = g.business.time_zone
    today = dates.local_date(now(), zone)
    before = counting.span_before(listing.period, today, zone)
    return {
        "figures": counting.figures(listing.shown.span),
        "figures_before": counting.figures(before),
        "as_of": now(),
    }


def _page(
    outcome: ConversationOutcome, status: int = 200, error: str = "", typed: str = ""
) -> Response:
    return web.page_or_fragment(
        "ledger/show.html", "ledger/_part.html", status,
        outcome=outcome, error=error, typed=typed,
    )  # fmt: skip


def _done(outcome: ConversationOutcome, message: str, undo: str = "") -> Response | BaseResponse:
    if web.is_htmx():
        part = web.fragment("ledger/_part.html", outcome=outcome)
        return web.told(part, message, "outcomes", undo=undo)
    flash(message, "success")
    return web.go(".show", outcome_id=outcome.id)


@ledger.app_template_filter("intent_label")
def _intent_label(name: str) -> str:
    return LABELS.get(name, name.capitalize())


@ledger.app_template_filter("mood_label")
def _mood_label(name: str) -> str:
    return str(counting.MOOD_LABELS.get(name, name))


@ledger.app_template_global("outcome_of")
def _outcome_of(conversation: Conversation) -> ConversationOutcome | None:
    return ConversationOutcome.of_conversation(conversation.id)
