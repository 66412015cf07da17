"""The opening hours of the business in scope: reading and changing them. app/lib/hours.py reckons with them.

Who changes them calls app/frontdesk/own_records.py, which tells the assistant as well.
"""

from collections.abc import Mapping
from datetime import date, timedelta

from flask_babel import gettext as _
from sqlalchemy import delete, select

from app.businesses.models import Business, OpeningException, OpeningHours
from app.core import tenancy
from app.core.db import now
from app.core.errors import Conflict, Invalid
from app.extensions import db
from app.lib.dates import local_date, time_zones
from app.lib.hours import DAY, Hours, Range, Ranges, Special

MAX_ID = 2**63 - 1  # of a bigint
MAX_NAME = 80  # characters of a holiday's name
MAX_SPECIALS = 200
LONGEST_SPECIAL = timedelta(days=366)
KEEP_PAST = timedelta(days=31)  # a special day that is over is taken away then


def current() -> Hours:
    week: dict[int, Ranges] = {}
    for row in db.session.scalars(
        select(OpeningHours).order_by(OpeningHours.weekday, OpeningHours.opens)
    ):
        week[row.weekday] = (*week.get(row.weekday, ()), Range(row.opens, row.closes))
    return Hours(zone(), week, tuple(_as_special(row) for row in exceptions()))


def exceptions() -> list[OpeningException]:
    """Soonest first, with those that are just over."""
    return list(db.session.scalars(select(OpeningException).order_by(OpeningException.first_day)))


def zone() -> str:
    """IANA, of the business in scope."""
    return db.session.get_one(Business, tenancy.current_business_id()).time_zone


def today() -> date:
    """Where the business is."""
    return local_date(now(), zone())


def change_zone(time_zone: str) -> None:
    """Raises Invalid."""
    if time_zone not in time_zones():
        raise Invalid(_("Choose the time zone of your business."), code="time_zone")
    db.session.get_one(Business, tenancy.current_business_id()).time_zone = time_zone


def change_week(week: Mapping[int, Ranges]) -> None:
    """Raises Invalid when one day's opening runs into the next day's."""
    _refuse_overlaps(week)
    db.session.execute(delete(OpeningHours))
    db.session.add_all(
        OpeningHours(weekday=weekday, opens=each.opens, closes=each.closes)
        for weekday, ranges in week.items()
        for each in ranges
    )
    db.session.flush()


def add_exception(
    first_day: date, last_day: date | None, name: str, ranges: Ranges
) -> OpeningException:
    """The same days again are changed. Raises Invalid, or Conflict for days that are taken."""
    last_day = last_day or first_day
    name = " ".join(name.replace("\x00", "").split())
    _refuse_days(first_day, last_day, name)
    row = db.session.scalar(
        select(OpeningException).where(
            OpeningException.first_day == first_day, OpeningException.last_day == last_day
        )
    )
    if row is None:
        _refuse_taken(first_day, last_day)
        row = OpeningException(first_day=first_day, last_day=last_day)
        db.session.add(row)
    row.name, row.ranges = name, [[each.opens, each.closes] for each in ranges]
    db.session.flush()
    return row


def remove_exception(exception_id: int) -> None:
    """Safe to call twice."""
    if exception_id <= MAX_ID:
        db.session.execute(delete(OpeningException).where(OpeningException.id == exception_id))


def forget_past() -> None:
    db.session.execute(
        delete(OpeningException).where(OpeningException.last_day < today() - KEEP_PAST)
    )


def _as_special(row: OpeningException) -> Special:
    ranges = tuple(Range(opens, closes) for opens, closes in row.ranges)
    return Special(row.first_day, row.last_day, row.name, ranges)


def _refuse_overlaps(week: Mapping[int, Ranges]) -> None:
    for weekday, ranges in week.items():
        following = week.get((weekday + 1) % 7, ())
        if ranges and following and ranges[-1].closes - DAY > following[0].opens:
            raise Invalid(_("One day goes on past midnight into the next day’s opening."))


def _refuse_days(first_day: date, last_day: date, name: str) -> None:
    if last_day < first_day:
        raise Invalid(_("The last day lies before the first."), code="first_day")
    if last_day - first_day > LONGEST_SPECIAL:
        raise Invalid(
            _("More than a year at once: change the weekly hours instead."), code="first_day"
        )
    if last_day < today():
        raise Invalid(_("This day is over already."), code="first_day")
    if first_day > today() + 3 * LONGEST_SPECIAL:
        raise Invalid(_("This is more than three years away. Is the year right?"), code="first_day")
    if len(name) > MAX_NAME:
        raise Invalid(_("A name may have %(most)s characters.", most=MAX_NAME), code="name")


def _refuse_taken(first_day: date, last_day: date) -> None:
    rows = exceptions()
    if len(rows) >= MAX_SPECIALS:
        raise Invalid(
            _("There are %(most)s already. Remove some first.", most=MAX_SPECIALS), code="too_many"
        )
    for row in rows:
        if row.first_day <= last_day and first_day <= row.last_day:
            raise Conflict(
                _(
                    "“%(value)s” has some of these days already. Remove it first.",
                    value=row.name or row.first_day,
                )
            )
