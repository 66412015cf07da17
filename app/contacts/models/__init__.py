"""Who the customers are, how they are tagged, and what happened with them."""

from app.contacts.models.activities import Activity
from app.contacts.models.companies import Company
from app.contacts.models.fields import FIELD_KINDS, ContactField
from app.contacts.models.merges import ContactMerge
from app.contacts.models.notes import ContactFile, ContactNote
from app.contacts.models.people import KINDS, Contact, ContactIdentity, Visitor
from app.contacts.models.tags import ContactTag, Tag

__all__ = [
    "FIELD_KINDS",
    "KINDS",
    "Activity",
    "Company",
    "Contact",
    "ContactField",
    "ContactFile",
    "ContactIdentity",
    "ContactMerge",
    "ContactNote",
    "ContactTag",
    "Tag",
    "Visitor",
]
