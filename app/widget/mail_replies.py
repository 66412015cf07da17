"""What a visitor answers to the mail of a missed reply stands in the chat, once, as if it had been written there.

The mail's Reply-To is a signed address (notifications/addresses.py), and only the address that the mail went to may
answer. What is refused is said to that address, never to the sender's. A machine's mail gets no answer, and so many
from one conversation in a day are no person's.
"""

import logging
from contextlib import suppress
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select
from werkzeug.datastructures import FileStorage

from app.accounts.models import normal_email
from app.businesses.models import Business
from app.channels.email import members
from app.channels.website import WebsiteSettings
from app.conversations import speech, visitor_files
from app.conversations.models import Conversation, Message
from app.conversations.uploads import Upload
from app.core import mail, tenancy, unit_of_work
from app.core.db import now
from app.core.errors import FrontdeskError, Invalid
from app.core.translating import speaking
from app.extensions import db
from app.frontdesk import services as frontdesk
from app.notifications import addresses, replying
from app.notifications.addresses import Ticket
from app.widget import links

logger = logging.getLogger(__name__)

MOST_A_DAY = 20


@members.taken_by
def keep(raw: bytes, to: list[str]) -> bool:
    ticket = addresses.ticket_in(to)
    if ticket is None or ticket.kind != addresses.VISITOR:
        return False
    replying.store(raw, ticket, "widget.take_mail_reply")
    return True


def take(file_id: int, ticket: Ticket) -> None:
    """The job. Safe to repeat: a mail is known by its Message-ID."""
    from app.channels.email.letters import Letter

    file = replying.stored(file_id)
    if file is None:
        return
    letter = Letter(b"".join(file.parts()))
    if not replying.is_by_machine(letter):
        _answer(letter, ticket)
    replying.drop(file_id)


def give_up(file_id: int, ticket: dict[str, Any], _reason: str) -> None:
    """The job failed for good."""
    conversation = replying.locked(ticket["conversation_id"])
    address = links.address_of(conversation.visitor) if conversation else None
    if conversation is not None and address is not None:
        with speech.to(conversation):
            why = _("Something on our side went wrong.")
        _say(conversation, address, f"given up {file_id}", why)
    replying.drop(file_id)


def came_last(conversation: Conversation) -> bool:
    """The visitor's newest words came by mail: whoever answers them is answered there too."""
    newest = select(Message.client_key).where(
        Message.conversation_id == conversation.id, Message.kind == "incoming"
    )
    key = db.session.scalar(newest.order_by(Message.position.desc()).limit(1))
    return (key or "").startswith(replying.BY_MAIL)


def _answer(letter: Any, ticket: Ticket) -> None:
    """What is refused leaves nothing behind."""
    conversation = replying.locked(ticket.conversation_id)
    address = links.address_of(conversation.visitor) if conversation else None
    if conversation is None or address is None or _is_too_often(conversation):
        logger.info("an answer to a missed reply is left: nobody may write there")
        return
    try:
        with speech.to(conversation):
            _check(letter, ticket, address)
            frontdesk.receive_mailed(
                conversation, *_written(letter, conversation), replying.key_of(letter)
            )
    except FrontdeskError as refusal:
        unit_of_work.rollback()
        _say(replying.locked(ticket.conversation_id), address, letter.id, refusal.message)


def _check(letter: Any, ticket: Ticket, address: str) -> None:
    """Raises Invalid."""
    if normal_email(replying.sender_of(letter)) != normal_email(address):
        raise Invalid(_("It came from another address than the one that we wrote to."))
    if ticket.has_expired:
        raise Invalid(_("An e-mail can be answered for %(days)s days.", days=addresses.DAYS))


def _written(letter: Any, conversation: Conversation) -> tuple[str, list[Upload]]:
    """Raises Invalid when there is nothing."""
    words, files = replying.own_words(letter.words), list[Upload]()
    if WebsiteSettings.of(conversation.channel).files:
        for each in letter.attachments()[: replying.MOST_FILES]:
            with suppress(Invalid):  # a logo, a calendar file
                files.append(
                    visitor_files.look_at(FileStorage(BytesIO(each.body), filename=each.name))
                )
    if not words and not files:
        raise Invalid(_("Write something first."))
    return words, files


def _is_too_often(conversation: Conversation) -> bool:
    today = select(func.count()).where(
        Message.conversation_id == conversation.id,
        Message.kind == "incoming",
        Message.client_key.startswith(replying.BY_MAIL),
        Message.created_at > now() - timedelta(days=1),
    )
    return (db.session.scalar(today) or 0) >= MOST_A_DAY


def _say(conversation: Conversation | None, address: str, letter_id: str, why: str) -> None:
    if conversation is None:
        return
    language = speech.language_of(conversation)
    business = db.session.get_one(Business, tenancy.current_business_id()).name
    digest = sha256(f"{letter_id} {why}".encode()).hexdigest()[:40]
    with speaking(language):
        link = links.make(conversation.channel, conversation.visitor, language)
    mail.send(
        "chat_reply_refused", address, language=language, key=f"chat-reply-refused {digest}",
        business=business, why=why, link=link,
    )  # fmt: skip
