"""Opening hours in plain sentences that an answer can quote, and the questions that ask for them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from app.lib.hours import Hours, Ranges, Special
from app.lib.hours_typed import clock

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
# Each a passage of its own: several in one would be near to none of them (docs/retrieval.md).
WHOLE_WEEK = (
    "What are your opening hours, your opening times?",
    "What time do you open?",
    "What time do you close?",
    "Are you open today, now, tomorrow?",
)
AHEAD = timedelta(days=400)  # special days further off are not said yet
LONG_OPENING = timedelta(hours=24)  # an end that is further off is no end to speak of


@dataclass(frozen=True, slots=True)
class Saying:
    """A question as customers ask it, with its answer."""

    question: str
    answer: str


def sayings(hours: Hours, today: date) -> list[Saying]:
    """Everything that can be said of them on that day. Nothing of a business without any."""
    if not hours.are_known:
        return []
    coming = upcoming(hours, today)
    summary = week(hours, today)
    found = [Saying(question, summary) for question in WHOLE_WEEK]
    found += [_of_weekday(hours, number) for number in range(7)]
    found.append(Saying("Are you open at the weekend, on weekends?", _weekend(hours)))
    found += [_of_special(each) for each in coming]
    if coming:
        question = "Are you open on bank holidays, on public holidays?"
        found.append(Saying(question, "\n".join(of_special(each) for each in coming)))
    return found


def upcoming(hours: Hours, today: date) -> list[Special]:
    return sorted(
        (
            each
            for each in hours.specials
            if each.last_day >= today and each.first_day < today + AHEAD
        ),
        key=lambda each: each.first_day,
    )


def next_change(hours: Hours, today: date) -> date | None:
    """The next day on which the sayings are others by themselves: a special day is over, or comes
    near enough to be said."""
    ends = [each.last_day + timedelta(days=1) for each in hours.specials if each.last_day >= today]
    begins = [each.first_day - AHEAD + timedelta(days=1) for each in hours.specials]
    return min((day for day in ends + begins if day > today), default=None)


def at_moment(hours: Hours, at: datetime) -> str:
    """`We are open now, until 17:30.` or `We are closed now. We open next on Monday, 23 November 2026, at 9:00.`"""
    closes, opens = hours.closes_at(at), hours.next_opening(at)
    if closes is not None:
        is_long = closes - at > LONG_OPENING
        return f"We are open now{'' if is_long else f', until {_clock(hours, closes)}'}."
    if opens is None:
        return "We are closed now, and no opening is planned."
    day = opens.astimezone(ZoneInfo(hours.zone)).date()
    return f"We are closed now. We open next on {day_in_words(day)}, at {_clock(hours, opens)}."


def on(hours: Hours, day: date) -> str:
    """`On Monday, 23 November 2026, we are open from 9:00 to 17:30.`"""
    special = hours.special_on(day)
    return of_special(special) if special else _sentence(f"On {day_in_words(day)},", hours.on(day))


def week(hours: Hours, today: date) -> str:
    """With like days together, then what is different soon."""
    lines = [_group(list(days), ranges) for ranges, days in _alike(hours)]
    said = "We are open " + "; ".join(line for line, is_open in lines if is_open) + "."
    closed = [line for line, is_open in lines if not is_open]
    if closed:
        said += f" We are closed {_listed(closed)}."
    return "\n".join([said, *(of_special(each) for each in upcoming(hours, today)[:3])])


def of_weekday(hours: Hours, weekday: int) -> str:
    """`On Saturday we are open from 9:00 to 17:30.`"""
    return _sentence(f"On {WEEKDAYS[weekday]}", hours.week.get(weekday, ()))


def of_special(special: Special) -> str:
    """`On 24 December 2026 (Christmas Eve) we are closed.`"""
    name = f" ({special.name})" if special.name else ""
    first = in_words(special.first_day)
    if special.first_day == special.last_day:
        return _sentence(f"On {first}{name}", special.ranges)
    return _sentence(f"From {first} to {in_words(special.last_day)}{name}", special.ranges)


def in_words(day: date) -> str:
    return f"{day.day} {day.strftime('%B')} {day.year}"


def day_in_words(day: date) -> str:
    return f"{WEEKDAYS[day.weekday()]}, {in_words(day)}"


def spans(ranges: Ranges) -> str:
    """`from 9:00 to 12:30 and from 14:00 to 18:00`"""
    if any(each.is_whole_day for each in ranges):
        return "24 hours"
    said = [
        f"from {clock(each.opens)} to {clock(each.closes)}"
        + (" the next day" if each.is_past_midnight else "")
        for each in ranges
    ]
    return _listed(said)


def _sentence(when: str, ranges: Ranges) -> str:
    return f"{when} we are open {spans(ranges)}." if ranges else f"{when} we are closed."


def _clock(hours: Hours, at: datetime) -> str:
    local = at.astimezone(ZoneInfo(hours.zone))
    return clock(local.hour * 60 + local.minute)


def _of_weekday(hours: Hours, number: int) -> Saying:
    day = WEEKDAYS[number]
    question = f"Are you open on {day}? When do you open and close on {day}s?"
    return Saying(question, of_weekday(hours, number))


def _weekend(hours: Hours) -> str:
    return f"{of_weekday(hours, 5)} {of_weekday(hours, 6)}"


def _of_special(special: Special) -> Saying:
    name = f"{special.name}, " if special.name else ""
    first = in_words(special.first_day)
    last = f" to {in_words(special.last_day)}" if special.last_day != special.first_day else ""
    return Saying(f"Are you open on {name}{first}{last}?", of_special(special))


def _alike(hours: Hours) -> list[tuple[Ranges, list[int]]]:
    """Neighbouring weekdays with the same hours."""
    of_day = [(hours.week.get(number, ()), number) for number in range(7)]
    return [
        (ranges, [number for _ranges, number in days])
        for ranges, days in groupby(of_day, key=lambda each: each[0])
    ]


def _group(days: list[int], ranges: Ranges) -> tuple[str, bool]:
    first, last = WEEKDAYS[days[0]], WEEKDAYS[days[-1]]
    named = f"on {first}" if len(days) == 1 else f"{first} to {last}"
    if len(days) == 7:
        named = "every day"
    if not ranges:
        return (named if len(days) == 1 else f"from {named}"), False
    return f"{named} {spans(ranges)}", True


def _listed(items: list[str]) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"
