"""Which conversation an address names, and who asks."""

from typing import Any

from flask import abort
from flask_login import current_user

from app.conversations.models import Conversation


def load(conversation_id: int) -> Conversation:
    """The one that it was merged into, if it was."""
    return Conversation.in_inbox(conversation_id) or abort(404)


def me() -> Any:
    """The user itself, as what is done outlives the request's proxy."""
    return current_user._get_current_object()
