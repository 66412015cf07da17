"""How urgent a conversation is."""

from flask_babel import gettext as _

from app.accounts.models import User
from app.conversations import services
from app.conversations.models import PRIORITIES, Conversation
from app.core.errors import Invalid


def change(conversation: Conversation, by: User | None, priority: int) -> None:
    """A number of PRIORITIES. Safe to repeat. Raises Invalid."""
    if priority not in range(len(PRIORITIES)):
        raise Invalid(_("Choose one of the priorities."), code="priority")
    conversation.lock()
    if conversation.priority == priority:
        return
    conversation.priority = priority
    details = {"priority": PRIORITIES[priority]}
    services.post(conversation, "event", services.actor(by), "prioritised", by=by, details=details)
