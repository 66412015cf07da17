"""Macros: kept, and run on a conversation by a member."""

from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete as forget
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from app.accounts.models import User
from app.automations import actions
from app.automations.models import TEAM, Macro, MacroPress
from app.automations.steps import Doing, Step
from app.conversations.models import Conversation
from app.core.db import now
from app.core.errors import Conflict
from app.extensions import db

MOST = 200  # of a business
PRESS_KEPT = timedelta(days=1)

Parts = list[dict[str, Any]]


def create(by: User, name: str, parts: Parts, *, is_shared: bool) -> Macro:
    """Raises Conflict when there are too many."""
    if (db.session.scalar(select(func.count(Macro.id))) or 0) >= MOST:
        raise Conflict(_("%(count)s macros are the most. Delete one first.", count=MOST))
    macro = Macro(owner_id=TEAM if is_shared else by.id, name=name, actions=parts, updated_by=by.id)
    db.session.add(macro)
    db.session.flush()
    return macro


def change(macro: Macro, by: User, name: str, parts: Parts, *, is_shared: bool) -> None:
    macro.owner_id = TEAM if is_shared else by.id
    macro.name, macro.actions = name, parts
    macro.updated_at, macro.updated_by = now(), by.id


def delete(macro: Macro) -> None:
    """What it did stays."""
    db.session.delete(macro)


def preview(macro: Macro, conversation: Conversation, by: User) -> list[tuple[str, str]]:
    """What it would do now, in words, and why it couldn't."""
    return [actions.would(part, conversation, by) for part in macro.actions]


def run(macro: Macro, conversation: Conversation, by: User, key: str) -> list[Step]:
    """`key` is the press of the button: all of it is done once. Raises Conflict for the same press again."""
    conversation.lock()
    if not _is_first(conversation, by, key):
        words = _("“%(name)s” has run already. Nothing was done twice.", name=macro.name)
        raise Conflict(words, code="pressed")
    done = actions.do(macro.actions, Doing(conversation, macro, f"macro-{key}", by=by))
    macro.used_count += 1
    return done


def _is_first(conversation: Conversation, by: User, key: str) -> bool:
    db.session.execute(forget(MacroPress).where(MacroPress.created_at < now() - PRESS_KEPT))
    press = insert(MacroPress).values(conversation_id=conversation.id, user_id=by.id, key=key)
    made = db.session.execute(press.on_conflict_do_nothing().returning(MacroPress.id))
    return made.first() is not None


def step_of(by: User, key: str, made: int | None = None) -> int | None:
    """What takes back what this press did; `made` just now, or when it was pressed before."""
    pressed = MacroPress.user_id == by.id, MacroPress.key == key
    if made is not None:
        db.session.execute(update(MacroPress).where(*pressed).values(step_id=made))
        return made
    return db.session.scalar(select(MacroPress.step_id).where(*pressed))
