"""A picture that goes out: Twilio fetches it by itself, from an address that only we can make and that ends."""

from flask import current_app

from app.channels.border import SendFailed
from app.channels.content import Media
from app.core import tenancy
from app.core.crypto import keys
from app.lib.marking import kept

PATH = "/hooks/sms-pictures"
PURPOSE = "sms-picture"
SECONDS = 6 * 3600  # Twilio keeps what waits for up to four hours


def url_of(media: Media) -> str:
    if media.file_id is None:
        raise SendFailed(
            "permanent", kept("The picture is no longer there."), next_step=kept("Attach it again.")
        )
    token = keys().signer(PURPOSE).dumps([tenancy.current_business_id(), media.file_id, media.mime])
    return f"{current_app.config['PUBLIC_URL']}{PATH}/{token}"
