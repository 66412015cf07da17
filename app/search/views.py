"""The search page, and its rows for the palette."""

from typing import Any

from flask import Blueprint, Response, g, request, url_for

from app.contacts.models import Contact
from app.conversations.models import MAX_ID
from app.core import web
from app.core.access import Permission, requires
from app.search import services
from app.search.asking import MAX_TYPED

searching = Blueprint("searching", __name__)

OF_EACH, OF_ONE, IN_PALETTE = 5, 50, 4


@searching.context_processor
def _context() -> dict[str, Any]:
    return {"contact_url": _contact_url}


def _contact_url(contact: Contact) -> str:
    return url_for("contacts.show", contact_id=contact.id)


@searching.get("/")
@requires(Permission.CONTACTS_READ)
def index() -> Response:
    """All kinds, a few of each; or one kind, and of messages the older ones from `before` on."""
    kinds = services.kinds_for(g.member)
    kind = request.args.get("kind") if request.args.get("kind") in kinds else None
    hits = services.find(
        request.args.get("q", ""),
        g.member,
        kinds=[kind] if kind else kinds,
        limit=OF_ONE if kind else OF_EACH,
        before=_before() if kind == "messages" else MAX_ID,
    )
    return web.page_or_fragment(
        "search/index.html",
        "search/_results.html",
        hits=hits,
        kind=kind,
        kinds=kinds,
        is_later=kind == "messages" and _before() < MAX_ID,
        max_length=MAX_TYPED,
    )


@searching.get("/palette")
@requires(Permission.CONTACTS_READ)
def palette() -> Response:
    """Rows as options of a list, by kind; nothing where there is nothing."""
    hits = services.find(request.args.get("q", ""), g.member, limit=IN_PALETTE)
    return web.fragment("search/_palette.html", hits=hits)


def _before() -> int:
    before = request.args.get("before", type=int)
    return before if before is not None and 0 < before < MAX_ID else MAX_ID
