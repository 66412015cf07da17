"""A chat to keep, in the visitor's language and the business's time: as a text, or as a page behind a link that is mailed.

The mail holds no word of the chat. A visitor is anybody, and writes what it likes to whatever address it likes: with
its words in the mail, anybody could have us send theirs to strangers.
"""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from flask import current_app
from flask_babel import format_datetime
from flask_babel import gettext as _
from itsdangerous import BadData
from sqlalchemy import select

from app.businesses.models import Business
from app.channels.models import Channel
from app.conversations import showing
from app.conversations.models import Conversation, Message, MessageFile
from app.core import tenancy, translating
from app.core.crypto import keys
from app.core.jobs import commit_step
from app.extensions import db

MOST = 2000  # messages
LINK_DAYS = 30
PURPOSE = "visitor-transcript"
OURS = ("assistant", "member")


@dataclass(frozen=True, slots=True)
class Entry:
    """One message: when and by whom in words, names of files, what was said, where it was taken from."""

    at: str
    who: str
    files: list[str]
    words: str
    sources: list[str]

    def __str__(self) -> str:
        said = [*self.files, *([self.words] if self.words else []), *self.sources]
        return "\n".join([f"{self.at} · {self.who}", *said])


def entries(conversation: Conversation, upto: int | None = None) -> list[Entry]:
    """Oldest first, up to a position."""
    zone = ZoneInfo(_business().time_zone)
    said = [
        each
        for each in conversation.newest_messages(MOST)
        if each.kind in ("incoming", "outgoing") and (upto is None or each.position <= upto)
    ]
    files = showing.files_of(said)
    return [_entry(each, files.get(each.id, []), zone) for each in said]


def written(conversation: Conversation, upto: int | None = None) -> str:
    lines = [title(), *map(str, entries(conversation, upto))]
    return "\n\n".join(lines) + "\n"


def title() -> str:
    return _("Chat with %(business)s", business=_business().name)


def has_answer(conversation: Conversation) -> bool:
    """Of ours."""
    ours = select(Message.id).where(
        Message.conversation_id == conversation.id,
        Message.kind == "outgoing",
        Message.author.in_(OURS),
    )
    return db.session.scalar(ours.limit(1)) is not None


def mail(conversation_id: int, address: str, language: str) -> None:
    """In a job. Nothing when everything was deleted meanwhile."""
    from app.core import mail as post

    key = (tenancy.current_business_id(), conversation_id)
    conversation = db.session.get(Conversation, key)
    if conversation is None or not conversation.last_text:
        return
    name = f"transcript {key[0]} {conversation_id} {conversation.position}"
    with translating.speaking(language):
        business, link = _business().name, _link(conversation, language)
        commit_step()  # no connection is held while a mail server thinks
        post.deliver(
            "transcript", address, name, sender=business, business=business, link=link, days=LINK_DAYS
        )  # fmt: skip


def behind(channel: Channel, token: str) -> tuple[Conversation, int] | None:
    """The chat of a link, and up to where; None when the link is forged or old, or everything was deleted."""
    try:
        key, number, upto = keys().signer(PURPOSE).loads(token, max_age=LINK_DAYS * 24 * 3600)
    except (BadData, ValueError, TypeError):
        return None
    found = db.session.get(Conversation, (tenancy.current_business_id(), number))
    is_there = found is not None and key == channel.public_key and found.last_text
    return (found, upto) if found is not None and is_there else None


def _link(conversation: Conversation, language: str) -> str:
    key = conversation.channel.public_key
    token = keys().signer(PURPOSE).dumps([key, conversation.id, conversation.position])
    return f"{current_app.config['PUBLIC_URL']}/w/{key}/kept/{token}?lang={language}"


def _business() -> Business:
    return db.session.get_one(Business, tenancy.current_business_id())


def _entry(message: Message, files: list[MessageFile], zone: ZoneInfo) -> Entry:
    return Entry(
        at=format_datetime(message.created_at.astimezone(zone), "medium", rebase=False),
        who=_who(message),
        files=[_("[File: %(name)s]", name=each.name) for each in files],
        words=message.says or "",
        sources=list(dict.fromkeys(each["url"] for each in message.citations if each.get("url"))),
    )


def _who(message: Message) -> str:
    if message.author == "visitor":
        return _("You")
    if message.author == "assistant":
        return _("AI assistant")
    return message.user.first_name if message.user else _("The team")
