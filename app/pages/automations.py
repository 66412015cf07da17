"""Settings → Automations: rules, the form that makes them, what they did, what they would do."""

from typing import Any

from flask import Blueprint, Response, abort, flash, g, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.automations import (
    actions,
    catalogue,
    conditions,
    dry_run,
    events,
    logs,
    recipes,
    running,
    services,
    turns,
    typed,
    webhooks,
    words,
)
from app.automations.models import KEPT, AutomationRule
from app.automations.typed import Typed
from app.conversations import variables
from app.core import web
from app.core.access import Permission, may, requires
from app.core.db import now
from app.core.errors import Conflict, Invalid
from app.core.pagination import Cursor
from app.extensions import db

automations = Blueprint("automations", __name__)
automations.add_app_template_filter(words.kept, "rule_words")


@automations.get("/")
@requires(Permission.SETTINGS_READ)
def index() -> Response:
    return _list()


@automations.get("/new")
@requires(Permission.SETTINGS_WRITE)
def new() -> Response:
    """Empty, or as a recipe has it."""
    recipe = recipes.RECIPES.get(request.args.get("recipe", ""))
    return _form(recipe.make() if recipe else Typed(actions=[typed.Row("reply")]))


@automations.post("/")
@requires(Permission.SETTINGS_WRITE)
def create() -> Response | BaseResponse:
    return _save(None)


@automations.get("/<int:rule_id>")
@requires(Permission.SETTINGS_READ)
def edit(rule_id: int) -> Response:
    rule = _load(rule_id)
    form = typed.of_rule(rule).for_eyes(may_see=may(Permission.SETTINGS_WRITE))
    return _form(form, rule, trouble=running.trouble(rule))


@automations.post("/<int:rule_id>")
@requires(Permission.SETTINGS_WRITE)
def change(rule_id: int) -> Response | BaseResponse:
    return _save(_load(rule_id))


@automations.post("/<int:rule_id>/up")
@requires(Permission.SETTINGS_WRITE)
def move_up(rule_id: int) -> Response | BaseResponse:
    services.move(_load(rule_id), -1)
    return _changed()


@automations.post("/<int:rule_id>/down")
@requires(Permission.SETTINGS_WRITE)
def move_down(rule_id: int) -> Response | BaseResponse:
    services.move(_load(rule_id), 1)
    return _changed()


@automations.post("/<int:rule_id>/switch")
@requires(Permission.SETTINGS_WRITE)
def switch(rule_id: int) -> Response | BaseResponse:
    rule = _load(rule_id)
    services.switch(rule, current_user, is_enabled=not rule.is_enabled)
    return _changed()


@automations.post("/<int:rule_id>/copy")
@requires(Permission.SETTINGS_WRITE)
def duplicate(rule_id: int) -> BaseResponse:
    copy = services.duplicate(_load(rule_id), current_user)
    flash(_("This is the copy. It’s off until you switch it on."), "info")
    return web.go(".edit", rule_id=copy.id)


@automations.post("/<int:rule_id>/deletion")
@requires(Permission.SETTINGS_WRITE)
def delete(rule_id: int) -> Response | BaseResponse:
    rule = _load(rule_id)
    services.delete(rule, current_user)
    told = _("“%(name)s” is deleted.", name=rule.name)
    if web.is_htmx():
        return web.told(_changed(), told, undo=url_for(".restore", rule_id=rule.id))  # type: ignore[arg-type]
    flash(told, "success")
    return web.go(".index")


@automations.post("/<int:rule_id>/return")
@requires(Permission.SETTINGS_WRITE)
def restore(rule_id: int) -> BaseResponse:
    rule = AutomationRule.by_id(rule_id) or abort(404)
    services.restore(rule, current_user)
    flash(_("“%(name)s” is back.", name=rule.name), "success")
    return web.go(".index")


@automations.get("/log")
@requires(Permission.SETTINGS_READ)
def log() -> Response:
    rule_id = request.args.get("rule", type=int)
    rule = AutomationRule.by_id(rule_id) if rule_id is not None and rule_id > 0 else None
    found = logs.page(rule.id if rule else None, Cursor.parse(request.args.get("before")))
    return web.page("automations/log.html", found=found, rule=rule, events=events.EVENTS)


@automations.post("/away")
@requires(Permission.INBOX_REPLY)
def change_away() -> BaseResponse:
    """Each member's own."""
    is_away = request.form.get("is_away") == "1"
    turns.change_away(current_user.id, is_away)
    said = _("Rules give you nothing in turn until you are back.") if is_away else _("You get conversations in turn again.")  # fmt: skip
    flash(said, "success")
    return web.go(".index")


def _save(rule: AutomationRule | None) -> Response | BaseResponse:
    form = typed.read(request.form)
    pressed = request.values.get("do", "")
    if pressed:
        form.press(pressed)
        return _form(form, rule, trial=_trial(form) if pressed == "try" else None)
    try:
        said = typed.said(form)
        if rule is None:
            services.create(said, current_user)
        else:
            services.change(rule, said, current_user)
    except (Invalid, Conflict) as refusal:
        if not form.has_errors:
            form.errors["name"] = refusal.message
        rule_id = rule.id if rule else None
        db.session.rollback()
        return _form(form, _load(rule_id) if rule_id else None, status=422)
    flash(_("“%(name)s” is saved.", name=said.name), "success")
    return web.go(".index")


def _trial(form: Typed) -> dry_run.Trial | None:
    """None when the form isn't right yet: it says where."""
    form.name = form.name or "-"
    try:
        return dry_run.attempt(typed.said(form, makes_tags=False), _days())
    except Invalid:
        return None
    finally:
        form.name = "" if form.name == "-" else form.name


def _days() -> int:
    days = request.form.get("days", 7, type=int)
    return days if days in dry_run.RANGES else 7


def _form(
    form: Typed, rule: AutomationRule | None = None, status: int = 0, **shown: Any
) -> Response:
    shown = {"trial": None, "trouble": ""} | shown
    return web.page_or_fragment(
        "automations/edit.html", "automations/_form.html",
        status or (422 if form.has_errors else 200),
        form=form, rule=rule, days=_days(), ranges=dry_run.RANGES, events=events,
        offered=conditions.offered(), ops=conditions.OPS, without_value=conditions.WITHOUT_VALUE,
        actions=actions.ACTIONS, tags=catalogue.tag_options(), units=typed.UNITS,
        variables=variables.KNOWN, most=typed.MOST_ROWS, most_events=dry_run.MOST,
        secret=_secret(form, rule), **shown,
    )  # fmt: skip


def _secret(form: Typed, rule: AutomationRule | None) -> str:
    """For whoever may change rules, and where one calls a webhook."""
    calls = any(row.what == "webhook" for row in form.actions)
    return webhooks.known_secret() if calls and rule and may(Permission.SETTINGS_WRITE) else ""


def _changed() -> Response | BaseResponse:
    db.session.flush()
    return _list() if web.is_htmx() else web.go(".index")


def _list() -> Response:
    rules = AutomationRule.all()
    gone = AutomationRule.deleted_since(now() - KEPT)
    return web.page_or_fragment(
        "automations/index.html", "automations/_rules.html",
        rules=[(each, words.sentence(each), running.trouble(each)) for each in rules],
        counts=logs.counts(), gone=gone, recipes=recipes.RECIPES, is_away=g.member.is_away,
        most=services.MOST,
    )  # fmt: skip


def _load(rule_id: int) -> AutomationRule:
    rule = AutomationRule.by_id(rule_id)
    if rule is None or rule.deleted_at is not None:
        abort(404)
    return rule
