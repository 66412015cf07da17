"""One thing done to many contacts, by the page or by all that a list shows; and taken back for a day.

Who is meant is written down first, so that nobody comes in or drops out while it is done. A few are done at once,
many by a job in chunks, which goes on where a killed worker left it.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta

from flask_babel import gettext as _
from sqlalchemy import delete, func, insert, literal, select, update

from app.accounts.models import User
from app.contact_data import choosing
from app.contact_data.choosing import Chosen
from app.contact_data.models import ContactEdit, EditRow
from app.contact_data.verbs import VERBS, Verb
from app.contacts.models import Contact
from app.core import realtime, tenancy
from app.core.db import now
from app.core.errors import Conflict, FrontdeskError, Invalid
from app.core.jobs import commit_step, enqueue
from app.extensions import db
from app.lib.marking import kept

MOST = 50_000
AT_ONCE = 200
CHUNK = 200
UNDO_WITHIN = timedelta(hours=24)
SIGNAL = "contact-edit"


def start(by: User, what: str, typed: Mapping[str, str], chosen: Chosen) -> ContactEdit:
    """Raises Invalid; its code is the field's name."""
    if what not in VERBS:
        raise Invalid(_("Choose what to do."), code="what")
    value = VERBS[what].read(typed)
    _forget_old()
    edit = ContactEdit(user_id=by.id, what=what, value=value)
    db.session.add(edit)
    db.session.flush()
    edit.row_count = _write_down(edit, chosen)
    if edit.row_count > MOST:
        raise Invalid(_("At most %(count)s contacts at once. Narrow the list first.", count=f"{MOST:,}"), code="too_many")  # fmt: skip
    if not edit.row_count:
        raise Invalid(_("Nobody is chosen any more."), code="empty")
    if edit.row_count <= AT_ONCE:
        _do(edit, by)
        _finish(edit)
    else:
        _ask("edit", edit)
    return edit


def run(edit_id: int) -> None:
    _go_on(edit_id, "running", _do, _finish)


def undo(edit: ContactEdit) -> None:
    """Raises Conflict. Safe to repeat."""
    db.session.refresh(edit, with_for_update=True)
    if edit.status in ("undoing", "undone"):
        return
    if not may_undo(edit):
        raise Conflict(_("It’s too late to undo this."))
    edit.status, edit.done_count = "undoing", 0
    if edit.row_count <= AT_ONCE:
        _take_back(edit, _by(edit))
        _finish_undo(edit)
    else:
        _ask("undo_edit", edit)


def run_undo(edit_id: int) -> None:
    _go_on(edit_id, "undoing", _take_back, _finish_undo)


def fail(edit_id: int, _reason: str) -> None:
    """The job was given up. What it did stays, and can be taken back, also where taking back was given up."""
    edit = ContactEdit.by_id(edit_id, locked=True)
    if edit is None or edit.status not in ("running", "undoing"):
        return
    waiting = update(EditRow).where(EditRow.edit_id == edit.id, EditRow.state == "waiting")
    why = kept("Something on our side went wrong.")
    db.session.execute(waiting.values(state="refused", reason=why))
    _finish(edit)


def may_undo(edit: ContactEdit) -> bool:
    return edit.status == "done" and now() - edit.created_at < UNDO_WITHIN


def counts(edit: ContactEdit) -> dict[str, int]:
    """Contacts by what became of them."""
    query = select(EditRow.state, func.count()).where(EditRow.edit_id == edit.id)
    return {state: count for state, count in db.session.execute(query.group_by(EditRow.state))}  # noqa: C416


def refused(edit: ContactEdit, limit: int = 50) -> list[tuple[Contact, str]]:
    query = (
        select(Contact, EditRow.reason)
        .join(EditRow, EditRow.contact_id == Contact.id)
        .where(EditRow.edit_id == edit.id, EditRow.state.in_(("refused", "left")))
        .order_by(EditRow.contact_id)
        .limit(limit)
    )
    return [(contact, reason) for contact, reason in db.session.execute(query)]


def _go_on(
    edit_id: int,
    status: str,
    step: Callable[[ContactEdit, User], int],
    finish: Callable[[ContactEdit], None],
) -> None:
    """Chunk by chunk, each kept at once, until nothing is left of it."""
    while edit := _current(edit_id, status):
        if not step(edit, _by(edit)):
            finish(edit)
            return
        _tell()
        commit_step()
        db.session.expunge_all()


def _write_down(edit: ContactEdit, chosen: Chosen) -> int:
    meant = choosing.select_of(chosen).with_only_columns(literal(edit.id), Contact.id)
    into = insert(EditRow).from_select(
        ["edit_id", "contact_id"], meant.limit(MOST + 1), include_defaults=False
    )
    db.session.execute(into)
    rows = select(func.count()).select_from(EditRow).where(EditRow.edit_id == edit.id)
    return db.session.scalar(rows) or 0


def _do(edit: ContactEdit, by: User) -> int:
    rows = _rows(edit, "waiting")
    held = _lock(rows)
    for row in rows:
        row.state, row.reason = _done(VERBS[edit.what], edit, held.get(row.contact_id), row, by)
    edit.done_count += len(rows)
    db.session.flush()
    return len(rows)


def _done(
    verb: Verb, edit: ContactEdit, contact: Contact | None, row: EditRow, by: User
) -> tuple[str, str]:
    if contact is None or contact.is_merged:
        return "refused", kept("Was merged with another contact in this moment.")
    before = verb.look(contact, edit.value)
    try:
        with db.session.begin_nested():
            verb.do(contact, edit.value, by)
    except FrontdeskError as refusal:
        return "refused", refusal.message
    row.before, row.after = before, verb.look(contact, edit.value)
    return ("same" if row.before == row.after else "changed"), ""


def _take_back(edit: ContactEdit, by: User) -> int:
    rows, verb = _rows(edit, "changed"), VERBS[edit.what]
    held = _lock(rows)
    for row in rows:
        contact = held.get(row.contact_id)
        if contact and not contact.is_merged and verb.look(contact, edit.value) == row.after:
            verb.back(contact, edit.value, row.before, by)
            row.state = "undone"
        else:
            row.state, row.reason = "left", kept("Changed since, so left as it is.")
    edit.done_count += len(rows)
    db.session.flush()
    return len(rows)


def _rows(edit: ContactEdit, state: str) -> list[EditRow]:
    query = select(EditRow).where(EditRow.edit_id == edit.id, EditRow.state == state)
    return list(db.session.scalars(query.order_by(EditRow.contact_id).limit(CHUNK)))


def _lock(rows: list[EditRow]) -> dict[int, Contact]:
    ids = [row.contact_id for row in rows]
    query = select(Contact).where(Contact.id.in_(ids)).order_by(Contact.id)
    query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    return {each.id: each for each in db.session.scalars(query)}


def _by(edit: ContactEdit) -> User:
    return db.session.get_one(User, edit.user_id)


def _current(edit_id: int, status: str) -> ContactEdit | None:
    found: ContactEdit | None = ContactEdit.by_id(edit_id, locked=True)
    return found if found is not None and found.status == status else None


def _finish(edit: ContactEdit) -> None:
    edit.status, edit.finished_at = "done", now()
    _tell()


def _finish_undo(edit: ContactEdit) -> None:
    edit.status, edit.undone_at = "undone", now()
    _tell()


def _ask(job: str, edit: ContactEdit) -> None:
    enqueue(f"contact_data.{job}", edit.id, queue="bulk", key=f"{job}-{edit.id}")


def _forget_old() -> None:
    """What can't be undone any more."""
    db.session.execute(
        delete(ContactEdit).where(
            ContactEdit.created_at < now() - UNDO_WITHIN,
            ContactEdit.status.in_(("done", "undone")),
        )
    )


def _tell() -> None:
    realtime.publish(f"business:{tenancy.current_business_id()}", name=SIGNAL)
