"""What rules did, to be read."""

from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import joinedload

from app.automations.models import KEPT, AutomationCall, AutomationRun
from app.contacts.models import Visitor
from app.conversations.models import Conversation
from app.core.db import now
from app.core.pagination import Cursor
from app.extensions import db

PAGE = 30
LATELY = timedelta(days=7)


class Page(NamedTuple):
    runs: list[AutomationRun]
    calls: dict[int, AutomationCall]
    next: Cursor | None


def page(rule_id: int | None, before: Cursor | None) -> Page:
    """Newest first."""
    query = select(AutomationRun).where(AutomationRun.created_at > now() - KEPT)
    if rule_id is not None:
        query = query.where(AutomationRun.rule_id == rule_id)
    if before is not None:
        query = query.where(
            tuple_(AutomationRun.created_at, AutomationRun.id) < (before.at, before.id)
        )
    people = (
        joinedload(AutomationRun.conversation)
        .joinedload(Conversation.visitor)
        .joinedload(Visitor.contact)
    )
    query = query.options(people, joinedload(AutomationRun.rule))
    ordered = query.order_by(AutomationRun.created_at.desc(), AutomationRun.id.desc())
    found = list(db.session.scalars(ordered.limit(PAGE + 1)))
    runs = found[:PAGE]
    return Page(runs, _calls(runs), runs[-1].cursor if len(found) > PAGE else None)


def counts() -> dict[int, int]:
    """By rule: how often it acted within a week."""
    lately = select(AutomationRun.rule_id, func.count()).where(
        AutomationRun.created_at > now() - LATELY,
        AutomationRun.outcome.in_(("done", "partly")),
    )
    return {row[0]: row[1] for row in db.session.execute(lately.group_by(AutomationRun.rule_id))}


def _calls(runs: list[AutomationRun]) -> dict[int, AutomationCall]:
    ids = [step["call_id"] for run in runs for step in run.steps if step.get("call_id")]
    if not ids:
        return {}
    found = db.session.scalars(select(AutomationCall).where(AutomationCall.id.in_(ids)))
    return {each.id: each for each in found}
