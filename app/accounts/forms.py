"""Log-in."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, PasswordField, StringField
from wtforms.validators import DataRequired, Length


def stripped(value: str | None) -> str:
    return " ".join((value or "").replace("\x00", "").split())


class LogInForm(FlaskForm):
    email = StringField(
        _l("E-mail"), [DataRequired(_l("Give your e-mail.")), Length(max=254)], filters=[stripped]
    )
    password = PasswordField(
        _l("Password"), [DataRequired(_l("Give your password.")), Length(max=1000)]
    )
    remember = BooleanField(_l("Keep me logged in"), default=True)
