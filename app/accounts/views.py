"""Log in, log out."""

from flask import Blueprint, Response, request, session
from flask_babel import gettext as _
from flask_login import current_user, logout_user
from werkzeug.wrappers import Response as BaseResponse

from app.accounts import services
from app.accounts.forms import LogInForm
from app.accounts.models import normal_email
from app.accounts.sessions import begin_session
from app.core import web
from app.core.access import public
from app.extensions import limiter

accounts = Blueprint("accounts", __name__)

LOG_INS = "30 per minute; 300 per hour"  # of one address: a shop's computers share it
LOG_INS_OF_ONE = "10 per 5 minutes"  # of one e-mail, whoever tries


@accounts.get("/login")
@public
def login() -> Response | BaseResponse:
    if current_user.is_authenticated:
        return web.go("pages.home")
    return web.page("accounts/login.html", form=LogInForm(), next=request.args.get("next"))


@accounts.post("/login")
@public
@limiter.limit(LOG_INS)
@limiter.limit(LOG_INS_OF_ONE, key_func=lambda: normal_email(request.form.get("email", "")))
def create_session() -> Response | BaseResponse:
    form = LogInForm()
    user = services.authenticate(form.email.data, form.password.data) if form.validate() else None
    if user is None:
        if not form.errors:
            form.form_errors.append(_("This e-mail and password don’t belong together."))
        return web.page("accounts/login.html", 422, form=form, next=request.args.get("next"))
    begin_session(user, remember=form.remember.data)
    target = web.local_target(request.args.get("next"))
    return web.go_to(target) if target else web.go("pages.home")


@accounts.post("/logout")
@public
def delete_session() -> BaseResponse:
    logout_user()
    session.clear()
    return web.go("accounts.login")
