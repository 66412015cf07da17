"""Opening a business: the tenant, its owner and its first channels."""

from app.accounts.models import User
from app.businesses import services as businesses
from app.businesses.models import Business
from app.channels.services import create_first_channels
from app.core.access import Role
from app.core.tenancy import business_scope


def open_business(
    name: str, owner: User | None, slug: str = "", time_zone: str = "UTC"
) -> Business:
    """Raises Conflict for a slug that is taken."""
    business = businesses.create_business(name, slug, time_zone)
    if owner is not None:
        businesses.add_member(business, owner, Role.OWNER)
    with business_scope(business.id):
        create_first_channels(business.name)
    return business
