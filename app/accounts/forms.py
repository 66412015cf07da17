"""Log-in."""

from flask_wtf import FlaskForm
from wtforms import BooleanField, PasswordField, StringField
from wtforms.validators import DataRequired, Length


def stripped(value: str | None) -> str:
    return " ".join((value or "").replace("\x00", "").split())


class LogInForm(FlaskForm):
    email = StringField(
        "E-mail", [DataRequired("Give your e-mail."), Length(max=254)], filters=[stripped]
    )
    password = PasswordField("Password", [DataRequired("Give your password."), Length(max=1000)])
    remember = BooleanField("Keep me logged in", default=True)
