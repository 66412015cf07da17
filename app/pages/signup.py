"""Sign-up: an account, its business and the business's first channels in one step."""

from flask import Blueprint, Response
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse
from wtforms import PasswordField, StringField
from wtforms.validators import DataRequired, Email, Length

from app.accounts import services as accounts
from app.accounts.forms import stripped
from app.accounts.sessions import begin_session
from app.core import web
from app.core.access import public
from app.core.errors import Conflict
from app.extensions import limiter
from app.frontdesk.opening import open_business

signup = Blueprint("signup", __name__)

MIN_PASSWORD = 10  # characters; length beats rules (NIST 800-63B)
MAX_PASSWORD = 200  # hashing reads all of it
SIGN_UPS = "20 per hour"  # of one address


class SignUpForm(FlaskForm):
    name = StringField(
        _l("Your name"),
        [DataRequired(_l("Tell us your name.")), Length(max=80)],
        filters=[stripped],
    )
    email = StringField(
        _l("E-mail"),
        [
            DataRequired(_l("Give your e-mail.")),
            Length(max=254),
            Email(_l("This doesn’t look like an e-mail.")),
        ],
        filters=[stripped],
    )
    password = PasswordField(
        _l("Password"),
        [
            DataRequired(_l("Choose a password.")),
            Length(
                MIN_PASSWORD,
                MAX_PASSWORD,
                _l(
                    "Use between %(min_password)s and %(most)s characters.",
                    min_password=MIN_PASSWORD,
                    most=MAX_PASSWORD,
                ),
            ),
        ],
        description=_l(
            "At least %(min_password)s characters. A short sentence is easy to remember.",
            min_password=MIN_PASSWORD,
        ),
    )
    business_name = StringField(
        _l("Business name"),
        [DataRequired(_l("Tell us your business’s name.")), Length(max=80)],
        filters=[stripped],
        description=_l("Your customers see it at the top of the chat."),
    )


@signup.get("/signup")
@public
def form() -> Response | BaseResponse:
    if current_user.is_authenticated:
        return web.go("pages.home")
    return web.page("pages/signup.html", form=SignUpForm())


@signup.post("/signup")
@public
@limiter.limit(SIGN_UPS)
def create_account() -> Response | BaseResponse:
    form = SignUpForm()
    if not form.validate():
        return web.page("pages/signup.html", 422, form=form)
    try:
        user = accounts.create_user(form.name.data, form.email.data, form.password.data)
    except Conflict as conflict:
        form.email.errors = [conflict.message]
        return web.page("pages/signup.html", 422, form=form)
    business = open_business(form.business_name.data, user)
    begin_session(user, remember=True)
    return web.go("dashboard.start", business_slug=business.slug)
