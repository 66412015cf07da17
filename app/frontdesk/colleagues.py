"""Who is called when the assistant hands over, and in which order."""

from sqlalchemy import select

from app.accounts.models import User
from app.assistant.models import AssistantSettings
from app.businesses.models import Business, Membership
from app.core import tenancy
from app.core.access import PERMISSIONS, Permission, Role
from app.extensions import db

ROLES = [role for role in Role if Permission.INBOX_REPLY in PERMISSIONS[role]]  # owner first


def who_may_answer() -> list[User]:
    """Owners, then managers, then agents, each as they came to the business."""
    members = [each for each in _members() if each.role in ROLES]
    members.sort(key=lambda each: (ROLES.index(Role(each.role)), each.id))
    return [each.user for each in members]


def in_order(first: int | None = None) -> list[User]:
    """Who is mailed, one after the other: who has the conversation, then the order of the settings, without
    one everybody."""
    able = {user.id: user for user in who_may_answer()}
    chosen = [user_id for user_id in AssistantSettings.current().hand_off_order if user_id in able]
    order = chosen or list(able)
    if first in able:
        order = [first, *(user_id for user_id in order if user_id != first)]
    return [able[user_id] for user_id in order]


def owner() -> User | None:
    return next((each.user for each in _members() if each.role == Role.OWNER), None)


def _members() -> list[Membership]:
    """Memberships are global: the business in scope is named here."""
    of_business = select(Membership).join(Membership.business)
    return list(
        db.session.scalars(
            of_business.where(Business.id == tenancy.current_business_id()).order_by(Membership.id)
        ).unique()
    )
