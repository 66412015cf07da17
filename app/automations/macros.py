"""Macros: kept, and run on a conversation by a member."""

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.accounts.models import User
from app.automations import actions
from app.automations.models import TEAM, Macro
from app.automations.steps import Doing, Step
from app.conversations.models import Conversation
from app.core.db import now
from app.core.errors import Conflict
from app.extensions import db

MOST = 200  # of a business

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
    """`key` is the press of the button: what it sends goes out once."""
    conversation.lock()
    done = actions.do(macro.actions, Doing(conversation, macro, f"macro-{key}", by=by))
    macro.used_count += 1
    return done
