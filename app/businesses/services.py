"""Making a business and giving people a place in it."""

import re
import secrets
import unicodedata

from app.accounts.models import User
from app.businesses.models import Business, Membership
from app.core.access import Role
from app.core.errors import Conflict, Invalid
from app.extensions import db

MAX_SLUG = 40  # characters; it stands in every URL


def create_business(name: str, slug: str = "", time_zone: str = "UTC") -> Business:
    """Raises Conflict for a slug that is taken; without one, a free slug is made from the name."""
    if slug and slugify(slug) != slug:
        raise Invalid(f"“{slug}” can't be an address: use small letters, digits and hyphens.")
    if slug and Business.by_slug(slug):
        raise Conflict(f"The address “{slug}” is taken.")
    business = Business(slug=slug or _free_slug(name), name=name.strip(), time_zone=time_zone)
    db.session.add(business)
    db.session.flush()
    return business


def add_member(business: Business, user: User, role: str) -> Membership:
    """Safe to call twice: the role is set to what is asked."""
    membership = Membership.of(user.id, business.slug)
    if membership is None:
        membership = Membership(business_id=business.id, user_id=user.id)
        db.session.add(membership)
    membership.role = Role(role)
    db.session.flush()
    return membership


def slugify(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:MAX_SLUG].strip("-")


def _free_slug(name: str) -> str:
    wanted = slugify(name) or "business"
    slug = wanted
    while Business.by_slug(slug):
        slug = f"{wanted[: MAX_SLUG - 5]}-{secrets.token_hex(2)}"
    return slug
