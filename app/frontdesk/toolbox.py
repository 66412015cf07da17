"""Every module that registers tools, so that whoever answers knows them all. A domain adds its line here."""

import app.businesses.tools
import app.conversations.tools
import app.frontdesk.tools
import app.knowledge.tools  # noqa: F401
from app.core.tools import Grant

# What the assistant may do in a customer's conversation.
CUSTOMER = frozenset(Grant)
