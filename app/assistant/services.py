"""What members and visitors think of the assistant's answers."""

from uuid import UUID

from flask_babel import gettext as _

from app.accounts.models import User
from app.assistant import gaps
from app.assistant.analysis import services as analysis
from app.assistant.models import Answer
from app.channels.models import Channel
from app.conversations.models import Message
from app.core import realtime, tenancy
from app.core.db import now
from app.core.errors import FrontdeskError, Invalid
from app.extensions import db

RATINGS = ("up", "down")
MAX_REASON_CHARACTERS = 500
MAX_ID = 2**63 - 1


class NothingToRate(FrontdeskError):
    status = 404
    code = "nothing_to_rate"


def rate(answer: Answer, by: User, rating: str, reason: str = "") -> None:
    """A member's opinion; the newest counts. Raises Invalid."""
    if rating not in RATINGS:
        raise Invalid(_("Choose whether the answer was right or wrong."), code="rating")
    answer.rating, answer.rating_reason = rating, _clean(reason) or None
    answer.rated_by, answer.rated_at = by.id, now()
    _announce(answer)


def answer_to(channel: Channel, visitor_uuid: UUID, message_id: int) -> Answer:
    """An answer of the assistant that this visitor was given, on this website. Raises NothingToRate for
    everything else: small talk, a person's words, somebody else's conversation, the owner's preview."""
    key = (tenancy.current_business_id(), min(message_id, MAX_ID))
    message = db.session.get(Message, key)
    answer = Answer.of_message(message.id) if message else None
    if message is None or answer is None or message.author != "assistant":
        raise NothingToRate(_("There is no answer here to rate."))
    conversation = message.conversation
    is_theirs = conversation.channel_id == channel.id and conversation.visitor.uuid == visitor_uuid
    if not is_theirs or conversation.is_preview:
        raise NothingToRate(_("There is no answer here to rate."))
    return answer


def rate_as_visitor(answer: Answer, rating: str | None, reason: str = "") -> None:
    """The newest opinion counts, None takes it back. Only a bad one has a reason. Raises Invalid."""
    if rating is not None and rating not in RATINGS:
        raise Invalid(_("Choose whether the answer helped."), code="rating")
    reason = _clean(reason)
    answer.visitor_rating = rating
    answer.visitor_reason = (reason or None) if rating == "down" else None
    answer.visitor_rated_at = now()
    _announce(answer)


def _clean(reason: str) -> str:
    reason = "".join(c for c in reason if c == "\n" or c.isprintable()).strip()
    if len(reason) > MAX_REASON_CHARACTERS:
        raise Invalid(
            _("A reason may have %(most)s characters.", most=MAX_REASON_CHARACTERS), code="too_long"
        )
    return reason


def _announce(answer: Answer) -> None:
    """To members: the receipt shows it, and the conversation in the inbox. A bad one may be a gap."""
    gaps.look_into(answer)
    members = f"business:{tenancy.current_business_id()}"
    message = db.session.get_one(Message, (tenancy.current_business_id(), answer.message_id))
    realtime.publish(members, name=f"answer-{answer.message_id}")
    realtime.publish(members, name=f"opinions-{message.conversation_id}")
    analysis.look_into(message.conversation_id)
