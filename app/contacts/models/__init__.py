"""Who the customers are, how they are tagged, and what happened with them."""

from app.contacts.models.activities import Activity
from app.contacts.models.people import (
    KINDS,
    SURE_LINKS,
    Contact,
    ContactIdentity,
    Visitor,
    shown_name,
)
from app.contacts.models.tags import ContactTag, Tag

__all__ = [
    "KINDS",
    "SURE_LINKS",
    "Activity",
    "Contact",
    "ContactIdentity",
    "ContactTag",
    "Tag",
    "Visitor",
    "shown_name",
]
