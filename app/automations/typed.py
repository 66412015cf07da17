"""The form of a rule or a macro, as it was typed: kept whole while rows are added, read when it is saved."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _

from app.automations import actions, conditions, events
from app.automations.actions import ACTIONS, shown_url
from app.automations.catalogue import tags
from app.automations.models import AutomationRule, Macro
from app.automations.services import Said
from app.contacts import tagging
from app.core.errors import Invalid

MOST_ROWS = 20
MAX_NAME = 80
UNITS = {"minutes": 1, "hours": 60}
NEW_CONDITION: dict[str, Any] = {"what": "hours", "op": "closed", "value": ""}
NEW_ACTION: dict[str, Any] = {"what": "reply", "value": ""}


@dataclass
class Row:
    """A condition or an action. `value` is as it stands in the field: a tag's name where one is typed."""

    what: str
    value: Any = ""
    op: str = ""
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def kind(self) -> conditions.Kind | None:
        """Of a condition; None when its field is gone."""
        try:
            return conditions.kind(self.what)
        except Invalid:
            return None

    @property
    def action(self) -> actions.Action:
        return ACTIONS[self.what]

    @property
    def chosen(self) -> list[str]:
        return self.value if isinstance(self.value, list) else [self.value]


@dataclass
class Typed:
    name: str = ""
    event: str = "message"
    amount: str = "15"
    unit: str = "minutes"
    tag: str = "0"
    matching: str = "all"
    conditions: list[Row] = field(default_factory=list)
    actions: list[Row] = field(default_factory=list)
    stops: bool = False
    is_enabled: bool = True
    is_shared: bool = True  # of a macro
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def has_errors(self) -> bool:
        rows = [*self.conditions, *self.actions]
        return bool(self.errors) or any(row.errors for row in rows)

    def for_eyes(self, *, may_see: bool) -> "Typed":
        """Whole addresses, which often hold a secret, are for who may change them."""
        for row in self.actions:
            if row.what == "webhook" and not may_see:
                row.value = shown_url(str(row.value))
        return self

    def press(self, what: str) -> None:
        """A button of the form: add-condition, remove-action-2, up-action-1. Others only show it again."""
        verb, _dash, rest = what.partition("-")
        part, _dash, number = rest.partition("-")
        rows = {"condition": self.conditions, "action": self.actions}.get(part)
        if rows is None:
            return
        at = int(number) if number.isascii() and number.isdigit() else -1
        if verb == "add" and len(rows) < MOST_ROWS:
            rows.append(Row(**(NEW_CONDITION if part == "condition" else NEW_ACTION)))
        elif verb == "remove" and at in range(len(rows)):
            del rows[at]
        elif verb == "up" and at in range(1, len(rows)):
            rows.insert(at - 1, rows.pop(at))


def read(form: Any) -> Typed:
    """Of a werkzeug form. What can't be chosen is the first that can."""
    found = Typed(
        name=" ".join(form.get("name", "").replace("\x00", "").split()),
        event=form.get("event") if form.get("event") in events.EVENTS else "message",
        amount=form.get("amount", "15").strip(),
        unit=form.get("unit") if form.get("unit") in UNITS else "minutes",
        tag=form.get("tag", "0"),
        matching="any" if form.get("matching") == "any" else "all",
        stops=bool(form.get("stops")),
        is_enabled=bool(form.get("is_enabled")),
        is_shared=form.get("whose") != "own",
    )
    found.conditions = [_condition(form, at) for at in _numbers(form, "c")]
    found.actions = [_action(form, at) for at in _numbers(form, "a")]
    return found


def of_rule(rule: AutomationRule) -> Typed:
    hours, rest = divmod(rule.event_value, 60)
    is_hours = bool(hours) and not rest
    return Typed(
        rule.name, rule.event,
        amount=str(hours if is_hours else rule.event_value or 15), unit="hours" if is_hours else "minutes",
        tag=str(rule.event_value) if rule.event == "tagged" else "0", matching=rule.matching,
        conditions=[Row(**part) for part in rule.conditions], actions=of_actions(rule.actions),
        stops=rule.stops, is_enabled=rule.is_enabled,
    )  # fmt: skip


def of_macro(macro: Macro) -> Typed:
    return Typed(macro.name, actions=of_actions(macro.actions), is_shared=macro.is_shared)


def of_actions(parts: list[dict[str, Any]]) -> list[Row]:
    rows = [Row(part["what"], part.get("value", "")) for part in parts]
    for row in rows:
        if row.action.field == "tag":
            row.value = tags().get(row.value, "")
    return rows


def said(typed: Typed, *, makes_tags: bool = True) -> Said:
    """Raises Invalid when something isn't right; where, is written into it. `makes_tags`: those that are new."""
    _check_name(typed)
    found = Said(
        typed.name, typed.event, _event_value(typed), typed.matching,
        [_checked_condition(row) for row in typed.conditions], _actions(typed, makes_tags=makes_tags),
        typed.stops, typed.is_enabled,
    )  # fmt: skip
    _refuse(typed)
    return found


def said_actions(typed: Typed) -> list[dict[str, Any]]:
    """Of a macro. Raises Invalid as said() does."""
    _check_name(typed)
    found = _actions(typed, makes_tags=True)
    _refuse(typed)
    return found


def _refuse(typed: Typed) -> None:
    if typed.has_errors:
        raise Invalid(_("Please check these fields."))


def _check_name(typed: Typed) -> None:
    if not typed.name:
        typed.errors["name"] = _("Give it a name.")
    elif len(typed.name) > MAX_NAME:
        typed.errors["name"] = _("%(count)s characters fit.", count=MAX_NAME)


def _event_value(typed: Typed) -> int:
    if typed.event in events.IDLE:
        is_number = typed.amount.isascii() and typed.amount.isdigit() and len(typed.amount) < 7
        minutes = int(typed.amount) * UNITS[typed.unit] if is_number else 0
        if not 0 < minutes <= events.MOST_MINUTES:
            typed.errors["amount"] = _("Write a number: at least a minute, at most two weeks.")
        return minutes
    if typed.event != "tagged" or typed.tag == "0":
        return 0
    if typed.tag not in tags():
        typed.errors["tag"] = _("This tag was deleted. Choose another.")
        return 0
    return int(typed.tag)


def _checked_condition(row: Row) -> dict[str, Any]:
    value = "" if row.op in conditions.WITHOUT_VALUE else row.value
    part = {"what": row.what, "op": row.op, "value": value}
    try:
        conditions.check(part)
    except Invalid as refusal:
        row.errors[refusal.code] = refusal.message
    return part


def _actions(typed: Typed, *, makes_tags: bool) -> list[dict[str, Any]]:
    if not typed.actions:
        typed.errors["actions"] = _("Say what is to be done.")
    return [_checked_action(row, makes_tags=makes_tags) for row in typed.actions]


def _checked_action(row: Row, *, makes_tags: bool) -> dict[str, Any]:
    part = {"what": row.what, "value": row.value}
    try:
        if row.action.field == "tag":
            part["value"] = _tag_id(row.value, is_made=makes_tags)
            if not part["value"]:
                return part | {"new_tag": row.value}
        elif row.action.field == "none":
            part["value"] = ""
        actions.check(part)
    except Invalid as refusal:
        row.errors["value"] = refusal.message
    return part


def _tag_id(name: str, *, is_made: bool) -> str:
    """ "" for a new one that isn't made. Raises Invalid."""
    clean = tagging.clean(name)
    found = tagging.find_or_make(clean) if is_made else tagging.find(clean)
    if found is None:
        return ""
    tags()[str(found.id)] = found.name
    return str(found.id)


def _numbers(form: Mapping[str, Any], prefix: str) -> list[int]:
    """Of the rows that were sent, in their order."""
    names = (name.split("-") for name in form if name.startswith(f"{prefix}-") and name.endswith("-what"))  # fmt: skip
    found = {int(parts[1]) for parts in names if len(parts) == 3 and parts[1].isascii() and parts[1].isdigit() and len(parts[1]) < 4}  # fmt: skip
    return sorted(found)[:MOST_ROWS]


def _condition(form: Any, at: int) -> Row:
    row = Row(form.get(f"c-{at}-what", ""), _text(form.get(f"c-{at}-value", "")))
    if row.kind is None and row.what not in conditions.KINDS:
        row.what = row.what if row.what.startswith(conditions.OF_FIELD) else "hours"
    op = form.get(f"c-{at}-op", "")
    known = row.kind.phrases if row.kind else {}
    row.op = op if op in known else next(iter(known), op)
    return row


def _action(form: Any, at: int) -> Row:
    what = form.get(f"a-{at}-what", "")
    what = what if what in ACTIONS else "reply"
    values = [_text(each) for each in form.getlist(f"a-{at}-value")]
    if ACTIONS[what].field == "many":
        return Row(what, values)
    return Row(what, values[0] if values else "")


def _text(value: str) -> str:
    return value.replace("\x00", "").replace("\r\n", "\n").strip()
