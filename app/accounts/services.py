"""Passwords and sign-up."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask_babel import gettext as _
from sqlalchemy.dialects.postgresql import insert

from app.accounts.models import User, normal_email
from app.core.errors import Conflict
from app.core.threads import in_thread
from app.extensions import db

# RFC 9106's second recommendation cut to 19 MiB (OWASP's first): several log-ins fit on a small dyno.
hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
UNKNOWN = hasher.hash("nobody has this password")


def create_user(name: str, email: str, password: str) -> User:
    """Raises Conflict when the e-mail has an account, also when two sign up at the same moment."""
    statement = (
        insert(User)
        .values(name=name.strip(), email=normal_email(email), password_hash=hash_password(password))
        .on_conflict_do_nothing(index_elements=["email"])
        .returning(User)
    )
    user = db.session.scalar(statement)
    if user is None:
        raise Conflict(_("This e-mail already has an account. Log in instead."), code="email_taken")
    return user


def authenticate(email: str, password: str) -> User | None:
    """Takes as long for an unknown e-mail as for a wrong password, so that neither can be told."""
    user = User.by_email(email)
    matches = _matches(user.password_hash if user else UNKNOWN, password)
    if user is None or not matches:
        return None
    if hasher.check_needs_rehash(user.password_hash):
        user.password_hash = hash_password(password)
    return user


def hash_password(password: str) -> str:
    return in_thread(hasher.hash, password)


def _matches(password_hash: str, password: str) -> bool:
    try:
        return in_thread(hasher.verify, password_hash, password)
    except (VerificationError, InvalidHashError):
        return False
