"""Who is next, of those who take turns."""

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.automations.steps import Doing
from app.businesses.models import Business, Membership
from app.conversations import assigning
from app.core import tenancy
from app.core.errors import Invalid
from app.extensions import db


def assign(doing: Doing, value: list[str], _at: int) -> None:
    """The one after who had the last, of those who are there; under the row lock of the rule, so that two at once
    get two members. Whoever of them has it already keeps it."""
    chosen = present([int(each) for each in value])
    if doing.conversation.assignee_id in chosen:
        return
    if not chosen:
        raise Invalid(_("None of them is there just now."))
    db.session.flush()
    # No key update: every run refers to its rule, and would wait for the others' with them for it.
    db.session.refresh(doing.owner, ["turn_of"], with_for_update={"key_share": True})
    doing.owner.turn_of = after(doing.owner.turn_of, [int(each) for each in value], chosen)
    assigning.assign(doing.conversation, doing.by, assigning.candidate(doing.owner.turn_of))


def after(last: int | None, order: list[int], present: list[int]) -> int:
    """The next of the order that is there. Whoever was taken out of it leaves it to begin anew."""
    start = order.index(last) + 1 if last in order else 0
    return next(each for each in order[start:] + order[:start] if each in present)


def present(chosen: list[int]) -> list[int]:
    """Of those who may still answer here, who isn't away; in the order in which they were chosen."""
    able = {each.id for each in assigning.candidates()} - away()
    return [each for each in chosen if each in able]


def away() -> set[int]:
    found = select(Membership.user_id).join(Membership.business)
    here = (Business.id == tenancy.current_business_id(), Membership.is_away)
    return set(db.session.scalars(found.where(*here)))


def change_away(user_id: int, value: Any) -> None:
    """Of a member of the business in scope."""
    found = select(Membership).join(Membership.business)
    here = (Business.id == tenancy.current_business_id(), Membership.user_id == user_id)
    db.session.scalars(found.where(*here)).unique().one().is_away = bool(value)
