"""Who a visitor is: a random id in a signed token that the frame keeps. No row stands behind it until the
first message."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from itsdangerous import BadData, SignatureExpired

from app.channels.models import Channel
from app.core.crypto import keys
from app.core.db import now
from app.core.errors import FrontdeskError

PURPOSE = "visitor"
TOKEN_DAYS = 90  # since the last visit: the frame renews it


class NotKnown(FrontdeskError):
    status = 401
    code = "token_invalid"


@dataclass(frozen=True, slots=True)
class Token:
    text: str
    expires_at: datetime


def issue(channel: Channel, uuid: UUID | None = None) -> Token:
    """A token for this visitor, or for a new one."""
    text = keys().signer(PURPOSE).dumps([channel.public_key, str(uuid or uuid4())])
    return Token(text, now() + timedelta(days=TOKEN_DAYS))


def identify(channel: Channel, token: str) -> UUID:
    """Raises NotKnown for a token that is forged, of another channel (token_invalid) or too old
    (token_expired)."""
    try:
        key, uuid = keys().signer(PURPOSE).loads(token, max_age=TOKEN_DAYS * 24 * 3600)
    except SignatureExpired as error:
        message = "Your last visit was long ago, so this chat starts anew."
        raise NotKnown(message, code="token_expired") from error
    except (BadData, ValueError, TypeError) as error:
        raise NotKnown("This chat doesn't know you any more. Please reload it.") from error
    if key != channel.public_key:
        raise NotKnown("This chat doesn't know you any more. Please reload it.")
    return UUID(uuid)
