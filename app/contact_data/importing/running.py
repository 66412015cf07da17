"""An import's steps, each a job in chunks: a worker that is killed costs the chunk that it was at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from sqlalchemy import ARRAY, Text, any_, delete, func, literal, select, text, update

from app.businesses.models import Business
from app.contact_data import reading
from app.contact_data.importing import matching, settings
from app.contact_data.importing.matching import Plan
from app.contact_data.importing.people import Person, Reader
from app.contact_data.importing.settings import Settings
from app.contact_data.importing.writing import Writer
from app.contact_data.models import ContactImport, ImportKey, ImportRow
from app.contacts.models import ContactField
from app.core import many, realtime, tenancy
from app.core.db import now
from app.core.jobs import commit_step, enqueue
from app.core.storage import File
from app.core.threads import in_thread
from app.extensions import db
from app.knowledge.parsing.errors import UnreadableFile

CHUNK = 500  # lines
SAMPLE = 20
MAX_TRIES = 5  # of a chunk whose addresses others take meanwhile
UNDO_WITHIN = timedelta(days=30)
SIGNAL = "contact-import"


def tell() -> None:
    """Pages that show how it goes look again."""
    realtime.publish(f"business:{tenancy.current_business_id()}", name=SIGNAL)


def current(import_id: int, revision: int, status: str) -> ContactImport | None:
    """Locked; None when it isn't there any more, or somebody has asked for something else."""
    found: ContactImport | None = ContactImport.by_id(import_id, locked=True)
    is_ours = found is not None and found.revision == revision and found.status == status
    return found if is_ours else None


# --- Reading


def read(import_id: int, revision: int) -> None:
    of = current(import_id, revision, "reading")
    if of is None or of.file_id is None:
        return
    chosen = Settings.model_validate(of.settings)
    db.session.execute(delete(ImportRow).where(ImportRow.import_id == of.id))
    file = db.session.get_one(File, (of.business_id, of.file_id))
    asked = {"encoding": chosen.encoding, "delimiter": chosen.delimiter, "sheet": chosen.sheet}
    with TemporaryDirectory(prefix="frontdesk-") as folder:
        path = Path(folder, "file")
        file.write_to(path)
        try:
            with db.session.begin_nested(), reading.opened(path, of.name, **asked) as sheet:
                of.found, of.row_count = sheet.found, _keep(of, sheet)
        except UnreadableFile as problem:
            of.status, of.problem = "failed", problem.message
            tell()
            return
    _guess(of, chosen)
    of.status, of.problem = "ready", ""
    tell()


def _keep(of: ContactImport, sheet: reading.Sheet) -> int:
    count, batch = 0, []
    for number, cells in sheet.rows:
        batch.append({"import_id": of.id, "number": number, "cells": cells})
        count += 1
        if len(batch) >= CHUNK:
            many.insert(ImportRow, batch)
            batch = []
    if batch:
        many.insert(ImportRow, batch)
    if not count:
        raise UnreadableFile("empty")
    return count


def _guess(of: ContactImport, chosen: Settings) -> None:
    """Once: what a member chose stays when the file is read another way."""
    rows = [row.cells for row in first_rows(of, SAMPLE + 1)]
    if not of.settings.get("columns"):
        chosen.has_header = settings.looks_like_header(rows[0], rows[1] if len(rows) > 1 else [])
    header = rows[0] if chosen.has_header else []
    sample = rows[1:] if chosen.has_header else rows
    guessed = settings.guessed(header, sample, ContactField.all())
    chosen.columns = guessed
    of.settings = chosen.model_dump(mode="json")


def first_rows(of: ContactImport, limit: int) -> list[ImportRow]:
    query = select(ImportRow).where(ImportRow.import_id == of.id).order_by(ImportRow.number)
    return list(db.session.scalars(query.limit(limit)))


# --- Both the dry run and the real one


@dataclass(slots=True)
class Frame:
    """What stays the same from chunk to chunk."""

    reader: Reader
    first: int  # the number of the first line that is a person


def _frame(of: ContactImport) -> Frame:
    chosen = Settings.model_validate(of.settings)
    first = first_rows(of, 1)
    headers = first[0].cells if first and chosen.has_header else []
    own = {each.key: each for each in ContactField.all()}
    business = db.session.get_one(Business, of.business_id)
    today = now().astimezone(ZoneInfo(business.time_zone or "UTC")).date()
    start = first[0].number + chosen.has_header if first else 0
    return Frame(Reader(chosen, headers, own, today), start)


def _people(frame: Frame, rows: Sequence[ImportRow]) -> list[Person]:
    return in_thread(frame.reader.read_all, [row.cells for row in rows])


def check(import_id: int, revision: int) -> None:
    """The dry run: nothing is written but what would be."""
    after = 0
    while of := current(import_id, revision, "checking"):
        frame = _frame(of)
        rows = _undecided(of, max(frame.first, after + 1))
        after = rows[-1].number if rows else after
        if not rows:
            of.status = "checked"
            tell()
            return
        plans = matching.plans(of, rows, _people(frame, rows), frame.reader.settings.known)
        _join_doubles(of, plans)
        _note(of, plans, is_done=False)
        of.done_count += len(rows)
        tell()
        commit_step()


def _undecided(of: ContactImport, first: int) -> list[ImportRow]:
    """From this line on: those before it would be looked through again and again."""
    query = select(ImportRow).where(
        ImportRow.import_id == of.id, ImportRow.outcome.is_(None), ImportRow.number >= first
    )
    return list(db.session.scalars(query.order_by(ImportRow.number).limit(CHUNK)))


def _join_doubles(of: ContactImport, plans: list[Plan]) -> None:
    """A line with an address that an earlier one has is that person again."""
    keys = [
        {"import_id": of.id, "key": key, "number": plan.row.number}
        for plan in plans
        if plan.outcome != "error"
        for key in plan.person.keys
    ]
    if not keys:
        return
    many.insert(ImportKey, keys, on_conflict="DO NOTHING")
    wanted = literal(sorted({str(each["key"]) for each in keys}), ARRAY(Text))
    asked = select(ImportKey.key, ImportKey.number).where(
        ImportKey.import_id == of.id, ImportKey.key == any_(wanted)
    )
    first: dict[str, int] = {row.key: row.number for row in db.session.execute(asked)}
    for plan in plans:
        before = min((first.get(key, plan.row.number) for key in plan.person.keys), default=0)
        if plan.outcome == "new" and before and before < plan.row.number:
            plan.end("updated", _("The same person as in line %(number)s.", number=before))


def _note(of: ContactImport, plans: Sequence[Plan], *, is_done: bool) -> None:
    if plans:
        rows = [_noted(plan, is_done=is_done) for plan in plans]
        many.update(ImportRow, rows, key="number", import_id=of.id)


def _noted(plan: Plan, *, is_done: bool) -> dict[str, Any]:
    """Of a line that is in no cells are kept: whoever they are about may be erased."""
    keeps = plan.outcome == "error" or not is_done
    return {
        "number": plan.row.number, "outcome": plan.outcome, "reason": plan.reason, "is_done": is_done,
        "contact_id": plan.contact_id, "cells": plan.row.cells if keeps else [], "reversal": plan.reversal,
    }  # fmt: skip


# --- The real one


def run(import_id: int, revision: int) -> None:
    writer: Writer | None = None
    after = 0
    while of := current(import_id, revision, "running"):
        frame = _frame(of)
        writer = writer or Writer(of, frame.reader.settings)
        writer.of = of
        rows = _waiting(of, max(frame.first, after + 1))
        after = rows[-1].number if rows else after
        if not rows:
            _finish(of)
            return
        for batch in _rounds(rows, _people(frame, rows)):
            _write(writer, frame, *batch)
        of.done_count += len(rows)
        done = of.done_count
        tell()
        commit_step()
        _count_anew(done)
        db.session.expunge_all()


def _count_anew(done: int) -> None:
    """Where the first contacts come in thousands, Postgres goes by what it knew of an almost empty table: to check a
    reference it reads all of it, for each line. In a transaction of its own, as others wait for it."""
    known = text("SELECT reltuples FROM pg_class WHERE oid = 'contacts'::regclass")
    if done > 2 * (db.session.scalar(known) or 0):
        db.session.execute(text("ANALYZE contacts, contact_identities, contact_tags, activities"))
        commit_step()


def _waiting(of: ContactImport, first: int) -> list[ImportRow]:
    query = select(ImportRow).where(
        ImportRow.import_id == of.id, ImportRow.is_done.is_(False), ImportRow.number >= first
    )
    return list(db.session.scalars(query.order_by(ImportRow.number).limit(CHUNK)))


def _rounds(
    rows: Sequence[ImportRow], people: Sequence[Person]
) -> list[tuple[list[ImportRow], list[Person]]]:
    """In each every person once: who stands in two lines is changed by the first before the second is compared."""
    rounds: list[tuple[list[ImportRow], list[Person]]] = []
    met: dict[str, int] = {}
    for row, person in zip(rows, people, strict=True):
        at = max((met.get(key, -1) for key in person.keys), default=-1) + 1
        met |= dict.fromkeys(person.keys, at)
        while len(rounds) <= at:
            rounds.append(([], []))
        rounds[at][0].append(row)
        rounds[at][1].append(person)
    return rounds


def _write(
    writer: Writer, frame: Frame, rows: Sequence[ImportRow], people: Sequence[Person]
) -> None:
    for _try in range(MAX_TRIES):
        known = frame.reader.settings.known
        plans = matching.plans(writer.of, rows, people, known, locked=True)
        again = writer.write(plans)
        missed = {plan.row.number for plan in again}
        _note(writer.of, [plan for plan in plans if plan.row.number not in missed], is_done=True)
        if not again:
            return
        rows, people = [plan.row for plan in again], [plan.person for plan in again]
    raise RuntimeError("these addresses change hands too quickly")


def _finish(of: ContactImport) -> None:
    of.status, of.finished_at = "done", now()
    db.session.execute(delete(ImportKey).where(ImportKey.import_id == of.id))
    db.session.execute(delete(File).where(File.id == of.file_id))
    enqueue("contact_data.forget_import", of.id, queue="bulk", at=of.finished_at + UNDO_WITHIN)
    tell()


def forget(import_id: int) -> None:
    """It can't be undone any more; that it was stays."""
    db.session.execute(delete(ImportRow).where(ImportRow.import_id == import_id))


def fail(import_id: int, revision: int, reason: str) -> None:  # noqa: ARG001
    """What is in stays in; pressing the button again goes on where it stopped."""
    of = ContactImport.by_id(import_id, locked=True)
    if of is None or of.revision != revision:
        return
    back = {"reading": "failed", "checking": "ready", "running": "checked", "undoing": "done"}
    of.status = back.get(of.status, of.status)
    of.problem = _("This didn’t work. Try again; what was done is kept.")
    tell()


def counts(of: ContactImport) -> dict[str, int]:
    """Lines by their outcome."""
    query = select(ImportRow.outcome, func.count()).where(
        ImportRow.import_id == of.id, ImportRow.outcome.is_not(None)
    )
    return {str(key): count for key, count in db.session.execute(query.group_by(ImportRow.outcome))}


def may_undo(of: ContactImport, at: datetime) -> bool:
    return of.status == "done" and bool(of.finished_at) and at - of.finished_at < UNDO_WITHIN  # type: ignore[operator]


def reset(of: ContactImport) -> None:
    """As if nothing had been decided of the lines that aren't in."""
    fresh = update(ImportRow).where(ImportRow.import_id == of.id, ImportRow.is_done.is_(False))
    db.session.execute(fresh.values(outcome=None, reason="", contact_id=None))
    db.session.execute(delete(ImportKey).where(ImportKey.import_id == of.id))
    of.done_count = 0
