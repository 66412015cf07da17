"""Two machines that answer each other. Most say that they are one (channels/email/letters.py); those that don't are known by their
pace. A person is called, once a day, and nothing more is answered until it is over."""

from datetime import timedelta

from sqlalchemy import func, select

from app.channels import adapters
from app.conversations.models import Conversation, HandOff, Message
from app.core.db import now
from app.extensions import db
from app.frontdesk import handing_off
from app.lib.marking import kept

MOMENTS = timedelta(minutes=10)
DAY = timedelta(days=1)
A_DAY_FOR_TEN_MINUTES = 8  # times as many answers
WANTED = kept("So many messages come here in so short a time that a machine may be writing them.")


def is_race(conversation: Conversation) -> bool:
    """On a provider's channel the assistant has said as much to this person as nobody reads."""
    if conversation.channel.is_own:
        return False
    most = adapters.limits(conversation.channel.kind).answers_in_ten_minutes
    if conversation.position < most:
        return False
    lately, today = _said(conversation)
    return lately >= most or today >= most * A_DAY_FOR_TEN_MINUTES


def call_once(conversation: Conversation) -> None:
    latest = HandOff.latest_of(conversation.id)
    is_known = latest and latest.summary.get("wanted") == WANTED
    if latest is None or not is_known or latest.created_at < now() - DAY:
        handing_off.call_person(conversation, "assistant", WANTED)


def _said(conversation: Conversation) -> tuple[int, int]:
    is_new = Message.created_at > now() - MOMENTS
    said = select(func.count().filter(is_new), func.count()).where(
        Message.conversation_id == conversation.id,
        Message.kind == "outgoing",
        Message.author == "assistant",
        Message.created_at > now() - DAY,
    )
    lately, today = db.session.execute(said).one()
    return lately, today
