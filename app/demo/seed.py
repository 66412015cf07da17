"""The demo business: a garden centre with its documents, its owner and the shop page's channel."""

from pathlib import Path

from app.accounts.models import User
from app.accounts.services import create_user
from app.businesses.models import Business
from app.businesses.services import add_member
from app.channels import services as channels
from app.channels.models import Channel
from app.core.access import Role
from app.core.tenancy import business_scope
from app.core.unit_of_work import unit_of_work
from app.frontdesk.opening import open_business
from app.knowledge import services as knowledge

NAME = "Willow & Thyme Garden Centre"
SLUG = "willow-and-thyme"
OWNER_NAME = "Joan Harper"
OWNER_EMAIL = "joan@willowandthyme.example.com"
OWNER_PASSWORD = "garden-centre-demo"  # noqa: S105  printed by bin/dev, and refused in production
COLOUR = "#2f6b3c"
GREETING = "Hello from Willow & Thyme! Ask me about plants, delivery, workshops or opening hours."
DOCUMENTS = Path(__file__).parent / "documents"


def run() -> Business:
    """Safe to run twice: what is there stays as it is."""
    with unit_of_work():
        business = Business.by_slug(SLUG) or _open()
        business_id = business.id
    with business_scope(business_id), unit_of_work():
        for path in sorted(DOCUMENTS.iterdir()):
            with path.open("rb") as stream:
                knowledge.add_file(stream, path.name, None)
    return business


def public_key() -> str:
    business = Business.by_slug(SLUG)
    assert business is not None, "seed the demo first"
    with business_scope(business.id):
        return Channel.of_kind("website").public_key


def _open() -> Business:
    owner = User.by_email(OWNER_EMAIL) or create_user(OWNER_NAME, OWNER_EMAIL, OWNER_PASSWORD)
    business = open_business(NAME, owner, SLUG, "Europe/London")
    add_member(business, owner, Role.OWNER)
    with business_scope(business.id):
        channels.update_website(COLOUR, [])
        channels.change_greeting(GREETING)
    return business
