"""Rules as one condition on contacts, of comparisons that Postgres may answer by an index under row security."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from math import ceil, floor
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    Numeric,
    Select,
    String,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import distinct_on

from app.businesses.models import Business
from app.channels.models import Channel, Consent
from app.contacts.listing import begins
from app.contacts.models import (
    SURE_LINKS,
    Company,
    Contact,
    ContactIdentity,
    ContactTag,
    Visitor,
)
from app.conversations.models import Conversation
from app.core import tenancy
from app.core.db import now
from app.extensions import db
from app.lib import names
from app.segments import fields
from app.segments.rules import Condition, Group, Rules

Found = ColumnElement[bool]
SHOWN = (Conversation.is_preview.is_(False), Conversation.merged_into_id.is_(None))
SURE = (Visitor.contact_link.in_(SURE_LINKS), Visitor.contact_id.is_not(None))
# The kind of an address, as consents have it.
ADDRESS = case(
    {"email": "email:", "phone": "phone:", "whatsapp": "user:"},
    value=ContactIdentity.kind,
    else_="page_user:",
)


def compiled(rules: Rules) -> Found:
    """Of checked rules; what a condition speaks of may be gone by now, then nobody has it."""
    known = fields.all()
    groups = [_group(each, known) for each in rules.groups if each.conditions]
    return _joined(rules.match, groups) if groups else false()


def _group(group: Group, known: dict[str, fields.Asked]) -> Found:
    found = [_condition(known.get(each.field), each) for each in group.conditions]
    return _joined(group.match, found)


def _condition(asked: fields.Asked | None, condition: Condition) -> Found:
    if asked is None or condition.op not in asked.ops or not fields.is_readable(asked, condition):
        return false()
    return _COMPILE[asked.kind](asked, condition)


def _joined(match: str, found: list[Found]) -> Found:
    return and_(true(), *found) if match == "all" else or_(false(), *found)


def _name(_asked: fields.Asked, condition: Condition) -> Found:
    if condition.op in fields.KNOWN:
        return _presence(Contact.name.is_not(None), condition)
    key = names.key(condition.value)
    return Contact.name_key == key if condition.op == "is" else begins(Contact.name_key, key)


def _address(asked: fields.Asked, condition: Condition) -> Found:
    of_kind = select(ContactIdentity.contact_id).where(ContactIdentity.kind == asked.key)
    if condition.op in fields.KNOWN:
        mine = of_kind.where(ContactIdentity.contact_id == Contact.id).exists()
        return _presence(mine, condition)
    start = "".join(condition.value.lower().split())
    return Contact.id.in_(of_kind.where(begins(ContactIdentity.value.collate("C"), start)))


def _tag(_asked: fields.Asked, condition: Condition) -> Found:
    tagged = select(ContactTag.contact_id).where(ContactTag.tag_id == int(condition.value))
    if condition.op == "has":
        return Contact.id.in_(tagged)
    return ~tagged.where(ContactTag.contact_id == Contact.id).exists()


def _company(_asked: fields.Asked, condition: Condition) -> Found:
    if condition.op in fields.KNOWN:
        return _presence(Contact.company_id.is_not(None), condition)
    wanted = select(Company.id).where(Company.name_key == names.key(condition.value))
    same = Contact.company_id == wanted.scalar_subquery()
    return same if condition.op == "is" else func.coalesce(same, false()).is_(False)


def _language(_asked: fields.Asked, condition: Condition) -> Found:
    if condition.op in fields.KNOWN:
        return _presence(Contact.language.is_not(None), condition)
    same = Contact.language == condition.value
    return same if condition.op == "is" else Contact.language.is_distinct_from(condition.value)


def _moment(asked: fields.Asked, condition: Condition) -> Found:
    column = Contact.last_activity_at if asked.key == "last_activity" else Contact.created_at
    if condition.op in fields.DAYS:
        since = now() - timedelta(days=int(condition.value))
        return column >= since if condition.op == "within" else column < since
    start = _start_of(date.fromisoformat(condition.value))
    return column >= start if condition.op == "after" else column < start


def _start_of(day: date) -> datetime:
    """Of the day where the business is."""
    business = db.session.get_one(Business, tenancy.current_business_id())
    return datetime.combine(day, time(), ZoneInfo(business.time_zone or "UTC"))


def _channel(_asked: fields.Asked, condition: Condition) -> Found:
    used = (
        select(Visitor.contact_id)
        .join(Channel, Channel.id == Visitor.channel_id)
        .where(Channel.kind == condition.value, *SURE)
    )
    if condition.op == "used":
        return Contact.id.in_(used)
    return ~used.where(Visitor.contact_id == Contact.id).exists()


def _consent(_asked: fields.Asked, condition: Condition) -> Found:
    """By the newest that was said by any of the addresses."""
    purpose = "all" if condition.op == "never" else "marketing"
    newest = (
        select(Consent.address, Consent.state)
        .where(Consent.purpose == purpose)
        .ext(distinct_on(Consent.channel_kind, Consent.address))
        .order_by(
            Consent.channel_kind, Consent.address, Consent.occurred_at.desc(), Consent.id.desc()
        )
    )
    if condition.value:
        newest = newest.where(Consent.channel_kind == condition.value)
    said = newest.subquery()
    whose: Select[int] = select(ContactIdentity.contact_id).join(
        said, said.c.address == ADDRESS + ContactIdentity.value
    )
    if condition.op == "none":
        return Contact.id.not_in(whose)
    return Contact.id.in_(whose.where(said.c.state == ("in" if condition.op == "in" else "out")))


def _conversations(_asked: fields.Asked, condition: Condition) -> Found:
    number = float(condition.value)
    least = ceil(number) if condition.op == "at_least" else floor(number) + 1
    if least <= 0:
        return literal(condition.op == "at_least")
    having = (
        select(Visitor.contact_id)
        .join(Conversation, Conversation.visitor_id == Visitor.id)
        .where(*SURE, *SHOWN)
        .group_by(Visitor.contact_id)
        .having(func.count() >= least)
    )
    return Contact.id.in_(having) if condition.op == "at_least" else Contact.id.not_in(having)


# --- The business's own fields


def _own(asked: fields.Asked, condition: Condition) -> Found:
    value = Contact.custom[asked.key.removeprefix(fields.OWN)]
    if condition.op in fields.KNOWN:
        return _presence(value.as_string().is_not(None), condition)
    return _OWN[asked.kind](value, condition.op, condition.value.strip())


def _own_number(value: Any, op: str, wanted: str) -> Found:
    number, asked = _number(value), literal(wanted).cast(Numeric)
    found: Found = {"is": number == asked, "at_least": number >= asked, "at_most": number <= asked}[op]  # fmt: skip
    return found


def _own_date(value: Any, op: str, wanted: str) -> Found:
    day = cast(value.as_string(), String).collate("C")
    return day >= wanted if op == "after" else day < wanted


def _own_yes_no(value: Any, op: str, _wanted: str) -> Found:
    found: Found = value.as_string() == ("true" if op == "yes" else "false")
    return found


def _own_choice(value: Any, op: str, wanted: str) -> Found:
    said = value.as_string()
    found: Found = said == wanted if op == "is" else said.is_distinct_from(wanted)
    return found


def _own_text(value: Any, op: str, wanted: str) -> Found:
    lower, start = func.lower(value.as_string()), wanted.lower()
    found: Found = lower == start if op == "is" else lower.startswith(start, autoescape=True)
    return found


def _number(value: Any) -> Any:
    """Nothing where somebody else's program wrote a text."""
    text = func.jsonb_typeof(value) == "number"
    return case((text, value.as_string().cast(Numeric)))


_OWN: dict[str, Callable[[Any, str, str], Found]] = {
    "own_text": _own_text,
    "own_link": _own_text,
    "own_number": _own_number,
    "own_date": _own_date,
    "own_yes_no": _own_yes_no,
    "own_choice": _own_choice,
}


def _presence(is_there: Any, condition: Condition) -> Found:
    found: Found = is_there if condition.op == "known" else ~is_there
    return found


_COMPILE: dict[str, Callable[[fields.Asked, Condition], Found]] = {
    "text": _name,
    "address": _address,
    "tag": _tag,
    "company": _company,
    "language": _language,
    "moment": _moment,
    "channel": _channel,
    "consent": _consent,
    "count": _conversations,
    **{kind: _own for kind in fields.OPS if kind.startswith("own_")},
}
