"""Lines of a file into the contacts: many in few statements, in the order in which everybody takes locks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, text

from app.channels import consents
from app.channels.border import Address
from app.channels.consent_entries import ADDRESS_KINDS
from app.contact_data.importing.matching import Plan
from app.contact_data.importing.settings import OWN, Settings
from app.contact_data.models import ContactImport
from app.contacts import companies, moving, tagging
from app.contacts.models import Activity, Contact, ContactIdentity, ContactTag
from app.contacts.models.people import NAMELESS
from app.core import many
from app.core.db import now
from app.extensions import db
from app.lib import names

# Taken before the rows are written, so that many go in one statement and it is known which is whose.
IDS = text(
    "SELECT nextval(pg_get_serial_sequence('contacts', 'id')) FROM generate_series(1, :count)"
)
MOST_SHOWN = 200  # characters of a value in the timeline
Reversal = dict[str, Any]


@dataclass(slots=True)
class Writer:
    """Companies and tags that were found once are kept for the whole job."""

    of: ContactImport
    settings: Settings
    _companies: dict[str, int] = field(default_factory=dict)
    _tags: dict[str, int] = field(default_factory=dict)

    def write(self, plans: Sequence[Plan]) -> list[Plan]:
        """Of locked contacts. What couldn't be comes back: somebody has taken an address in this moment."""
        changing = [each for each in plans if each.outcome in ("new", "updated")]
        fresh = {id(each) for each in changing if each.contact is None}
        self._make([each for each in changing if id(each) in fresh])
        lost = self._claim(changing)
        done = [each for each in changing if each not in lost] if lost else changing
        for plan in done:
            if id(plan) not in fresh:
                self._change(plan)
        db.session.flush()
        self._tag(done)
        self._note_consent(done)
        self._tell(done, fresh)
        self._remember(done, fresh)
        return lost

    def _make(self, plans: list[Plan]) -> None:
        rows = [self._row(plan) for plan in plans]
        if not rows:
            return
        ids = db.session.scalars(IDS, {"count": len(rows)}).all()
        for plan, row, contact_id in zip(plans, rows, ids, strict=True):
            plan.made_id = row["id"] = contact_id
        many.insert(Contact, rows)

    def _row(self, plan: Plan) -> dict[str, Any]:
        values = {name: after for name, (_, after) in plan.columns.items()}
        name = values.get("name")
        row = {column: values.get(column) for column in ("name", "language", "birthday")}
        row["note"] = values.get("note") or ""
        row["custom"] = {
            key.removeprefix(OWN): value for key, value in values.items() if key.startswith(OWN)
        }
        row["company_id"] = self._company(values.get("company"))
        return row | {"name_key": names.key(name) if name else NAMELESS}

    def _company(self, name: str | None) -> int | None:
        if not name:
            return None
        key = names.key(name)
        if key not in self._companies:
            company = companies.find_or_make(name)
            assert company
            self._companies[key] = company.id
        return self._companies[key]

    def _claim(self, plans: list[Plan]) -> list[Plan]:
        """Those that lost an address to somebody else's. In one order, so that two can't wait for each other."""
        rows = sorted(
            ({"contact_id": _id(plan), "kind": kind, "value": value, "source": "import"}
            for plan in plans for kind, value in plan.identities),
            key=lambda row: (row["kind"], row["value"]),
        )  # fmt: skip
        if not rows:
            return []
        told = "contact_id, kind, value"
        added = many.insert(ContactIdentity, rows, on_conflict="(business_id, kind, value) DO NOTHING", returning=told)  # fmt: skip
        made = {tuple(row) for row in added}
        lost = [
            plan
            for plan in plans
            if any((_id(plan), kind, value) not in made for kind, value in plan.identities)
        ]
        self._give_back(lost, made)
        return lost

    def _give_back(self, plans: list[Plan], made: Iterable[Any]) -> None:
        ours = {_id(plan) for plan in plans}
        for contact_id, kind, value in made:
            if contact_id in ours:
                same = ContactIdentity.kind == kind, ContactIdentity.value == value
                db.session.execute(delete(ContactIdentity).where(*same))
        for plan in plans:
            if plan.made_id:
                db.session.execute(delete(Contact).where(Contact.id == plan.made_id))
                plan.made_id = None

    def _change(self, plan: Plan) -> None:
        contact = plan.contact
        assert contact
        custom = dict(contact.custom)
        for name, (_before, value) in plan.columns.items():
            if name == "company":
                contact.company_id = self._company(value)
            elif name.startswith(OWN):
                custom[name.removeprefix(OWN)] = value
            else:
                setattr(contact, name, value)
                if name == "name":
                    contact.name_said_by = None
        if custom != contact.custom:
            contact.custom = custom
        contact.version += 1

    def _tag(self, plans: list[Plan]) -> None:
        rows = [
            {"contact_id": _id(plan), "tag_id": self._tag_id(name), "user_id": self.of.user_id}
            for plan in plans
            for name in plan.tags
        ]
        if rows:
            many.insert(ContactTag, rows, on_conflict="DO NOTHING")

    def _tag_id(self, name: str) -> int:
        key = tagging.key(name)
        if key not in self._tags:
            self._tags[key] = tagging.find_or_make(name).id
        return self._tags[key]

    def _note_consent(self, plans: list[Plan]) -> None:
        """With the evidence that a member gave. Who said no before is left at that: only they can change it."""
        by_channel: dict[tuple[str, str], list[Address]] = {}
        for plan in plans:
            for channel, state in plan.person.consent.items():
                kind = ADDRESS_KINDS[channel]
                found = [Address(k, value) for k, value in plan.person.identities if k == kind]
                by_channel.setdefault((channel, state), []).extend(found)
        for (channel, state), addresses in by_channel.items():
            said = consents.states(channel, addresses)
            new = [
                consents.key_of(each)
                for each in addresses
                if (now_said := said.get(consents.key_of(each), {})).get("marketing") != state
                and not (state == "in" and "out" in now_said.values())
            ]
            evidence = {"words": self.settings.consent_words, "import_id": self.of.id}
            consents.record(
                channel, new, purpose="marketing", state=state, basis="import", evidence=evidence,
                user_id=self.of.user_id, source_key=f"import-{self.of.id}-{channel}-{state}",
            )  # fmt: skip

    def _tell(self, plans: list[Plan], fresh: set[int]) -> None:
        at = now()
        rows = [
            {
                "contact_id": _id(plan), "kind": "contact.made" if id(plan) in fresh else "contact.changed",
                "occurred_at": at, "actor_kind": "member", "actor_id": self.of.user_id,
                "about": f"import:{self.of.id}", "summary": self.of.name[:MOST_SHOWN] if id(plan) in fresh else "",
                "payload": {} if id(plan) in fresh else {"changes": _changes(plan)},
                "source_key": f"contact-{_id(plan)}-made" if id(plan) in fresh else f"import-{self.of.id}-{plan.row.number}",
            }
            for plan in plans
        ]  # fmt: skip
        if rows:
            many.insert(Activity, rows, on_conflict="(business_id, source_key) DO NOTHING")

    def _remember(self, plans: list[Plan], fresh: set[int]) -> None:
        """What undoing needs."""
        for plan in plans:
            kept: Reversal = {"made": True}
            if id(plan) not in fresh:
                kept = {
                    "columns": {name: [_json(a), _json(b)] for name, (a, b) in plan.columns.items()},
                    "identities": [list(each) for each in plan.identities],
                    "tags": [self._tag_id(name) for name in plan.tags],
                }  # fmt: skip
            plan.reversal = kept


def _id(plan: Plan) -> int:
    assert plan.contact_id
    return plan.contact_id


def _json(value: Any) -> Any:
    return moving.as_json(value)


def _changes(plan: Plan) -> list[dict[str, str]]:
    """As the timeline shows them."""
    changes = [
        {
            "field": name.removeprefix(OWN).replace("_", " ").capitalize(),
            "from": str(before if before is not None else "")[:MOST_SHOWN],
            "to": str(after)[:MOST_SHOWN],
        }
        for name, (before, after) in plan.columns.items()
    ]
    added = [value for _, value in plan.identities] + plan.tags
    return changes + [{"field": _("Added"), "from": "", "to": each} for each in added]
