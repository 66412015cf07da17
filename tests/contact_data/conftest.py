"""A member's pages of contacts, and visitors of the shop."""

from tests.contacts.conftest import guest, member, owner, records

__all__ = ["guest", "member", "owner", "records"]
