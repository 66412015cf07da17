"""What somebody says when they are asked how it was: kept once a question, the newest counts."""

import re

from flask_babel import gettext as _
from sqlalchemy import update

from app.channels.content import Choice, Content
from app.contacts.models import Activity, Visitor
from app.conversations import services
from app.conversations.models import Conversation, Message
from app.core import realtime, tenancy
from app.core.db import now
from app.core.errors import Conflict, Invalid
from app.extensions import db
from app.ratings.asking import CHOICE
from app.ratings.models import MOST, Rating

MAX_WORDS = 1000  # characters
CHOSEN = re.compile(rf"{CHOICE}-(\d{{1,18}})-([1-{MOST}])")


def rate(rating: Rating, stars: int, words: str | None = None) -> Rating:
    """`words` None leaves what was said before. Safe to repeat. From who was blocked since, nothing is kept.
    Raises Invalid or Conflict."""
    if not 1 <= stars <= MOST:
        raise Invalid(_("Choose one to five stars."), code="stars")
    conversation = rating.conversation.lock()
    db.session.refresh(rating, with_for_update=True)
    if not rating.is_open:
        raise Conflict(_("This was asked too long ago to be answered now."))
    said = rating.words if words is None else _cleaned(words)
    if conversation.visitor.blocked_at is not None or (rating.stars, rating.words) == (stars, said):
        return rating
    rating.stars, rating.words = stars, said
    if rating.answered_at is None:
        _tell_first(rating, conversation)
    else:
        _tell_change(rating)
    realtime.publish(f"business:{tenancy.current_business_id()}", name="ratings")
    return rating


def tapped(visitor: Visitor, content: Content) -> bool:
    """Whether what somebody tapped at a provider is their answer to our question: then it is kept, and is no
    message. It opens nothing again."""
    found = CHOSEN.fullmatch(content.id) if isinstance(content, Choice) else None
    rating = Rating.by_id(int(found[1])) if found else None
    if found is None or rating is None or rating.conversation.visitor_id != visitor.id:
        return False
    if rating.is_open:
        rate(rating, int(found[2]))
    return True


def _cleaned(words: str) -> str:
    """Raises Invalid when it is too long."""
    return services.clean(words, MAX_WORDS) if words.replace("\x00", "").strip() else ""


def _details(rating: Rating) -> dict[str, object]:
    return {"rating_id": rating.id, "stars": rating.stars, "words": rating.words}


def _tell_first(rating: Rating, conversation: Conversation) -> None:
    rating.answered_at = now()
    line = services.post(conversation, "event", "visitor", "rated", details=_details(rating))
    rating.line_id = line.id


def _tell_change(rating: Rating) -> None:
    """The line in the thread, that of the timeline, and whoever looks at them."""
    db.session.flush()
    details = _details(rating)
    line = update(Message).where(Message.id == rating.line_id)
    db.session.execute(line.values(content=details))
    activity = update(Activity).where(Activity.source_key == f"message-{rating.line_id}")
    db.session.execute(activity.values(payload=details))
    members = f"business:{tenancy.current_business_id()}"
    realtime.publish(members, name=f"changed-{rating.conversation_id}", message=rating.line_id or 0)
