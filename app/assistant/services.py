"""What members think of the assistant's answers."""

from app.accounts.models import User
from app.assistant import gaps
from app.assistant.models import Answer
from app.core.db import now
from app.core.errors import Invalid

RATINGS = ("up", "down")
MAX_REASON_CHARACTERS = 500


def rate(answer: Answer, by: User, rating: str, reason: str = "") -> None:
    """The newest opinion counts. Raises Invalid."""
    reason = reason.replace("\x00", "").strip()
    if rating not in RATINGS:
        raise Invalid("Choose whether the answer was right or wrong.", code="rating")
    if len(reason) > MAX_REASON_CHARACTERS:
        raise Invalid(f"A reason may have {MAX_REASON_CHARACTERS} characters.", code="too_long")
    answer.rating, answer.rating_reason = rating, reason or None
    answer.rated_by, answer.rated_at = by.id, now()
    gaps.look_into(answer)
