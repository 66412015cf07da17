"""Tags on contacts, and the business's list of them: renaming, merging, deleting."""

from flask_babel import gettext
from sqlalchemy import delete, func, literal, select
from sqlalchemy.dialects.postgresql import insert

from app.accounts.models import User
from app.contacts import activities, tagging
from app.contacts.models import Contact, ContactTag, Tag
from app.contacts.models.tags import COLOURS
from app.core import tenancy
from app.core.db import Base
from app.core.errors import Conflict, Invalid
from app.extensions import db

MOST_OF_ONE = 50  # tags on a contact

_joins: list[tuple[type[Base], str]] = []


def on(model: type[Base], column: str) -> None:
    """A table of what is tagged: its tags are counted, and merged with a tag."""
    _joins.append((model, column))


def put(contact: Contact, name: str, by: User) -> Tag:
    """Made when there is none of that name. Safe to repeat. Raises Invalid."""
    tag = tagging.find_or_make(name)
    put_known(contact, tag, by)
    return tag


def put_known(contact: Contact, tag: Tag, by: User) -> None:
    """Safe to repeat. Raises Invalid."""
    new = insert(ContactTag).values(contact_id=contact.id, tag_id=tag.id, user_id=by.id)
    put = db.session.execute(new.on_conflict_do_nothing().returning(ContactTag.tag_id))
    if put.one_or_none() is None:
        return
    of_contact = select(func.count()).where(ContactTag.contact_id == contact.id)
    if (db.session.scalar(of_contact.select_from(ContactTag)) or 0) > MOST_OF_ONE:
        raise Invalid(
            gettext("%(most_of_one)s tags fit on a contact.", most_of_one=MOST_OF_ONE), code="tag"
        )
    _tell("tag.added", contact, tag, by)


def take(contact: Contact, tag: Tag, by: User) -> None:
    """Safe to repeat."""
    there = ContactTag.contact_id == contact.id, ContactTag.tag_id == tag.id
    gone = db.session.execute(delete(ContactTag).where(*there).returning(ContactTag.tag_id))
    if gone.one_or_none():
        _tell("tag.removed", contact, tag, by)


def of(contact_id: int) -> list[Tag]:
    query = select(Tag).join(ContactTag, ContactTag.tag_id == Tag.id)
    return list(
        db.session.scalars(query.where(ContactTag.contact_id == contact_id).order_by(Tag.name_key))
    )


def by_id(tag_id: int) -> Tag | None:
    return db.session.get(Tag, (tenancy.current_business_id(), tag_id)) if tag_id < 2**63 else None


def counts() -> dict[int, dict[str, int]]:
    """By tag: how often it stands on what, by the table’s name."""
    found: dict[int, dict[str, int]] = {}
    for model, _ in _joins:
        table = model.__table__
        counted = select(table.c.tag_id, func.count()).group_by(table.c.tag_id)
        for tag_id, count in db.session.execute(counted):
            found.setdefault(tag_id, {})[model.__tablename__] = count
    return found


def create(name: str, colour: str = "neutral") -> Tag:
    name = tagging.clean(name)
    if tagging.find(name):
        raise Conflict(gettext("There is a tag “%(name)s” already.", name=name), code="tag")
    tag = tagging.find_or_make(name)
    tag.colour = _colour(colour)
    return tag


def change(tag: Tag, name: str, colour: str) -> None:
    """Raises Invalid, or Conflict for the name of another tag: the two can be merged."""
    name = tagging.clean(name)
    other = tagging.find(name)
    if other and other.id != tag.id:
        raise Conflict(
            gettext(
                "There is a tag “%(name)s” already. Merge the two, if they mean the same.",
                name=other.name,
            ),
            code="tag",
        )
    tag.name, tag.name_key, tag.colour = name, tagging.key(name), _colour(colour)
    db.session.flush()


def merge(kept: Tag, gone: Tag) -> None:
    """What has the second has the first from then on, once."""
    if kept.id == gone.id:
        raise Invalid(gettext("Choose another tag."), code="tag")
    db.session.scalars(
        select(Tag).where(Tag.id.in_((kept.id, gone.id))).order_by(Tag.id).with_for_update()
    ).all()
    for model, column in _joins:
        table = model.__table__
        theirs = select(table.c[column], literal(kept.id), table.c.user_id)
        new = insert(model).from_select(
            [column, "tag_id", "user_id"], theirs.where(table.c.tag_id == gone.id)
        )
        db.session.execute(new.on_conflict_do_nothing())
    remove(gone)


def remove(tag: Tag) -> None:
    """It goes from everything that has it."""
    db.session.execute(delete(Tag).where(Tag.id == tag.id))


def _colour(colour: str) -> str:
    if colour not in COLOURS:
        raise Invalid(gettext("Choose one of the colours."), code="colour")
    return colour


def _tell(kind: str, contact: Contact, tag: Tag, by: User) -> None:
    activities.record(
        kind, contact_id=contact.id, actor="member", user_id=by.id, summary=tag.name,
        payload={"colour": tag.colour},
    )  # fmt: skip


on(ContactTag, "contact_id")
