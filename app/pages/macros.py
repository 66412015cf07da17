"""Macros: kept under Settings → Macros, run on a conversation by one click."""

from typing import Any
from uuid import uuid4

from flask import Blueprint, Response, abort, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.automations import actions, catalogue, macros, typed, words
from app.automations.models import Macro
from app.automations.steps import Step
from app.automations.typed import Typed
from app.conversations import bulk, variables
from app.conversations.models import Conversation
from app.core import web
from app.core.access import Permission, may, requires
from app.core.errors import Conflict, Invalid
from app.extensions import db

macro_settings = Blueprint("macros", __name__)
macro_runs = Blueprint("macro_runs", __name__)

MOST_SHOWN = 50  # in the list over a conversation
MAX_KEY = 64


@macro_settings.get("/")
@requires(Permission.INBOX_READ)
def index() -> Response:
    found = [(each, words.done(each.actions)) for each in Macro.seen_by(current_user.id)]
    return web.page("macros/index.html", found=found)


@macro_settings.get("/new")
@requires(Permission.INBOX_REPLY)
def new() -> Response:
    return _form(Typed(actions=[typed.Row("reply")], is_shared=may(Permission.SETTINGS_WRITE)))


@macro_settings.post("/")
@requires(Permission.INBOX_REPLY)
def create() -> Response | BaseResponse:
    return _save(None)


@macro_settings.get("/<int:macro_id>")
@requires(Permission.INBOX_REPLY)
def edit(macro_id: int) -> Response:
    macro = _load(macro_id)
    return _form(typed.of_macro(macro).for_eyes(may_see=may(Permission.SETTINGS_WRITE)), macro)


@macro_settings.post("/<int:macro_id>")
@requires(Permission.INBOX_REPLY)
def change(macro_id: int) -> Response | BaseResponse:
    return _save(_own(macro_id))


@macro_settings.post("/<int:macro_id>/deletion")
@requires(Permission.INBOX_REPLY)
def delete(macro_id: int) -> BaseResponse:
    macro = _own(macro_id)
    macros.delete(macro)
    flash(_("“%(name)s” is deleted. What it did stays.", name=macro.name), "success")
    return web.go(".index")


@macro_runs.get("/")
@requires(Permission.INBOX_REPLY)
def choose(conversation_id: int) -> Response:
    """With what each would do here, and what of it can't be done."""
    conversation = _conversation(conversation_id)
    found = Macro.seen_by(current_user.id)[:MOST_SHOWN]
    shown = [(each, macros.preview(each, conversation, _me())) for each in found]
    return web.page_or_fragment(
        "macros/choose.html", "macros/_choose.html", conversation=conversation, found=shown, key=uuid4().hex
    )  # fmt: skip


@macro_runs.post("/<int:macro_id>")
@requires(Permission.INBOX_REPLY)
def run(conversation_id: int, macro_id: int) -> Response | BaseResponse:
    """It can be taken back as any other step, but for what was sent."""
    conversation, macro = _conversation(conversation_id), _load(macro_id)
    key = request.form.get("key", "")[:MAX_KEY] or uuid4().hex
    steps: list[Step] = []
    done = bulk.act(
        [conversation.id], _me(), "macro",
        lambda row, by: steps.extend(macros.run(macro, row, by, key)),
    )  # fmt: skip
    told, kind = (done.refusal.message, "info") if done.refusal else _said(macro, steps)
    step_id = macros.step_of(_me(), key, done.step.id if done.step else None)
    if not web.is_htmx():
        flash(told, kind)
        return web.go("conversations.show", conversation_id=conversation.id)
    undo = url_for("bulk_actions.create_undo", step_id=step_id) if step_id else ""
    signals = (f"conversation-{conversation.id}", "inbox")
    return web.told(Response(status=204), told, *signals, kind=kind, undo=undo)


def _said(macro: Macro, steps: list[Step]) -> tuple[str, str]:
    """What was done, and which of it wasn't and why."""
    missed = [each for each in steps if each.why_not]
    count = len(steps) - len(missed)
    done = ngettext("“%(name)s”: %(num)s step done.", "“%(name)s”: %(num)s steps done.", count, name=macro.name)  # fmt: skip
    if not missed:
        return done, "success"
    whys = [_("Not done: %(what)s. %(why)s", what=each.words, why=each.why_not) for each in missed]
    return " ".join([done, *whys]), "warning"


def _save(macro: Macro | None) -> Response | BaseResponse:
    form = typed.read(request.form)
    form.is_shared = form.is_shared and may(Permission.SETTINGS_WRITE)
    pressed = request.values.get("do", "")
    if pressed:
        form.press(pressed)
        return _form(form, macro)
    try:
        parts = typed.said_actions(form)
        _refuse_webhooks(form)
        if macro is None:
            macros.create(_me(), form.name, parts, is_shared=form.is_shared)
        else:
            macros.change(macro, _me(), form.name, parts, is_shared=form.is_shared)
    except (Invalid, Conflict) as refusal:
        if not form.has_errors:
            form.errors["name"] = refusal.message
        macro_id = macro.id if macro else None
        db.session.rollback()
        return _form(form, _load(macro_id) if macro_id else None, 422)
    flash(_("“%(name)s” is saved. Press m in a conversation.", name=form.name), "success")
    return web.go(".index")


def _refuse_webhooks(form: Typed) -> None:
    """Raises Invalid for whoever may not decide where data goes."""
    for row in form.actions:
        if row.what == "webhook" and not may(Permission.SETTINGS_WRITE):
            row.errors["value"] = _("Only owners and managers may call webhooks.")
            raise Invalid(row.errors["value"])


def _form(form: Typed, macro: Macro | None = None, status: int = 200) -> Response:
    return web.page_or_fragment(
        "macros/edit.html", "macros/_form.html", status,
        form=form, macro=macro, actions=actions.ACTIONS, tags=catalogue.tag_options(),
        variables=variables.KNOWN, most=typed.MOST_ROWS,
        may_change=macro is None or _may_change(macro),
    )  # fmt: skip


def _may_change(macro: Macro) -> bool:
    return not macro.is_shared or may(Permission.SETTINGS_WRITE)


def _load(macro_id: int) -> Macro:
    return Macro.by_id(macro_id, current_user.id) or abort(404)


def _own(macro_id: int) -> Macro:
    """What may be changed: one's own, and the team's by whoever may change settings."""
    macro = _load(macro_id)
    if not _may_change(macro):
        abort(403)
    return macro


def _conversation(conversation_id: int) -> Conversation:
    return Conversation.in_inbox(conversation_id) or abort(404)


def _me() -> Any:
    return current_user._get_current_object()
