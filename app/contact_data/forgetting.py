"""Somebody is erased: what was imported and exported of them goes at once, too."""

from flask_babel import gettext as _
from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.expression import bindparam
from sqlalchemy.types import Text

from app.contact_data.models import ContactExport
from app.contacts.models import Contact, ContactIdentity
from app.conversations import erasing
from app.core.storage import File
from app.extensions import db
from app.lib.marking import kept

TAIL = 7  # digits of a number that are the same however it is written
MEANWHILE = kept("Somebody was deleted while this was written. Export again.")
BLANK = text(
    """
    UPDATE contact_import_rows SET cells = '[]', reason = :reason
     WHERE import_id IN (SELECT id FROM contact_imports) AND outcome = 'error' AND EXISTS (
       SELECT FROM jsonb_array_elements_text(cells) AS cell, unnest(:emails) AS email
        WHERE strpos(lower(cell), email) > 0
       UNION ALL
       SELECT FROM jsonb_array_elements_text(cells) AS cell, unnest(:phones) AS phone
        WHERE strpos(regexp_replace(cell, '\\D', '', 'g'), phone) > 0)
    """
).bindparams(bindparam("emails", type_=ARRAY(Text)), bindparam("phones", type_=ARRAY(Text)))


@erasing.begun_by
def forget(contacts: list[Contact]) -> None:
    ids = [each.id for each in contacts]
    _forget_exports(set(ids))
    _blank_errors(ids)


def _forget_exports(ids: set[int]) -> None:
    """Each that holds them, and each that may: of a list nobody knows any more who was in it."""
    there = select(ContactExport).where(
        (ContactExport.status == "running") | ContactExport.file_id.is_not(None)
    )
    locked = there.order_by(ContactExport.id).with_for_update()
    files = []
    for each in db.session.scalars(locked.execution_options(populate_existing=True)):
        chosen = each.chosen.get("ids")
        named = {each.contact_id} if each.format == "person" else set(chosen or ids)
        if not named & ids:
            continue
        if each.status == "running":
            each.status, each.problem = "failed", MEANWHILE
        files.append(each.file_id)
    db.session.flush()
    db.session.execute(delete(File).where(File.id.in_(files)))


def _blank_errors(ids: list[int]) -> None:
    """Lines of a file that couldn't be imported and have an address of theirs; that there was such a line stays."""
    query = select(ContactIdentity.kind, ContactIdentity.value)
    found = db.session.execute(query.where(ContactIdentity.contact_id.in_(ids))).all()
    emails = [row.value.lower() for row in found if row.kind == "email"]
    phones = [row.value[-TAIL:] for row in found if row.kind == "phone"]
    if emails or phones:
        asked = {"emails": emails, "phones": phones, "reason": _("This person was deleted.")}
        db.session.execute(BLANK, asked)
