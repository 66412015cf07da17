"""E-mails to the team: somebody waits, somebody wants to be called back. Each leads to the conversation."""

from typing import Any

from flask import current_app
from flask_babel import gettext as _

from app.accounts.models import User
from app.businesses.models import Business
from app.conversations.models import Callback, Conversation, HandOff
from app.core import mail, tenancy
from app.core.db import now
from app.core.translating import speaking
from app.extensions import db
from app.frontdesk import colleagues
from app.lib import waiting


def hand_off(hand_off_id: int, user_id: int, step: int) -> None:
    """Nothing when somebody came in the meantime: a server may have been away for a while."""
    found = HandOff.by_id(hand_off_id)
    if found.ended_at is not None:
        return
    person = db.session.get_one(User, user_id)
    with speaking(person.language):
        _hand_off(found, person, step)


def _hand_off(found: HandOff, person: User, step: int) -> None:
    waited = (now() - found.created_at).total_seconds()
    mail.deliver(
        "hand_off", person.email, f"hand-off {tenancy.current_business_id()} {found.id} {step}",
        who=found.conversation.visitor.name or _("A visitor"),
        waited=waiting.in_words(waited // waiting.MINUTE * waiting.MINUTE),
        reason=found.reason_in_words,
        summary=found.summary,
        **_about(found.conversation),
    )  # fmt: skip


def callback(callback_id: int) -> None:
    found, owner = Callback.by_id(callback_id), colleagues.owner()
    if found is None or found.done_at is not None or owner is None:
        return
    with speaking(owner.language):
        mail.deliver(
            "callback", owner.email, f"callback {tenancy.current_business_id()} {callback_id}",
            callback=found,
            who=found.name or found.conversation.visitor.name or _("A visitor"),
            **_about(found.conversation),
        )  # fmt: skip


def _about(conversation: Conversation) -> dict[str, Any]:
    business = db.session.get_one(Business, tenancy.current_business_id())
    inbox = f"{current_app.config['PUBLIC_URL']}/b/{business.slug}"
    return {
        "business": business.name,
        "link": f"{inbox}/inbox/{conversation.id}",
        "callbacks_link": f"{inbox}/callbacks/",
    }
