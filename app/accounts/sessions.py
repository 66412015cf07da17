"""A browser's session."""

from flask import session
from flask_login import login_user

from app.accounts.models import User


def begin_session(user: User, *, remember: bool) -> None:
    """A session of its own, so that one planted before the log-in is worth nothing."""
    session.clear()
    session.permanent = True
    login_user(user, remember=remember)
