"""Two contacts that are one person. One stays, with everything that both had; the other's page leads there.

Within 30 days it can be undone: what was whose stands in the merge's reversal. Locks visitors, then contacts, each
in the order of their ids, as everybody does who changes both.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select, union, update
from sqlalchemy.orm import selectinload

from app.accounts.models import User
from app.contacts import activities, moving
from app.contacts.models import KINDS, Activity, Contact, ContactIdentity, ContactMerge, Visitor
from app.core.db import now
from app.core.errors import Conflict, Invalid
from app.extensions import db

UNDO_WITHIN = timedelta(days=30)
PLAIN = ("name", "company_id", "language", "time_zone", "birthday", "note")
BESIDE = ("name_said_by", "conversation_id", "last_activity_at", "archived_at", "custom")
SIDES = ("kept", "gone", "both")

Choices = Mapping[str, str]  # a field, or "custom.<key>", or a kind of address: whose counts


@dataclass(frozen=True, slots=True)
class Choice:
    """A field in which two contacts differ, and whose counts unless somebody says otherwise."""

    field: str
    kept: Any
    gone: Any
    chosen: str


def merge(kept: Contact, gone: Contact, by: User, choices: Choices | None = None) -> ContactMerge:
    """Raises Conflict when one of them was merged in this moment, and Invalid for one and the same."""
    if kept.id == gone.id:
        raise Invalid(_("These are one contact already."))
    lock(kept.id, gone.id)
    for each in (kept, gone):
        if each.is_merged:
            raise Conflict(
                _(
                    "%(display_name)s was merged with another contact in this moment.",
                    display_name=each.display_name,
                )
            )
    return absorb(kept, gone, by, choices)


def absorb(
    kept: Contact, gone: Contact, by: User | None, choices: Choices | None = None
) -> ContactMerge:
    """Both are locked."""
    name, before = gone.display_name, _columns(kept)
    primaries = _choose_primaries(kept, gone, choices or {})
    moved, dropped = moving.move(kept.id, gone.id)
    _choose(kept, gone, choices or {})
    gone.merged_into_id, kept.version = kept.id, kept.version + 1
    after = _columns(kept)
    changed = {key for key in before if before[key] != after[key]}
    done = ContactMerge(
        kept_id=kept.id,
        gone_id=gone.id,
        gone_name=name,
        merged_by=by.id if by else None,
        reversal={
            "moved": moved,
            "dropped": dropped,
            "primaries": primaries,
            "before": {key: before[key] for key in changed},
            "after": {key: after[key] for key in changed},
        },
    )
    db.session.add(done)
    db.session.flush()
    _tell(done, "contact.merged", kept.id, by, name)
    db.session.expire_all()
    return done


def undo(done: ContactMerge, by: User) -> Contact:
    """The one that had gone is back with what was its own, also what happened with it since. What members have
    changed of the other since then stays. Raises Conflict."""
    lock(done.kept_id, done.gone_id)
    db.session.refresh(done, with_for_update=True)
    kept, gone = _both(done)
    refuse_undo(done, kept)
    reversal = done.reversal
    moving.move_back(kept.id, gone.id, reversal["moved"], reversal["dropped"])
    _activities_of(gone.id, [key[0] for key in reversal["moved"].get("visitors", [])])
    for identity_id, at in reversal["primaries"].items():
        same = update(ContactIdentity).where(ContactIdentity.id == int(identity_id))
        db.session.execute(same.values(made_primary_at=at))
    _restore(kept, reversal["before"], reversal["after"])
    gone.merged_into_id = None
    kept.version, gone.version = kept.version + 1, gone.version + 1
    done.undone_at, done.undone_by = now(), by.id
    db.session.flush()
    _tell(done, "contact.parted", kept.id, by, done.gone_name)
    _tell(done, "contact.parted", gone.id, by, kept.display_name)
    db.session.expire_all()
    return gone


def refuse_undo(done: ContactMerge, kept: Contact) -> None:
    """Says why it can't be undone any more."""
    if done.undone_at is not None:
        raise Conflict(_("This merge was undone already."))
    if now() - done.created_at > UNDO_WITHIN:
        raise Conflict(
            _("A merge can be undone for %(days)s days; this one is older.", days=UNDO_WITHIN.days)
        )
    if kept.is_merged:
        raise Conflict(
            _("Since then both were merged into another contact. Undo that merge first.")
        )


def choices_of(kept: Contact, gone: Contact) -> list[Choice]:
    """Every field that either has, in the order of the record."""
    found = [
        Choice(field, getattr(kept, field), getattr(gone, field), _default(kept, gone, field))
        for field in PLAIN
    ]
    for key in sorted({*kept.custom, *gone.custom}):
        mine, theirs = kept.custom.get(key), gone.custom.get(key)
        found.append(Choice(f"custom.{key}", mine, theirs, "gone" if mine is None else "kept"))
    for kind in KINDS:
        mine, theirs = _first(kept, kind), _first(gone, kind)
        found.append(Choice(kind, mine, theirs, "kept" if mine else "gone"))
    return [each for each in found if each.kept not in (None, "") or each.gone not in (None, "")]


def suggestions(contact: Contact, limit: int = 3) -> list[Contact]:
    """Who may be the same person: of the same name and company, or with an address that one of this contact's
    visitors said."""
    said = select(Visitor.email, Visitor.phone).where(Visitor.contact_id == contact.id).limit(20)
    rows = db.session.execute(said).all()
    emails, phones = {row[0] for row in rows if row[0]}, {row[1] for row in rows if row[1]}
    like = [
        select(ContactIdentity.contact_id).where(
            ContactIdentity.kind == kind, ContactIdentity.value.in_(values)
        )
        for kind, values in (("email", emails), ("phone", phones))
    ]
    if contact.name and contact.company_id:
        same = Contact.name_key == contact.name_key, Contact.company_id == contact.company_id
        like.append(select(Contact.id).where(*same))
    query = select(Contact).where(Contact.id.in_(union(*like)), Contact.id != contact.id)
    query = query.where(Contact.merged_into_id.is_(None)).order_by(Contact.id).limit(limit)
    return list(db.session.scalars(query.options(selectinload(Contact.identities))))


def undoable(contact: Contact) -> list[ContactMerge]:
    """Newest first."""
    return ContactMerge.since(contact.id, now() - UNDO_WITHIN)


def lock(*contact_ids: int) -> None:
    whose = select(Visitor).where(Visitor.contact_id.in_(contact_ids)).order_by(Visitor.id)
    themselves = select(Contact).where(Contact.id.in_(contact_ids)).order_by(Contact.id)
    for query in (whose, themselves):
        locked = query.with_for_update(key_share=True).execution_options(populate_existing=True)
        db.session.scalars(locked).all()


# --- What stays of two


def _choose(kept: Contact, gone: Contact, choices: Choices) -> None:
    for field in PLAIN:
        side = choices.get(field) or _default(kept, gone, field)
        _take(kept, gone, field, side if side in SIDES else "kept")
    custom = dict(kept.custom)
    for key, value in gone.custom.items():
        if choices.get(f"custom.{key}", "kept" if key in custom else "gone") == "gone":
            custom[key] = value
    for key in kept.custom:
        if choices.get(f"custom.{key}") == "gone" and key not in gone.custom:
            del custom[key]
    kept.custom = custom
    kept.conversation_id = kept.conversation_id or gone.conversation_id
    kept.last_activity_at = max(kept.last_activity_at, gone.last_activity_at)
    kept.archived_at = kept.archived_at if gone.archived_at else None


def _take(kept: Contact, gone: Contact, field: str, side: str) -> None:
    if side == "gone":
        setattr(kept, field, getattr(gone, field))
        if field == "name":
            kept.name_said_by = gone.name_said_by
    elif side == "both" and field == "note":
        kept.note = "\n".join(part for part in (kept.note, gone.note) if part)


def _default(kept: Contact, gone: Contact, field: str) -> str:
    """What is there goes before what isn't, a name that a member wrote before one that a visitor said."""
    mine, theirs = getattr(kept, field), getattr(gone, field)
    if field == "note" and mine and theirs and mine != theirs:
        return "both"
    if field == "name" and mine and theirs and kept.name_said_by and not gone.name_said_by:
        return "gone"
    return "gone" if theirs and not mine else "kept"


def _first(contact: Contact, kind: str) -> ContactIdentity | None:
    return next((each for each in contact.identities if each.kind == kind), None)


def _choose_primaries(kept: Contact, gone: Contact, choices: Choices) -> dict[str, str | None]:
    """The main address of each kind stays the main one. What was noted before of those that change."""
    before: dict[str, str | None] = {}
    for kind in KINDS:
        mine, theirs = _first(kept, kind), _first(gone, kind)
        if mine is None or theirs is None:
            continue
        main = theirs if choices.get(kind) == "gone" else mine
        before[str(main.id)] = moving.as_json(main.made_primary_at)
        main.made_primary_at = now()
    db.session.flush()
    return before


# --- And back


def _both(done: ContactMerge) -> tuple[Contact, Contact]:
    keys = [(done.business_id, each) for each in (done.kept_id, done.gone_id)]
    return db.session.get_one(Contact, keys[0]), db.session.get_one(Contact, keys[1])


def _columns(contact: Contact) -> dict[str, Any]:
    return {name: moving.as_json(getattr(contact, name)) for name in (*PLAIN, *BESIDE)}


def _restore(kept: Contact, before: dict[str, Any], after: dict[str, Any]) -> None:
    """Column by column, and of the own fields key by key, where nobody has changed it since."""
    now_there = _columns(kept)
    table = Contact.__table__
    for name, value in before.items():
        if name == "custom":
            kept.custom = _custom_before(kept.custom, value, after[name])
        elif name != "last_activity_at" and now_there[name] == after[name]:
            python = table.c[name].type.python_type
            is_moment = value is not None and hasattr(python, "fromisoformat")
            setattr(kept, name, python.fromisoformat(value) if is_moment else value)


def _custom_before(
    there: dict[str, Any], before: dict[str, Any], after: dict[str, Any]
) -> dict[str, Any]:
    changed = {key for key in {*before, *after} if before.get(key) != after.get(key)}
    untouched = {key for key in changed if there.get(key) == after.get(key)}
    rest = {key: value for key, value in there.items() if key not in untouched}
    return rest | {key: before[key] for key in untouched if key in before}


def _activities_of(contact_id: int, visitor_ids: list[int]) -> None:
    """Also what these visitors did since."""
    theirs = update(Activity).where(Activity.visitor_id.in_(visitor_ids))
    db.session.execute(theirs.values(contact_id=contact_id))


def _tell(done: ContactMerge, kind: str, contact_id: int, by: User | None, name: str) -> None:
    activities.record(
        kind, contact_id=contact_id, actor="member" if by else "system",
        user_id=by.id if by else None, about=f"merge:{done.id}", summary=name,
    )  # fmt: skip
