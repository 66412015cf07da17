"""A person has resolved a conversation: its customer is asked once how it was, where it was held, and only where
that may be sent."""

from dataclasses import dataclass
from datetime import timedelta

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import func, select

from app.channels import adapters
from app.channels.content import Button, Menu, Section
from app.conversations import composing, hearing, services, speech
from app.conversations.models import Conversation, Message
from app.core import jobs, tenancy
from app.core.crypto import keys
from app.core.db import now
from app.extensions import db
from app.ratings.models import MOST, Rating, RatingSettings

PATH = "/rate"  # of the page where a question is answered
PURPOSE = "rating"  # of its signed links
RECENT = timedelta(days=1)  # who wrote longer ago isn't asked, and nobody twice in that time
CHOICE = "rating"  # what the id of a tapped row begins with


@dataclass(frozen=True, slots=True)
class Past:
    """What is looked at of a conversation before its customer is asked."""

    newest_end: int | None  # the message that tells it
    has_written: bool  # the customer, and lately
    was_answered: bool


@hearing.followed_by("event")
def ended(conversation: Conversation, message: Message) -> None:
    if message.body != "resolved" or message.author != "member" or conversation.is_preview:
        return
    settings = RatingSettings.current()
    if not settings.asks_on(conversation.channel.kind):
        return
    at = now() + timedelta(minutes=settings.delay_minutes) if settings.delay_minutes else None
    jobs.enqueue("ratings.ask", message.id, at=at, key=f"rating-{message.id}")


def ask(event_id: int) -> None:
    """The job. Safe to repeat; nothing is asked where something has changed in the meantime."""
    event = db.session.get(Message, (tenancy.current_business_id(), event_id))
    if event is None:
        return
    conversation = event.conversation.lock()
    if _may_ask(conversation, event):
        _post_question(conversation, event)


def question() -> str:
    """The owner's words, else ours in the language that is spoken just now."""
    return RatingSettings.current().question or _("How was our help?")


def said(stars: int) -> str:
    """A number of stars in words, as a row to tap."""
    return (_("Very bad"), _("Bad"), _("All right"), _("Good"), _("Very good"))[stars - 1]


def link(rating: Rating) -> str:
    """To a page where this question is answered, for who has no account."""
    token = keys().signer(PURPOSE).dumps([tenancy.current_business_id(), rating.id])
    return f"{current_app.config['PUBLIC_URL']}{PATH}/{token}"


def _may_ask(conversation: Conversation, event: Message) -> bool:
    """Still resolved by that step, on a channel that the owner chose, and nothing forbids to write there."""
    if conversation.status != "resolved" or conversation.merged_into_id is not None:
        return False
    channel = conversation.channel
    if channel.state != "active" or not RatingSettings.current().asks_on(channel.kind):
        return False  # a question that waits for a broken channel would come much too late
    past = _past(conversation)
    if past.newest_end != event.id or not past.has_written or not past.was_answered:
        return False
    if composing.of(conversation).locked:
        return False
    return not Rating.was_asked_since(conversation.visitor_id, now() - RECENT)


def _past(conversation: Conversation) -> Past:
    is_end = (Message.kind == "event", Message.body == "resolved")
    is_word = (Message.kind == "incoming", Message.is_settled.is_(False))
    is_answer = (Message.kind == "outgoing", Message.author.in_(("member", "assistant")))
    counts = select(
        func.max(Message.id).filter(*is_end),
        func.count().filter(*is_word, Message.created_at > now() - RECENT),
        func.count().filter(*is_answer),
    ).where(Message.conversation_id == conversation.id)
    newest_end, words, answers = db.session.execute(counts).one()
    return Past(newest_end, words > 0, answers > 0)


def _post_question(conversation: Conversation, event: Message) -> None:
    rating = Rating(
        conversation_id=conversation.id,
        channel_id=conversation.channel_id,
        event_id=event.id,
        user_id=(event.content or {}).get("had_by") or event.user_id,
    )
    db.session.add(rating)
    db.session.flush()
    if conversation.channel.is_own:
        details = {"question": RatingSettings.current().question}
        asked = services.post(conversation, "event", "system", "rating_asked", details=details)
    else:
        with speech.to(conversation):
            asked = _send_question(conversation, rating)
    rating.asked_id = asked.id


def _send_question(conversation: Conversation, rating: Rating) -> Message:
    """As a list to tap where the channel has one, else as a link."""
    key, words = f"rating-{rating.id}", question()
    if adapters.limits(conversation.channel.kind).list_rows < MOST:
        body = f"{words}\n{link(rating)}"
        return services.post(conversation, "outgoing", "system", body, client_key=key)
    rows = [
        Button(id=f"{CHOICE}-{rating.id}-{stars}", title="★" * stars, description=said(stars))
        for stars in range(MOST, 0, -1)
    ]
    menu = Menu(body=words, label=_("Choose"), sections=[Section(rows=rows)])
    return services.post(conversation, "outgoing", "system", words, client_key=key, content=menu)
