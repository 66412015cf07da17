"""Who has a conversation. The assistant is silent while somebody has it, or is waited for."""

from flask_babel import gettext as _

from app.accounts.models import User
from app.businesses.models import Membership
from app.conversations import services
from app.conversations.models import Conversation, HandOff
from app.core import realtime, tenancy
from app.core.access import Permission
from app.core.db import now
from app.core.errors import Invalid


def candidates() -> list[User]:
    """Who may have one."""
    return Membership.who_may(Permission.INBOX_REPLY)


def candidate(user_id: int) -> User:
    """Raises Invalid for somebody who may not answer here, or not any more."""
    found = next((each for each in candidates() if each.id == user_id), None)
    if found is None:
        raise Invalid(
            _("This person can’t have conversations. Choose somebody else."), code="assignee"
        )
    return found


def assign(conversation: Conversation, by: User | None, to: User | None) -> None:
    """`to` has it from now on; `by` None: a rule has decided. A resolved one is reopened. A visitor who waits
    goes on waiting until the one who has it answers, and the clock of the hand-off with them. Safe to repeat."""
    conversation.lock()
    if to is None:
        _unassign(conversation, by)
    elif conversation.assignee_id != to.id or not conversation.is_handed_off:
        _give(conversation, by, to)


def told(conversation: Conversation, to: User, by: User | None) -> None:
    """Its new assignee's pages say so at once."""
    realtime.publish(
        f"business:{tenancy.current_business_id()}",
        name=f"assigned-{to.id}",
        conversation=conversation.id,
        by=by.id if by else None,
    )


def _give(conversation: Conversation, by: User | None, to: User) -> None:
    if conversation.status == "resolved":
        services.reopen_locked(conversation, by, services.actor(by))
    if by and by.id == to.id:
        services.take(conversation, by)
        return
    conversation.handed_off_at = conversation.handed_off_at or now()
    conversation.assignee_id = to.id
    whom = {"user_id": to.id, "name": to.first_name}
    services.post(conversation, "event", services.actor(by), "assigned", by=by, details=whom)
    told(conversation, to, by)


def _unassign(conversation: Conversation, by: User | None) -> None:
    """Nobody has it: the assistant answers again, from the next message on, unless a person is still waited for."""
    if conversation.assignee_id is None:
        return
    conversation.assignee_id = None
    is_waiting = HandOff.open_of(conversation.id) is not None
    if not is_waiting:
        conversation.handed_off_at = conversation.waiting_since = None
        conversation.answered_position = conversation.position
    details = {"waiting": is_waiting}
    services.post(conversation, "event", services.actor(by), "unassigned", by=by, details=details)
