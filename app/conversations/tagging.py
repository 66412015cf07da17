"""Tags on a conversation, out of the business's one list."""

from flask_babel import gettext as _
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from app.accounts.models import User
from app.contacts import tagging as names
from app.contacts import tags
from app.contacts.models import Tag
from app.conversations import services
from app.conversations.models import Conversation, ConversationTag
from app.core.errors import Invalid
from app.extensions import db

MOST = 20  # on one conversation


def add(conversation: Conversation, by: User | None, tag: str | int) -> None:
    """By its id, or by its name, which may be new. Safe to repeat. Raises Invalid."""
    conversation.lock()
    found = names.find_or_make(tag) if isinstance(tag, str) else tags.by_id(tag)
    if found is None:
        raise Invalid(_("This tag was deleted. Choose another."), code="tag")
    put = insert(ConversationTag).values(
        conversation_id=conversation.id, tag_id=found.id, user_id=by.id if by else None
    )
    once = put.on_conflict_do_nothing().returning(ConversationTag.tag_id)
    if db.session.scalar(once) is None:
        return
    if _count(conversation) > MOST:
        raise Invalid(
            _("A conversation may have %(most)s tags. Take one away first.", most=MOST), code="tag"
        )
    _tell(conversation, by, "tagged", found)


def remove(conversation: Conversation, by: User | None, tag: str | int) -> None:
    """Safe to repeat."""
    conversation.lock()
    found = names.find(tag) if isinstance(tag, str) else tags.by_id(tag)
    if found is None:
        return
    gone = delete(ConversationTag).where(
        ConversationTag.conversation_id == conversation.id, ConversationTag.tag_id == found.id
    )
    if db.session.scalar(gone.returning(ConversationTag.tag_id)) is not None:
        _tell(conversation, by, "untagged", found)


def clean(name: str) -> str:
    """Raises Invalid."""
    return names.clean(name)


def of(conversation_id: int) -> list[Tag]:
    """By name."""
    of_this = select(Tag).join(ConversationTag, ConversationTag.tag_id == Tag.id)
    query = of_this.where(ConversationTag.conversation_id == conversation_id)
    return list(db.session.scalars(query.order_by(Tag.name_key)))


def _count(conversation: Conversation) -> int:
    counted = select(func.count()).where(ConversationTag.conversation_id == conversation.id)
    return db.session.scalar(counted) or 0


def _tell(conversation: Conversation, by: User | None, event: str, tag: Tag) -> None:
    services.post(
        conversation, "event", services.actor(by), event, by=by, details={"tag": tag.name}
    )


tags.on(ConversationTag, "conversation_id")
