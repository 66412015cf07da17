"""Where Twilio fetches the pictures that it is to send."""

from flask import Blueprint, Response, abort
from itsdangerous import BadData

from app.channels.sms.pictures import PURPOSE, SECONDS
from app.core import tenancy
from app.core.access import public
from app.core.crypto import keys
from app.core.storage import File
from app.extensions import db

sms_pictures = Blueprint("sms_pictures", __name__)


@sms_pictures.get("/<token>")
@public
def show(token: str) -> Response:
    try:
        business_id, file_id, mime = keys().signer(PURPOSE).loads(token, max_age=SECONDS)
    except BadData:
        abort(404)
    tenancy.enter_scope(business_id)
    file = db.session.get(File, (business_id, file_id)) or abort(404)
    return Response(b"".join(file.parts()), mimetype=mime)
