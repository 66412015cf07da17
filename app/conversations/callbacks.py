"""Callbacks: what a visitor left so that somebody of the team calls or writes back."""

from datetime import timedelta

from flask_babel import gettext as _

from app.accounts.models import User
from app.contacts.services import Details
from app.conversations import history, people, services
from app.conversations.models import Callback, Conversation, HandOff
from app.core.db import now
from app.core.errors import Invalid
from app.core.jobs import enqueue
from app.extensions import db

MAILED_AFTER = timedelta(minutes=2)  # name and time often follow in the next line
MAX_NAME = 80
MAX_SUITS = 200
MAX_MESSAGE = 2000


def leave(
    conversation: Conversation,
    *,
    phone: str = "",
    email: str = "",
    name: str = "",
    suits: str = "",
    message: str = "",
    hand_off_id: int | None = None,
) -> Callback:
    """`phone` and `email` come checked and in their one spelling. The same again while it is open adds to
    it, so that nobody is called twice. Who left it is kept as a contact, and the owner is mailed. Raises
    Invalid without a way to reach them."""
    if not phone and not email:
        raise Invalid(_("A telephone number or an e-mail address is missing."), code="reach")
    conversation.lock()
    people.introduce(conversation, Details(email=email or None, phone=phone or None))
    callback = _same(conversation, phone, email)
    if callback is None:
        callback = Callback(conversation_id=conversation.id, phone=phone, email=email)
        callback.name = callback.suits = callback.message = ""
        db.session.add(callback)
    callback.hand_off_id = hand_off_id or _unanswered(conversation) or callback.hand_off_id
    callback.phone, callback.email = phone or callback.phone, email or callback.email
    complete(conversation, callback, name=name, suits=suits)
    if message not in callback.message:
        callback.message = f"{callback.message}\n{message}".strip()[:MAX_MESSAGE]
    db.session.flush()
    history.left(callback)
    if not conversation.is_preview:
        mail_at = now() + MAILED_AFTER
        enqueue("frontdesk.mail_callback", callback.id, at=mail_at, key=f"callback-{callback.id}")
    services.announce(conversation)
    return callback


def complete(
    conversation: Conversation, callback: Callback, *, name: str = "", suits: str = ""
) -> None:
    """What the visitor added since."""
    if name:
        people.introduce(conversation, Details(name=name[:MAX_NAME]))
    callback.name = (name or callback.name)[:MAX_NAME]
    callback.suits = (suits or callback.suits)[:MAX_SUITS]
    services.announce(conversation)


def finish(callback: Callback, by: User) -> None:
    """Somebody has called or written back. Safe to repeat: the first counts."""
    db.session.refresh(callback, with_for_update=True)
    if callback.done_at is None:
        callback.done_at, callback.done_by = now(), by.id
        history.done(callback)
        people.tell(callback.conversation)


def reopen(callback: Callback) -> None:
    """Safe to repeat."""
    db.session.refresh(callback, with_for_update=True)
    if callback.done_at is not None:
        callback.done_at = callback.done_by = None
        people.tell(callback.conversation)


def _unanswered(conversation: Conversation) -> int | None:
    """The hand-off to which nobody came, if that is why it is left."""
    hand_off = HandOff.latest_of(conversation.id)
    return hand_off.id if hand_off and hand_off.outcome == "returned" else None


def _same(conversation: Conversation, phone: str, email: str) -> Callback | None:
    for callback in Callback.open_of(conversation.id):
        if (phone and callback.phone == phone) or (email and callback.email == email):
            return callback
    return None
