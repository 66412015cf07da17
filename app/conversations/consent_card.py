"""What may be written to a person, beside a conversation: as it stands, and how it came to be."""

from dataclasses import dataclass

from flask_babel import gettext as _

from app.accounts.models import User
from app.channels import consents
from app.channels.models import Consent, VisitorAddress
from app.contacts.models import Visitor
from app.conversations.models import Conversation
from app.extensions import db

MOST = 20  # of the history


@dataclass(frozen=True, slots=True)
class Card:
    visitor: Visitor
    marketing: Consent | None
    contact: Consent | None  # at all
    history: list[Consent]
    blocker: User | None

    @property
    def is_out(self) -> bool:
        return self.contact is not None and self.contact.state == "out"

    @property
    def says(self) -> tuple[str, str]:
        """In words, with a colour's name."""
        if self.is_out:
            return _("Do not contact"), "red"
        if self.marketing is None:
            return _("Answers only"), "neutral"
        is_in = self.marketing.state == "in"
        return (_("Offers and news"), "green") if is_in else (_("No offers and news"), "amber")


def of(conversation: Conversation) -> Card | None:
    """None on the website: nobody is written to there later."""
    if conversation.channel.is_own:
        return None
    kind, visitor = conversation.channel.kind, conversation.visitor
    addresses = VisitorAddress.of_visitor(visitor.id)
    history = Consent.history(kind, [consents.key_of(each) for each in addresses], MOST)
    blocker = db.session.get(User, visitor.blocked_by) if visitor.blocked_by else None
    return Card(
        visitor,
        consents.current(kind, addresses, "marketing") if history else None,
        consents.current(kind, addresses, "all") if history else None,
        history,
        blocker,
    )
