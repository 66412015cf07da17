"""One thing done to many conversations, each by the verb that does it to one. What can't be done to one is told,
and done to the others all the same."""

from collections.abc import Callable
from dataclasses import dataclass, field

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.accounts.models import User
from app.conversations import undoing
from app.conversations.models import Conversation, UndoStep
from app.core import unit_of_work
from app.core.errors import FrontdeskError, Invalid
from app.extensions import db

MOST = 200
Verb = Callable[[Conversation, User], None]


@dataclass(slots=True)
class Done:
    """`refused`: a conversation's name, and why. `refusal` is the last of them."""

    count: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)
    refusal: FrontdeskError | None = None
    step: UndoStep | None = None


def act(ids: list[int], by: User, what: str, verb: Verb) -> Done:
    """In the order of their ids, so that two who do it at once wait for each other. Raises Invalid."""
    if not ids:
        raise Invalid(_("Choose at least one conversation."), code="empty")
    if len(ids) > MOST:
        raise Invalid(
            _("At most %(most)s conversations at once. Choose fewer.", most=MOST), code="too_many"
        )
    done, changes = Done(), []
    found = _locked(ids)
    for conversation, before in zip(found, undoing.snapshots(found), strict=True):
        try:
            with db.session.begin_nested():
                verb(conversation, by)
        except FrontdeskError as refusal:
            done.refused.append((conversation.title, refusal.message))
            done.refusal = refusal
        else:
            done.count += 1
            changes.append((conversation, before))
    done.step = undoing.keep(by, what, changes)
    return done


def _locked(ids: list[int]) -> list[Conversation]:
    """Those that are in the inbox; another business's aren't there. With their people and channels, and all in one
    statement."""
    query = select(Conversation).where(
        Conversation.id.in_(ids),
        Conversation.is_preview.is_(False),
        Conversation.merged_into_id.is_(None),
    )
    people = (joinedload(Conversation.visitor), joinedload(Conversation.channel))
    locked = query.order_by(Conversation.id).options(*people).with_for_update(of=Conversation)
    found = db.session.scalars(locked.execution_options(populate_existing=True))
    return [unit_of_work.held(each) for each in found]
