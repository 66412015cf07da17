"""Who a visitor is: a random id in a signed token that the frame keeps. No row stands behind it until the
first message."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from flask_babel import gettext as _
from itsdangerous import BadData, SignatureExpired

from app.channels.models import Channel
from app.contacts.models import Visitor
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
    uuid: UUID

    def told(self) -> dict[str, Any]:
        """As the frame takes it. One of an identified person is not kept on the device: the page says at each
        visit who is there."""
        return {
            "token": self.text,
            "expires_at": self.expires_at.isoformat(),
            "identified": is_identified(self.uuid),
            "who": hashlib.sha256(self.uuid.bytes).hexdigest()[
                :12
            ],  # the same for the same visitor
        }


def is_identified(uuid: UUID) -> bool:
    """The site's owner has signed who it is (app/widget/identity.py); others have a random id."""
    return uuid.version == 5


def keep_language(visitor: Visitor, language: str) -> None:
    """For what is said to it later, when it isn't there to tell."""
    if visitor.language != language:
        visitor.language = language


def issue(channel: Channel, uuid: UUID | None = None) -> Token:
    """A token for this visitor, or for a new one."""
    uuid = uuid or uuid4()
    text = keys().signer(PURPOSE).dumps([channel.public_key, str(uuid)])
    return Token(text, now() + timedelta(days=TOKEN_DAYS), uuid)


def identify(channel: Channel, token: str) -> UUID:
    """Raises NotKnown for a token that is forged, of another channel (token_invalid) or too old
    (token_expired)."""
    return named_in(token, channel.public_key)


def named_in(token: str, public_key: str) -> UUID:
    """As identify(), before the channel was looked for."""
    try:
        key, uuid = keys().signer(PURPOSE).loads(token, max_age=TOKEN_DAYS * 24 * 3600)
    except SignatureExpired as error:
        message = _("Your last visit was long ago, so this chat starts anew.")
        raise NotKnown(message, code="token_expired") from error
    except (BadData, ValueError, TypeError) as error:
        raise NotKnown(_("This chat doesn’t know you any more. Please reload it.")) from error
    if key != public_key:
        raise NotKnown(_("This chat doesn’t know you any more. Please reload it."))
    return UUID(uuid)
