"""Making a business and giving people a place in it."""

import re
import secrets
import unicodedata

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy.dialects.postgresql import insert

from app.accounts.models import User
from app.businesses.models import Business, Membership
from app.core import tenancy
from app.core.access import Role
from app.core.errors import Conflict, Invalid
from app.extensions import db
from app.lib.dates import time_zones

LEAST_SURE, MOST_SURE = 0.05, 0.95  # beyond it answers everything, or nothing
MAX_SLUG = 40  # characters; it stands in every URL
MAX_NAME = 80


def create_business(name: str, slug: str = "", time_zone: str = "UTC") -> Business:
    """Raises Conflict for a slug that is taken; without one, a free slug is made from the name."""
    if slug and slugify(slug) != slug:
        raise Invalid(
            _("“%(slug)s” can't be an address: use small letters, digits and hyphens.", slug=slug)
        )
    if time_zone not in time_zones():
        raise Invalid(
            _("“%(time_zone)s” is no time zone; one is Europe/London.", time_zone=time_zone)
        )
    wanted = slug or slugify(name) or "business"
    business = _insert(name, wanted, time_zone)
    while business is None:
        if slug:
            raise Conflict(_("The address “%(slug)s” is taken.", slug=slug))
        business = _insert(name, f"{wanted[: MAX_SLUG - 7]}-{secrets.token_hex(3)}", time_zone)
    return business


def _insert(name: str, slug: str, time_zone: str) -> Business | None:
    """None when the slug is taken, also by somebody at the same moment."""
    return db.session.scalar(
        insert(Business)
        .values(
            name=name.strip(),
            slug=slug,
            time_zone=time_zone,
            embedding_model=current_app.config["EMBEDDING_MODEL"],
        )
        .on_conflict_do_nothing(index_elements=["slug"])
        .returning(Business)
    )


def add_member(business: Business, user: User, role: str) -> Membership:
    """Safe to call twice: the role is set to what is asked."""
    membership = Membership.of(user.id, business.slug)
    if membership is None:
        membership = Membership(business_id=business.id, user_id=user.id)
        db.session.add(membership)
    membership.role = Role(role)
    db.session.flush()
    return membership


def rename(name: str) -> None:
    """The business in scope. Its address in URLs stays. Raises Invalid."""
    name = " ".join(name.replace("\x00", "").split())
    if not 0 < len(name) <= MAX_NAME:
        raise Invalid(_("A name has 1 to %(most)s characters.", most=MAX_NAME), code="name")
    db.session.get_one(Business, tenancy.current_business_id()).name = name


def change_answer_from(business: Business, answer_from: float | None) -> None:
    """How sure the assistant must be before it answers; None: as we advise. Raises Invalid."""
    if answer_from is not None and not LEAST_SURE <= answer_from <= MOST_SURE:
        raise Invalid(
            _(
                "Choose between %(least_sure)s and %(most_sure)s.",
                least_sure=f"{LEAST_SURE:.0%}",
                most_sure=f"{MOST_SURE:.0%}",
            ).replace("%", " %"),
            code="range",
        )
    business.answer_from = answer_from
    db.session.flush()


def slugify(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:MAX_SLUG].strip("-")
