"""An import taken back: what it made goes, if nobody has done anything with it since; what it changed is as before,
where it is still as it was left."""

from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, func, or_, select, update

from app.contact_data.importing.running import CHUNK, current, tell
from app.contact_data.importing.settings import OWN
from app.contact_data.models import ContactImport, ImportRow
from app.contacts import activities, companies, moving
from app.contacts.models import Activity, Contact, ContactIdentity, ContactTag, Visitor
from app.core.db import now
from app.core.jobs import commit_step
from app.extensions import db


def undo(import_id: int, revision: int) -> None:
    """The last line first, as one person may stand in several."""
    while of := current(import_id, revision, "undoing"):
        rows = _rows(of)
        if not rows:
            of.status, of.undone_at = "undone", now()
            tell()
            return
        held = _lock(rows)
        touched = _touched(of, [each for each in held if not held[each].is_merged])
        gone = {row.contact_id for row in rows if _take_back(of, row, held, touched)}
        _delete(rows, gone)
        of.done_count += len(rows)
        tell()
        commit_step()
        db.session.expunge_all()


def _rows(of: ContactImport) -> list[ImportRow]:
    query = select(ImportRow).where(
        ImportRow.import_id == of.id, ImportRow.reversal.is_not(None), ImportRow.is_done
    )
    return list(db.session.scalars(query.order_by(ImportRow.number.desc()).limit(CHUNK)))


def _lock(rows: list[ImportRow]) -> dict[int, Contact]:
    ids = sorted({row.contact_id for row in rows if row.contact_id})
    query = select(Contact).where(Contact.id.in_(ids)).order_by(Contact.id)
    query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    return {each.id: each for each in db.session.scalars(query)}


def _touched(of: ContactImport, ids: list[int]) -> set[int]:
    """Who did something since, or had something done to: everything leaves a line in the timeline."""
    other = select(Activity.contact_id).where(
        Activity.contact_id.in_(ids),
        or_(Activity.about.is_(None), Activity.about != f"import:{of.id}"),
        Activity.kind != "identity.added",
    )
    wrote = select(Visitor.contact_id).where(Visitor.contact_id.in_(ids))
    return {each for each in db.session.scalars(other.union(wrote)) if each}


def _take_back(
    of: ContactImport, row: ImportRow, held: dict[int, Contact], touched: set[int]
) -> bool:
    """Whether the contact goes."""
    contact, reversal = held.get(row.contact_id or 0), row.reversal or {}
    row.reversal = None
    if contact is None or contact.is_merged:
        row.reason = _("Merged or deleted since, so left as it is.")
    elif not reversal.get("made"):
        _restore(of, contact, reversal)
    elif contact.id in touched:
        row.reason = _("Used since, so kept.")
    else:
        return True
    return False


def _delete(rows: list[ImportRow], ids: set[int | None]) -> None:
    """With what hangs on them; their lines stay, without them."""
    for row in rows:
        if row.contact_id in ids:
            row.contact_id = None
    db.session.flush()
    theirs = update(ImportRow).where(ImportRow.contact_id.in_(ids))
    db.session.execute(theirs.values(contact_id=None))
    db.session.execute(delete(Contact).where(Contact.id.in_(ids)))


def _restore(of: ContactImport, contact: Contact, reversal: dict[str, Any]) -> None:
    custom = dict(contact.custom)
    for name, (before, after) in reversal["columns"].items():
        if name.startswith(OWN):
            key = name.removeprefix(OWN)
            if custom.get(key) == after:
                custom.pop(key)
                custom |= {key: before} if before is not None else {}
        elif name == "company":
            _restore_company(contact, before, after)
        elif moving.as_json(getattr(contact, name)) == after:
            is_day = name == "birthday" and before is not None
            setattr(contact, name, date.fromisoformat(before) if is_day else before)
    contact.custom, contact.version = custom, contact.version + 1
    _drop_added(contact, reversal)
    activities.record(
        "contact.changed", contact_id=contact.id, actor="member", user_id=of.user_id,
        about=f"import:{of.id}", summary=_("The import was taken back"),
    )  # fmt: skip


def _restore_company(contact: Contact, before: str, after: str) -> None:
    ours = companies.find_or_make(after)
    if ours and contact.company_id == ours.id:
        company = companies.find_or_make(before)
        contact.company_id = company.id if company else None


def _drop_added(contact: Contact, reversal: dict[str, Any]) -> None:
    """An address that a member has put first since is theirs."""
    for kind, value in reversal["identities"]:
        same = ContactIdentity.kind == kind, ContactIdentity.value == value
        ours = ContactIdentity.contact_id == contact.id, ContactIdentity.source == "import"
        untouched = ContactIdentity.made_primary_at.is_(None)
        db.session.execute(delete(ContactIdentity).where(*same, *ours, untouched))
    of_contact = ContactTag.contact_id == contact.id, ContactTag.tag_id.in_(reversal["tags"])
    db.session.execute(delete(ContactTag).where(*of_contact))


def left(of: ContactImport) -> int:
    """How many lines undoing left as they are."""
    query = select(func.count()).where(
        ImportRow.import_id == of.id, ImportRow.reason != "", ImportRow.outcome != "error"
    )
    return db.session.scalar(query) or 0
