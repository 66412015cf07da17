"""A local Twilio for its real client: accounts with numbers and messaging services, text messages and pictures, signed
webhooks; it refuses what Twilio refuses (shared facts: section 3.2 of the providers' sheet), and what it doesn't know.

Webhooks aren't posted: they wait in `hooks`, for a test to post them in whatever order it likes.
"""

from tests.standins.twilio.server import running
from tests.standins.twilio.things import Account, Hook, Number, Sent
from tests.standins.twilio.twilio import Twilio

__all__ = ["Account", "Hook", "Number", "Sent", "Twilio", "running"]
