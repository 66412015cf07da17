"""A member, or later a flow, sends an approved template in a conversation."""

from collections.abc import Mapping

from flask_babel import gettext as _

from app.accounts.models import User
from app.channels import consents
from app.channels.message_templates import filling
from app.channels.models import MessageTemplate, VisitorAddress
from app.conversations import services
from app.conversations.models import Conversation, Message
from app.core.errors import Invalid


def offered(conversation: Conversation) -> list[MessageTemplate]:
    """What can be sent here now."""
    return filling.approved_for(conversation.channel)


def stopped(conversation: Conversation, template: MessageTemplate) -> str | None:
    """Why the customer mustn't get it, in plain words; asked again when it goes out."""
    addresses = VisitorAddress.of_visitor(conversation.visitor_id)
    category = filling.category_of(template)
    return consents.refusal(conversation.channel.kind, addresses, category)


def send(
    conversation: Conversation,
    by: User,
    template: MessageTemplate,
    values: Mapping[str, str],
    client_key: str,
) -> Message:
    """Once per client key. What isn't among the values is filled in as far as it is known. Raises Invalid, whose
    code is the variable's name."""
    if template.account_id != conversation.channel.settings.get("waba_id"):
        raise Invalid(
            _("This template is another number’s. Choose one of this one’s."), code="template"
        )
    made = filling.fill(template, values, conversation.visitor)
    return services.reply(conversation, by, "", client_key, content=made)
