"""What the assistant costs: this month against its cap, where the money goes, and the caps themselves."""

from datetime import date
from typing import Any

from flask import Blueprint, Response, abort, flash, g, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse
from wtforms import StringField, ValidationError

from app.assistant import budgets, call_log, notices, spending
from app.assistant.models import AssistantSettings, ModelCall
from app.core import web
from app.core.access import Permission, may, requires
from app.extensions import db
from app.lib import dollars

spending_page = Blueprint("spending", __name__)

CALLS = 10  # of the list at once
MOST_A_MONTH = 1_000_000  # cents; whoever spends more can do without this guard against a slip
MOST_A_DAY = 100_000
MAX_ID = 2**63 - 1


class CapsForm(FlaskForm):
    month = StringField(_l("At most in a month, in dollars"))
    visitor_day = StringField(_l("At most for one visitor in a day, in dollars"))

    def validate_month(self, field: StringField) -> None:
        self.month_cents = _cents(field, MOST_A_MONTH)

    def validate_visitor_day(self, field: StringField) -> None:
        self.visitor_day_cents = _cents(field, MOST_A_DAY)

    @classmethod
    def of(cls, settings: AssistantSettings) -> "CapsForm":
        return cls(
            formdata=None,
            month=_typed(settings.month_cap_cents),
            visitor_day=_typed(settings.visitor_day_cap_cents),
        )


@spending_page.get("/")
@requires(Permission.SETTINGS_READ)
def show() -> Response:
    return _page(CapsForm.of(AssistantSettings.current()))


@spending_page.post("/")
@requires(Permission.SETTINGS_WRITE)
def change() -> Response | BaseResponse:
    form = CapsForm()
    if not form.validate():
        return _page(form, 422)
    budgets.change_caps(form.month_cents, form.visitor_day_cents)
    flash(_("Saved. The caps hold from the next question on."), "success")
    return web.go(".show")


def _page(form: CapsForm, status: int = 200) -> Response:
    zone = g.business.time_zone
    month = spending.this_month(zone)
    return web.page(
        "assistant/spending.html",
        status,
        form=form,
        month=month,
        caps=budgets.caps(),
        defaults=budgets.default_caps(),
        settings=AssistantSettings.current(),
        notices=notices.current(zone),
        dearest=spending.dearest(month.first, zone),
        **_calls(zone),
    )


def _calls(zone: str) -> dict[str, Any]:
    """The list at the foot of the page: all, those that went wrong, or those of a day."""
    day, failed = _day(), "failed" in request.args
    before = min(request.args.get("before", 0, type=int), MAX_ID)
    query = call_log.listed(zone, day, failed=failed, before=max(before, 0))
    found: list[ModelCall] = list(db.session.scalars(query.limit(CALLS + 1)))
    return {
        "calls": found[:CALLS],
        "openable": call_log.openable(found) if may(Permission.INBOX_READ) else set(),
        "older": found[CALLS - 1].id if len(found) > CALLS else None,
        "day": day,
        "failed": failed,
        "purposes": call_log.PURPOSES,
    }


def _day() -> date | None:
    asked = request.args.get("day")
    if not asked:
        return None
    try:
        day = date.fromisoformat(asked)
    except ValueError:
        abort(404)
    return day if date(2000, 1, 1) < day < date(9000, 1, 1) else abort(404)


def _cents(field: StringField, most: int) -> int | None:
    """None for an empty field: what the deployment sets."""
    text = (field.data or "").strip()
    if not text:
        return None
    try:
        cents = dollars.cents_of(text)
    except ValueError as problem:
        raise ValidationError(_("Type an amount like 20 or 0.50.")) from problem
    if cents > most:
        raise ValidationError(
            _(
                "At most %(in_dollars)s fits.",
                in_dollars=dollars.in_dollars(most * budgets.MICROS_PER_CENT),
            )
        )
    return cents


def _typed(cents: int | None) -> str:
    return "" if cents is None else dollars.typed(cents)


@spending_page.app_template_filter("dollars")
def _dollars(micros: float) -> str:
    return dollars.in_dollars(micros)


@spending_page.app_template_filter("how_it_ended")
def _how_it_ended(call: ModelCall) -> str:
    return call_log.how_it_ended(call)
