"""A member's reply that the visitor hasn't read in the chat goes to its e-mail address, where that is known.

Once, with all that was written by then, and not again until the visitor was back. The link in it opens the
conversation on whatever device it is read.
"""

from datetime import timedelta
from typing import Any

from app.businesses.models import Business
from app.channels.website import WebsiteSettings
from app.conversations import hearing, seeing, speech
from app.conversations.models import Conversation, Message
from app.core import jobs, realtime, tenancy
from app.core.db import now
from app.extensions import db
from app.notifications import addresses
from app.widget import links, mail_replies

AFTER = timedelta(minutes=10)
MOST_TOLD = 10  # replies that one mail holds


@hearing.followed_by("outgoing")
def _heard(conversation: Conversation, message: Message) -> None:
    if conversation.channel.kind == "website" and message.author in _whose(conversation):
        _look_later(conversation, message)


def _whose(conversation: Conversation) -> tuple[str, ...]:
    """The assistant's too, to who answers our mails by mail."""
    by_mail = conversation.mailed_position and mail_replies.came_last(conversation)
    return ("member", "assistant") if by_mail else ("member",)


def _look_later(conversation: Conversation, message: Message) -> None:
    key = f"missed-{conversation.id}"
    at = message.created_at + AFTER
    jobs.enqueue_next("widget.mail_missed_reply", conversation.id, at=at, key=key, again=True)


def mail(conversation_id: int) -> None:
    """What is unread by now, if it is time. In a job; a mail that can't be sent is tried again with it."""
    conversation = _locked(conversation_id)
    if conversation is None:
        return
    there = seeing.was_there(conversation)
    missed = seeing.replies(conversation, there, authors=_whose(conversation))
    if not missed or conversation.mailed_position > there:
        return
    if missed[0].created_at > now() - AFTER:
        _look_later(conversation, missed[0])
        return
    address = links.address_of(conversation.visitor)
    if address is not None and conversation.visitor.blocked_at is None:
        _send(conversation, missed, address)


def _send(conversation: Conversation, missed: list[Message], address: str) -> None:
    """The conversation isn't held while a mail server thinks: a try that was cut off says the same again, under the
    same Message-ID."""
    from app.core import mail as post

    business = db.session.get_one(Business, tenancy.current_business_id())
    conversation_id, position, name = conversation.id, missed[-1].position, business.name
    key = f"missed {business.id} {conversation_id} {position}"
    with speech.to(conversation):
        said = _said(conversation, missed)
        answer_to = addresses.for_visitor(conversation.visitor_id, conversation_id)
        cut = addresses.cutting_line() if answer_to else ""
        jobs.commit_step()
        post.deliver("missed_reply", address, key, sender=name, reply_to=answer_to, cut=cut, **said)
    told = _locked(conversation_id)
    if told is not None:
        told.mailed_position = max(told.mailed_position, position)
        _tell_members(told)


def _locked(conversation_id: int) -> Conversation | None:
    """None when its contact was deleted meanwhile."""
    key = (tenancy.current_business_id(), conversation_id)
    is_there = db.session.get(Conversation, key) is not None
    return Conversation.locked(conversation_id) if is_there else None


def _said(conversation: Conversation, missed: list[Message]) -> dict[str, Any]:
    channel = conversation.channel
    language = speech.language_of(conversation)
    return {
        "business": WebsiteSettings.of(channel).said("title", language, channel),
        "who": next((each.user.first_name for each in missed if each.user), ""),
        "replies": [each.body for each in missed[-MOST_TOLD:]],
        "link": links.make(channel, conversation.visitor, language),
        "days": links.DAYS,
    }


def _tell_members(conversation: Conversation) -> None:
    realtime.publish(
        f"business:{tenancy.current_business_id()}",
        name=f"conversation-{conversation.id}",
        position=conversation.position,
    )
