"""How customers find and reach the business in scope."""

import re

from flask_babel import gettext as _
from sqlalchemy.dialects.postgresql import insert

from app.businesses.models import Business, BusinessProfile
from app.core import tenancy
from app.core.errors import Invalid
from app.extensions import db
from app.lib import phones

MAX_ADDRESS = 300  # characters
MAX_PHONE = 40
MAX_DIRECTIONS = 2000
_PHONE = re.compile(r"\+?[\d\s()/.–-]+(?:\s?(?:ext|x)\.?\s?\d{1,6})?", re.I)


def change(address: str, phone: str, email: str, directions: str) -> BusinessProfile:
    """Empty fields are not said. Raises Invalid."""
    fields = {
        "address": _lines(address, MAX_ADDRESS, _("The address")),
        "phone": clean_phone(phone),
        "email": clean_email(email),
        "directions": _lines(directions, MAX_DIRECTIONS, _("How to find you")),
    }
    statement = insert(BusinessProfile).values(**fields)
    db.session.execute(statement.on_conflict_do_update(index_elements=["business_id"], set_=fields))
    return BusinessProfile.current()


def home_country() -> str | None:
    """Where a telephone number without a country code is meant; None when that can't be known."""
    business = db.session.get_one(Business, tenancy.current_business_id())
    return phones.home_of(BusinessProfile.current().phone, business.time_zone)


def clean_phone(phone: str) -> str:
    """As it is typed, since that is how people read it out. Raises Invalid."""
    phone = " ".join(phone.split())
    digits = sum(each.isdigit() for each in phone)
    if phone and (len(phone) > MAX_PHONE or not _PHONE.fullmatch(phone) or not 5 <= digits <= 20):
        raise Invalid(_("This is no telephone number. One is +44 20 7946 0018."), code="phone")
    return phone


def clean_email(email: str) -> str:
    """Raises Invalid."""
    from email_validator import EmailNotValidError, validate_email

    email = email.strip()
    if not email:
        return ""
    try:
        return validate_email(email, check_deliverability=False).normalized
    except EmailNotValidError as problem:
        raise Invalid(
            _("This is no e-mail address. One is hello@example.com."), code="email"
        ) from problem


def _lines(text: str, limit: int, what: str) -> str:
    lines = (" ".join(line.split()) for line in text.replace("\x00", "").splitlines())
    kept = "\n".join(line for line in lines if line)
    if len(kept) > limit:
        raise Invalid(
            _("%(what)s may have %(limit)s characters.", what=what, limit=f"{limit:,}"),
            code="too_long",
        )
    return kept
