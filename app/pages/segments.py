"""Contacts → Segments: saved rules, with who is in them while they are written."""

import re
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, abort, flash, request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.core import web
from app.core.access import Permission, requires
from app.core.errors import Conflict, Invalid
from app.segments import fields, services
from app.segments.models import Segment
from app.segments.rules import (
    MAX_VALUE,
    MOST_CONDITIONS,
    MOST_GROUPS,
    Condition,
    Group,
    Match,
    Rules,
)

segments = Blueprint("segments", __name__)

_CONDITION = re.compile(r"c-(\d)-(\d{1,2})-field")
BLANK = Rules(groups=(Group(conditions=(Condition(field="tag", op="has"),)),))


@segments.get("/")
@requires(Permission.CONTACTS_READ)
def index() -> Response:
    return web.page("segments/index.html", segments=Segment.all())


@segments.get("/<int:segment_id>/count")
@requires(Permission.CONTACTS_READ)
def show_count(segment_id: int) -> Response:
    rules = services.rules_of(_load(segment_id))
    return web.fragment("segments/_count.html", count=services.count(rules))


@segments.get("/new")
@requires(Permission.CONTACTS_WRITE)
def new() -> Response:
    return _page(None, "", BLANK)


@segments.post("/")
@requires(Permission.CONTACTS_WRITE)
def create() -> Response | BaseResponse:
    name, rules = _typed(request.form)
    try:
        segment = services.create(current_user, name, rules)
    except (Invalid, Conflict) as refusal:
        return _page(None, name, rules, refusal)
    flash(_("“%(name)s” is saved.", name=segment.name), "success")
    return web.go("contacts.index", segment=segment.id)


@segments.get("/<int:segment_id>")
@requires(Permission.CONTACTS_WRITE)
def edit(segment_id: int) -> Response:
    segment = _load(segment_id)
    return _page(segment, segment.name, services.rules_of(segment))


@segments.post("/<int:segment_id>")
@requires(Permission.CONTACTS_WRITE)
def change(segment_id: int) -> Response | BaseResponse:
    segment, (name, rules) = _load(segment_id), _typed(request.form)
    try:
        services.change(segment, name, rules)
    except (Invalid, Conflict) as refusal:
        return _page(segment, name, rules, refusal)
    flash(_("Saved."), "success")
    return web.go("contacts.index", segment=segment.id)


@segments.post("/<int:segment_id>/deletion")
@requires(Permission.CONTACTS_WRITE)
def delete(segment_id: int) -> BaseResponse:
    segment = _load(segment_id)
    name = segment.name
    services.remove(segment)
    flash(_("“%(name)s” is deleted. Its contacts are kept.", name=name), "success")
    return web.go(".index")


@segments.post("/editor")
@requires(Permission.CONTACTS_WRITE)
def arrange() -> Response:
    """The editor with a condition more or less, or with the comparisons of another field."""
    name, rules = _typed(request.form)
    rules = _arranged(rules, request.form.get("do", ""))
    segment = Segment.by_id(request.form.get("segment_id", 0, int))
    return _page(segment, name, rules)


@segments.post("/found")
@requires(Permission.CONTACTS_WRITE)
def found() -> Response:
    """Who would be in it."""
    return web.fragment("segments/_found.html", **_found(_typed(request.form)[1]))


def _load(segment_id: int) -> Segment:
    return Segment.by_id(segment_id) or abort(404)


def _page(
    segment: Segment | None, name: str, rules: Rules, refusal: Invalid | Conflict | None = None
) -> Response:
    known = fields.all()
    return web.page_or_fragment(
        "segments/edit.html", "segments/_editor.html", refusal.status if refusal else 200,
        segment=segment, name=name, rules=rules, refusal=refusal, fields=known, wants=fields.wants,
        most_groups=MOST_GROUPS, most_conditions=MOST_CONDITIONS, **_found(rules),
    )  # fmt: skip


def _found(rules: Rules) -> dict[str, Any]:
    try:
        fields.check(rules)
    except Invalid as unfinished:
        return {"count": None, "sample": [], "unfinished": unfinished}
    return {"count": services.count(rules), "sample": services.sample(rules), "unfinished": None}


def _typed(form: Mapping[str, str]) -> tuple[str, Rules]:
    """Whatever was sent: more than fits is left out, and what is wrong with the rest is said by check()."""
    places = sorted(
        (int(match[1]), int(match[2])) for key in form if (match := _CONDITION.fullmatch(key))
    )
    groups: dict[int, list[Condition]] = {}
    for at, place in places:
        here = f"c-{at}-{place}-"
        groups.setdefault(at, []).append(
            Condition(
                field=form.get(here + "field", "")[:60],
                op=form.get(here + "op", "")[:20],
                value=form.get(here + "value", "")[:MAX_VALUE],
            )
        )
    made = tuple(
        Group(match=_match(form, f"g-{at}-match"), conditions=tuple(each[:MOST_CONDITIONS]))
        for at, each in groups.items()
    )
    return form.get("name", ""), Rules(match=_match(form, "match"), groups=made[:MOST_GROUPS])


def _match(form: Mapping[str, str], name: str) -> Match:
    return "any" if form.get(name) == "any" else "all"


def _arranged(rules: Rules, do: str) -> Rules:
    """`do`: "group", "add-0", "take-0-2"; anything else leaves it as it is."""
    what, *numbers = do.split("-")
    at, place = ([int(each) for each in numbers if each.isdecimal()] + [-1, -1])[:2]
    groups = [(group.match, list(group.conditions)) for group in rules.groups]
    if what == "group":
        groups.append(("all", [Condition()]))
    elif what == "add" and 0 <= at < len(groups):
        groups[at][1].append(Condition())
    elif what == "take" and 0 <= at < len(groups) and 0 <= place < len(groups[at][1]):
        del groups[at][1][place]
    known = fields.all()
    made = tuple(
        Group(match=m, conditions=tuple(_comparable(c, known) for c in each[:MOST_CONDITIONS]))
        for m, each in groups
        if each
    )
    return Rules(match=rules.match, groups=made[:MOST_GROUPS])


def _comparable(condition: Condition, known: Mapping[str, fields.Asked]) -> Condition:
    """With a comparison that its field has: the one before was another's."""
    asked = known.get(condition.field)
    if asked is None:
        return condition
    op = condition.op if condition.op in asked.ops else next(iter(asked.ops))
    is_kept = asked.choices is None or condition.value in asked.choices
    first = next(iter(asked.choices or ()), "")
    return Condition(field=asked.key, op=op, value=condition.value if is_kept else first)
