"""A chat as plain text, in the visitor's language and the business's time."""

from zoneinfo import ZoneInfo

from flask_babel import format_datetime
from flask_babel import gettext as _

from app.businesses.models import Business
from app.conversations import showing
from app.conversations.models import Conversation, Message, MessageFile
from app.core import tenancy, translating
from app.core.jobs import commit_step
from app.extensions import db

MOST = 2000  # messages


def written(conversation: Conversation) -> str:
    business = db.session.get_one(Business, tenancy.current_business_id())
    zone = ZoneInfo(business.time_zone)
    said = [
        each for each in conversation.newest_messages(MOST) if each.kind in ("incoming", "outgoing")
    ]
    files = showing.files_of(said)
    title = _("Chat with %(business)s", business=business.name)
    lines = [_line(each, files.get(each.id, []), zone) for each in said]
    return "\n\n".join([title, *lines]) + "\n"


def _line(message: Message, files: list[MessageFile], zone: ZoneInfo) -> str:
    at = format_datetime(message.created_at.astimezone(zone), "medium", rebase=False)
    names = [_("[File: %(name)s]", name=each.name) for each in files]
    sources = list(dict.fromkeys(each["url"] for each in message.citations if each.get("url")))
    words = "\n".join([*names, *([message.says] if message.says else []), *sources])
    return f"{at} · {_who(message)}\n{words}"


def _who(message: Message) -> str:
    if message.author == "visitor":
        return _("You")
    if message.author == "assistant":
        return _("AI assistant")
    return message.user.first_name if message.user else _("The team")


def mail(conversation_id: int, address: str, language: str) -> None:
    """In a job. Nothing when everything was deleted meanwhile."""
    from app.core import mail as post

    key = (tenancy.current_business_id(), conversation_id)
    conversation = db.session.get(Conversation, key)
    if conversation is None or not conversation.last_text:
        return
    name = f"transcript {key[0]} {conversation_id} {conversation.position}"
    with translating.speaking(language):
        business = db.session.get_one(Business, key[0]).name
        text = written(conversation)
        commit_step()  # no connection is held while a mail server thinks
        post.deliver("transcript", address, name, sender=business, business=business, text=text)
