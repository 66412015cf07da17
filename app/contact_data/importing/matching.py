"""Whom a line of a file is, and what it would change: asked for many lines at once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ARRAY, BigInteger, Text, any_, func, literal, select
from sqlalchemy.orm import joinedload, selectinload

from app.contact_data.importing.people import Person
from app.contact_data.importing.settings import OWN
from app.contact_data.models import ContactImport, ImportRow
from app.contacts import tagging
from app.contacts.models import Company, Contact, ContactIdentity, ContactTag, Tag
from app.extensions import db
from app.lib import names

PLAIN = ("name", "note", "language", "birthday")
EMPTY = (None, "")


@dataclass(slots=True)
class Plan:
    """What becomes of a line. `columns` are (before, after) of what changes: names as in Contact, "company" and
    "custom.<key>"."""

    row: ImportRow
    person: Person
    contact: Contact | None = None
    outcome: str = "new"
    reason: str = ""
    columns: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    identities: list[tuple[str, str]] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    made_id: int | None = None  # of the contact that it made
    reversal: dict[str, Any] | None = None  # what undoing needs

    @property
    def contact_id(self) -> int | None:
        return self.contact.id if self.contact else self.made_id

    def end(self, outcome: str, reason: str = "") -> "Plan":
        self.outcome, self.reason = outcome, reason
        return self


def plans(
    of: ContactImport,
    rows: Sequence[ImportRow],
    people: Sequence[Person],
    known: str,
    *,
    locked: bool = False,
) -> list[Plan]:
    """Locked, what they are compared with stays so until the transaction ends. One that is merged in this moment is
    nobody's, and its address is lost when it is claimed."""
    owners = _owners(people)
    earlier = _earlier(of, [row.number for row in rows])
    found = [
        _matched(row, person, owners, earlier) for row, person in zip(rows, people, strict=True)
    ]
    contacts = _contacts(found, locked=locked)
    tags = _tags(contacts)
    for plan, ids in found:
        theirs = [contacts[each] for each in sorted(ids) if each in contacts]
        _decide(plan, theirs, tags, known)
    return [plan for plan, _ in found]


def _matched(
    row: ImportRow,
    person: Person,
    owners: Mapping[tuple[str, str], int],
    earlier: Mapping[int, int],
) -> tuple[Plan, set[int]]:
    ids = {owners[each] for each in person.identities if each in owners}
    if not ids and row.number in earlier:
        ids = {earlier[row.number]}
    return Plan(row, person), ids


def _owners(people: Iterable[Person]) -> dict[tuple[str, str], int]:
    """By lists of values: pairs would be compared one after the other."""
    values: dict[str, set[str]] = {}
    for kind, value in {pair for person in people for pair in person.identities}:
        values.setdefault(kind, set()).add(value)
    query = select(ContactIdentity.kind, ContactIdentity.value, ContactIdentity.contact_id)
    found: dict[tuple[str, str], int] = {}
    for kind, asked in values.items():
        wanted = ContactIdentity.kind == kind, ContactIdentity.value == any_(literal(sorted(asked), ARRAY(Text)))  # fmt: skip
        found |= {(row[0], row[1]): row[2] for row in db.session.execute(query.where(*wanted))}
    return found


def _earlier(of: ContactImport, numbers: list[int]) -> dict[int, int]:
    """Whom the same lines of the same file became, when it was imported before: a name alone is no address."""
    query = (
        select(ImportRow.number, func.max(ImportRow.contact_id))
        .join(ContactImport, ContactImport.id == ImportRow.import_id)
        .where(
            ContactImport.sha256 == of.sha256,
            ContactImport.id != of.id,
            ContactImport.status == "done",
            ImportRow.number == any_(literal(numbers, ARRAY(BigInteger))),
            ImportRow.contact_id.is_not(None),
        )
        .group_by(ImportRow.number)
    )
    return {number: contact_id for number, contact_id in db.session.execute(query) if contact_id}


def _contacts(found: list[tuple[Plan, set[int]]], *, locked: bool) -> dict[int, Contact]:
    ids = sorted({each for _, ids in found for each in ids})
    query = select(Contact).where(Contact.id.in_(ids), Contact.merged_into_id.is_(None))
    beside = (selectinload(Contact.identities), joinedload(Contact.company))
    query = query.options(*beside).execution_options(populate_existing=True)
    if locked:
        query = query.order_by(Contact.id).with_for_update(key_share=True, of=Contact)
    return {each.id: each for each in db.session.scalars(query)} if ids else {}


def _tags(contacts: Iterable[int]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    query = (
        select(ContactTag.contact_id, Tag.name_key)
        .join(Tag, Tag.id == ContactTag.tag_id)
        .where(ContactTag.contact_id == any_(literal(list(contacts), ARRAY(BigInteger))))
    )
    for contact_id, key in db.session.execute(query):
        found.setdefault(contact_id, set()).add(key)
    return found


def _decide(plan: Plan, theirs: list[Contact], tags: Mapping[int, set[str]], known: str) -> None:
    if plan.person.problem:
        plan.end("error", plan.person.problem)
    elif len(theirs) > 1:
        one, other = theirs[0].display_name, theirs[1].display_name
        words = _(
            "The addresses in this line are of two contacts: %(one)s and %(other)s. Merge them first, if they are one person.",
            one=one, other=other,
        )  # fmt: skip
        plan.end("error", words)
    elif theirs:
        plan.contact = theirs[0]
        if known == "skip":
            plan.end("skipped", _("Is a contact already."))
        else:
            _compare(plan, theirs[0], tags.get(theirs[0].id, set()), known)
    else:
        _begin(plan)


def _begin(plan: Plan) -> None:
    person = plan.person
    plan.columns = {name: (None, value) for name, value in _values(person).items()}
    plan.identities, plan.tags = person.identities, person.tags


def _compare(plan: Plan, contact: Contact, tags: set[str], known: str) -> None:
    for name, value in _values(plan.person).items():
        there = _there(contact, name)
        if _same(name, there, value) or (there not in EMPTY and known == "fill"):
            continue
        plan.columns[name] = (there, value)
    there_too = {(each.kind, each.value) for each in contact.identities}
    plan.identities = [each for each in plan.person.identities if each not in there_too]
    plan.tags = [each for each in plan.person.tags if tagging.key(each) not in tags]
    changes = plan.columns or plan.identities or plan.tags or plan.person.consent
    plan.outcome = "updated" if changes else "unchanged"


def _values(person: Person) -> dict[str, Any]:
    """What the line says; an empty cell says nothing."""
    said = {name: getattr(person, name) for name in PLAIN} | {"company": person.company}
    said |= {OWN + key: value for key, value in person.custom.items()}
    return {name: value for name, value in said.items() if value not in EMPTY}


def _there(contact: Contact, name: str) -> Any:
    if name == "company":
        company: Company | None = contact.company
        return company.name if company else ""
    if name.startswith(OWN):
        return contact.custom.get(name.removeprefix(OWN))
    return getattr(contact, name)


def _same(name: str, there: Any, value: Any) -> bool:
    if name == "company" and there:
        return names.key(there) == names.key(value)
    return bool(there == value)
