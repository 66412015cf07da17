"""Companies: one row for a name in whatever spelling."""

import re

from flask_babel import gettext as _
from sqlalchemy import Select, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from app.contacts.listing import begins
from app.contacts.models import Company, Contact
from app.core.errors import Conflict, Invalid
from app.extensions import db
from app.lib import names

MAX_NAME = 120  # characters
MAX_NOTE = 2000
PAGE_ROWS = 50
_DOMAIN = re.compile(r"(?=.{4,253}$)([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")


def find_or_make(name: str) -> Company | None:
    """None for an empty name. Two at once make one."""
    name = _name(name)
    if not name:
        return None
    statement = insert(Company).values(name=name, name_key=names.key(name))
    db.session.execute(statement.on_conflict_do_nothing(index_elements=["business_id", "name_key"]))
    return Company.by_name(name)


def create(name: str, domain: str = "", note: str = "") -> Company:
    """Raises Invalid or Conflict; the code is the field's name."""
    company = Company(name=_needed(name), domain=_domain(domain), note=_note(note))
    _refuse_same(company.name_key)
    db.session.add(company)
    db.session.flush()
    return company


def change(company: Company, name: str, domain: str = "", note: str = "") -> None:
    name = _needed(name)
    if names.key(name) != company.name_key:
        _refuse_same(names.key(name))
    company.name, company.domain, company.note = name, _domain(domain), _note(note)
    db.session.flush()


def remove(company: Company) -> None:
    """Its contacts stay, without a company."""
    db.session.execute(delete(Company).where(Company.id == company.id))


def listed(words: str = "", after: str = "") -> tuple[list[tuple[Company, int]], str]:
    """By name, each with how many contacts it has, and the place of the last when there are more."""
    query: Select[Company] = select(Company).order_by(Company.name_key)
    if words:
        query = query.where(begins(Company.name_key, names.key(words)))
    if after:
        query = query.where(Company.name_key > after)
    found = list(db.session.scalars(query.limit(PAGE_ROWS + 1)))
    rows, more = found[:PAGE_ROWS], len(found) > PAGE_ROWS
    counted = counts([each.id for each in rows])
    return [(each, counted.get(each.id, 0)) for each in rows], rows[-1].name_key if more else ""


def counts(company_ids: list[int]) -> dict[int, int]:
    query = (
        select(Contact.company_id, func.count())
        .where(Contact.company_id.in_(company_ids), Contact.merged_into_id.is_(None))
        .group_by(Contact.company_id)
    )
    rows = db.session.execute(query) if company_ids else ()
    return {row[0]: row[1] for row in rows if row[0]}


def suggested(limit: int = 200) -> list[str]:
    """Names to choose from while one is typed."""
    return list(db.session.scalars(select(Company.name).order_by(Company.name_key).limit(limit)))


def _name(name: str) -> str:
    name = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    if len(name) > MAX_NAME:
        raise Invalid(
            _("The name of a company may have %(most)s characters.", most=MAX_NAME), code="company"
        )
    return name


def _needed(name: str) -> str:
    name = _name(name)
    if not names.key(name):
        raise Invalid(_("Write the company’s name."), code="name")
    return name


def _domain(domain: str) -> str:
    domain = re.sub(r"^https?://(www\.)?|/.*$", "", domain.strip().lower())
    if domain and not _DOMAIN.fullmatch(domain):
        raise Invalid(_("This is no web address. One is example.com."), code="domain")
    return domain


def _note(note: str) -> str:
    note = note.replace("\x00", "").replace("\r\n", "\n").strip()
    if len(note) > MAX_NOTE:
        raise Invalid(_("A note may have %(most)s characters.", most=f"{MAX_NOTE:,}"), code="note")
    return note


def _refuse_same(key: str) -> None:
    same = db.session.scalar(select(Company).where(Company.name_key == key))
    if same:
        raise Conflict(_("There is a company “%(name)s” already.", name=same.name), code="name")
