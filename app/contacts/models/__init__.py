"""Who the customers are, how they are tagged, and what happened with them."""

from app.contacts.models.activities import Activity
from app.contacts.models.people import KINDS, Contact, ContactIdentity, Visitor
from app.contacts.models.tags import ContactTag, Tag

__all__ = [
    "KINDS",
    "Activity",
    "Contact",
    "ContactIdentity",
    "ContactTag",
    "Tag",
    "Visitor",
]
