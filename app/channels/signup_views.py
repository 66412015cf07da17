"""Connecting WhatsApp by Meta's sign-in, where the deployment has an app of its own (Embedded Signup).

Facebook's script is loaded on this page alone, and only when the button is pressed. What the browser brings
back is checked by the worker with the token that Meta gives for it.
"""

from flask import Blueprint, Response, abort, current_app, g
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse
from wtforms import BooleanField, HiddenField, PasswordField
from wtforms.validators import Length, Optional, Regexp

from app.channels import connecting
from app.channels.models import ConnectAttempt
from app.core import web
from app.core.access import Permission, requires
from app.extensions import limiter

whatsapp_signup = Blueprint("whatsapp_signup", __name__)

TRIES = "20 per hour"
SDK = "https://connect.facebook.net"
FACEBOOK = "https://www.facebook.com https://web.facebook.com"
POLICY = (
    "default-src 'self'; script-src 'self' 'nonce-{nonce}' " + SDK + "; style-src 'self'; "
    "img-src 'self' data: https://www.facebook.com; font-src 'self'; "
    "connect-src 'self' https://graph.facebook.com "
    + FACEBOOK
    + "; frame-src 'self' "
    + FACEBOOK
    + "; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
ID = Regexp(
    r"[0-9]{1,20}\Z", message=_l("Meta’s sign-in brought something odd. Press the button again.")
)


class SignupForm(FlaskForm):
    code = HiddenField(validators=[Length(max=2000)])
    phone_number_id = HiddenField(validators=[Optional(), ID])
    waba_id = HiddenField(validators=[Optional(), ID])
    attempt = HiddenField(validators=[Optional(), ID])
    is_coexistence = BooleanField(_l("Keep using the WhatsApp Business app on my phone, too"))
    pin = PasswordField(
        _l("Two-step PIN"),
        [Optional(), Regexp(r"[0-9]{6}\Z", message=_l("A PIN has six digits."))],
        description=_l("Only if the number has one already."),
    )


def is_offered() -> bool:
    config = current_app.config
    needed = ("META_APP_ID", "META_APP_SECRET", "META_VERIFY_TOKEN", "META_SIGNUP_CONFIG_ID")
    return all(config[name] for name in needed)


@whatsapp_signup.get("/")
@requires(Permission.SETTINGS_WRITE)
def show() -> Response:
    _offered()
    return page(SignupForm(formdata=None))


@whatsapp_signup.post("/")
@requires(Permission.SETTINGS_WRITE)
@limiter.limit(TRIES, key_func=lambda: f"business-{g.business.id}")
def connect() -> Response | BaseResponse:
    _offered()
    form = SignupForm()
    kept = _kept(int(form.attempt.data or 0))
    if not form.validate():
        return page(form, 422)
    if not form.code.data and "kept_token" not in kept:
        form.form_errors.append(_("Meta’s sign-in brought nothing. Press the button again."))
        return page(form, 422)
    typed = {
        "app": "ours",
        "code": form.code.data or "",
        "phone_number_id": form.phone_number_id.data or kept.get("phone_number_id", ""),
        "waba_id": form.waba_id.data or kept.get("waba_id", ""),
        "pin": form.pin.data or "",
    }
    if not typed["code"]:
        typed["kept_token"] = kept["kept_token"]
    asked = connecting.ask("whatsapp", typed, current_user.id)
    return web.go("channels.attempt", attempt_id=asked.id)


def refused_page(found: ConnectAttempt) -> Response:
    form = SignupForm(formdata=None)
    for name, words in found.problems.items():
        if name in form:
            form[name].errors = [words]
        else:
            form.form_errors.append(words)
    form.attempt.data = str(found.id)
    return page(form, needs_pin="kept_token" in found.values)


def page(form: SignupForm, status: int = 200, *, needs_pin: bool = False) -> Response:
    config = current_app.config
    response = web.page(
        "channels/signup.html", status,
        form=form,
        needs_pin=needs_pin,
        sdk=f"{SDK}/en_US/sdk.js",
        app_id=config["META_APP_ID"],
        config_id=config["META_SIGNUP_CONFIG_ID"],
        version=config["GRAPH_VERSION"],
    )  # fmt: skip
    response.headers["Content-Security-Policy"] = POLICY.format(nonce=web.csp_nonce())
    return response


def _offered() -> None:
    if not is_offered():
        abort(404)


def _kept(attempt_id: int) -> dict[str, str]:
    """Of the try before, which wanted a PIN."""
    before = ConnectAttempt.by_id(attempt_id)
    is_ours = before is not None and before.values.get("app") == "ours"
    return before.values if before is not None and is_ours else {}
