"""Saved views: made, renamed, ordered, taken away. Who changes one of the whole team's must be allowed to."""

from flask_babel import gettext as _

from app.accounts.models import User
from app.conversations.filters import Filters
from app.conversations.models import SavedView
from app.conversations.models.saved_views import MAX_NAME, MOST
from app.core import realtime, tenancy
from app.core.errors import Invalid
from app.extensions import db


def save(by: User, name: str, shown: Filters, *, is_shared: bool) -> SavedView:
    name = _name(name)
    seen = SavedView.of(by.id)
    if len(seen) >= MOST:
        raise Invalid(
            _("You have %(most)s saved views. Delete one before you save another.", most=MOST),
            code="name",
        )
    view = SavedView(
        name=name, user_id=None if is_shared else by.id, place=len(seen), filters=shown.kept
    )
    db.session.add(view)
    db.session.flush()
    _tell()
    return view


def rename(view: SavedView, name: str) -> None:
    view.name = _name(name)
    _tell()


def change(view: SavedView, shown: Filters) -> None:
    """It shows this from now on."""
    view.filters = shown.kept
    _tell()


def move(view: SavedView, by: User, *, down: bool) -> None:
    """By one place, among the team's or among one's own."""
    beside = [each for each in SavedView.of(by.id) if each.user_id == view.user_id]
    at = beside.index(view)
    to = min(max(at + (1 if down else -1), 0), len(beside) - 1)
    beside.insert(to, beside.pop(at))
    for place, each in enumerate(beside):
        each.place = place
    _tell()


def remove(view: SavedView) -> None:
    db.session.delete(view)
    _tell()


def _name(typed: str) -> str:
    name = " ".join(typed.split())
    if not name:
        raise Invalid(_("Give the view a name."), code="name")
    if len(name) > MAX_NAME:
        raise Invalid(
            _("This name is too long: %(most)s characters fit.", most=MAX_NAME), code="name"
        )
    return name


def _tell() -> None:
    """Every page's list of views refreshes itself."""
    realtime.publish(f"business:{tenancy.current_business_id()}", name="inbox")
