"""The business's tags, on contacts and conversations: renaming, colouring, merging, deleting."""

from flask import Blueprint, Response, abort, flash, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as BaseResponse

from app.contacts import tags
from app.contacts.models import Tag
from app.contacts.models.tags import COLOURS
from app.core import web
from app.core.access import Permission, requires
from app.core.errors import Conflict, Invalid

COLOUR_NAMES = {
    "neutral": _l("Neutral"),
    "green": _l("Green"),
    "amber": _l("Amber"),
    "red": _l("Red"),
    "blue": _l("Blue"),
}
contact_tags = Blueprint("contact_tags", __name__)


@contact_tags.app_template_filter("colour_name")
def _colour_name(colour: str) -> str:
    return str(COLOUR_NAMES[colour])


@contact_tags.get("/")
@requires(Permission.CONTACTS_READ)
def index() -> Response:
    return _page()


@contact_tags.post("/")
@requires(Permission.CONTACTS_WRITE)
def create() -> Response | BaseResponse:
    typed = request.form
    try:
        tag = tags.create(typed.get("name", ""), typed.get("colour", "neutral"))
    except (Invalid, Conflict) as refusal:
        return _page(422, problem=refusal, typed=typed)
    flash(_("The tag “%(name)s” is there.", name=tag.name), "success")
    return web.go(".index")


@contact_tags.get("/<int:tag_id>")
@requires(Permission.CONTACTS_WRITE)
def edit(tag_id: int) -> Response:
    return _form(_load(tag_id))


@contact_tags.post("/<int:tag_id>")
@requires(Permission.CONTACTS_WRITE)
def change(tag_id: int) -> Response | BaseResponse:
    tag, typed = _load(tag_id), request.form
    try:
        tags.change(tag, typed.get("name", ""), typed.get("colour", ""))
    except (Invalid, Conflict) as refusal:
        return _form(tag, 422, problem=refusal, typed=typed)
    flash(_("Saved."), "success")
    return web.go(".index")


@contact_tags.post("/<int:tag_id>/merge")
@requires(Permission.CONTACTS_WRITE)
def merge(tag_id: int) -> Response | BaseResponse:
    tag, into = _load(tag_id), request.form.get("into", "")
    kept = tags.by_id(int(into)) if into.isascii() and into.isdigit() and len(into) < 19 else None
    if kept is None or kept.id == tag.id:
        return _form(tag, 422, merge_problem=_("Choose the tag that stays."))
    name = tag.name
    tags.merge(kept, tag)
    flash(
        _("What was tagged “%(name)s” is tagged “%(name2)s” now.", name=name, name2=kept.name),
        "success",
    )
    return web.go(".index")


@contact_tags.post("/<int:tag_id>/deletion")
@requires(Permission.CONTACTS_WRITE)
def delete(tag_id: int) -> BaseResponse:
    tag = _load(tag_id)
    name = tag.name
    tags.remove(tag)
    flash(_("The tag “%(name)s” is deleted.", name=name), "success")
    return web.go(".index")


def _load(tag_id: int) -> Tag:
    return tags.by_id(tag_id) or abort(404)


def _page(status: int = 200, **more: object) -> Response:
    return web.page(
        "contact_tags/index.html", status,
        tags=Tag.all(), counts=tags.counts(), colours=COLOURS, **more,
    )  # fmt: skip


def _form(tag: Tag, status: int = 200, **more: object) -> Response:
    others = [each for each in Tag.all() if each.id != tag.id]
    counts = tags.counts().get(tag.id, {})
    return web.page(
        "contact_tags/form.html", status,
        tag=tag, others=others, counts=counts, colours=COLOURS, **more,
    )  # fmt: skip
