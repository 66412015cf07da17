"""The business's list of tags, which contacts and conversations share."""

import unicodedata

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.contacts.models import Tag
from app.contacts.models.tags import MAX_TAG
from app.core.errors import Invalid
from app.extensions import db


def find_or_make(name: str) -> Tag:
    """By its name, whatever its case; two who make it at once make one. Raises Invalid."""
    name = clean(name)
    found = find(name)
    if found is None:
        new = insert(Tag).values(name=name, name_key=key(name))
        db.session.execute(new.on_conflict_do_nothing(index_elements=["business_id", "name_key"]))
        found = find(name)
    assert found is not None
    return found


def find(name: str) -> Tag | None:
    return db.session.scalar(select(Tag).where(Tag.name_key == key(name)))


def clean(name: str) -> str:
    """On one line, without what can't be seen. Raises Invalid."""
    shown = "".join(c if c.isprintable() else " " for c in unicodedata.normalize("NFC", name))
    name = " ".join(shown.split()).lstrip("#").strip()
    if not name:
        raise Invalid(_("A tag needs a name."), code="tag")
    if len(name) > MAX_TAG:
        raise Invalid(_("A tag may have %(most)s characters.", most=MAX_TAG), code="tag")
    return name


def key(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
