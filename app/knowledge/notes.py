"""Short notes: a few sentences of the owner, quoted like any text, until a day if it has one."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from sqlalchemy import select

from app.accounts.models import User
from app.businesses import hours
from app.core.errors import Invalid
from app.core.jobs import enqueue
from app.extensions import db
from app.knowledge import learning, services
from app.knowledge.models import Source
from app.knowledge.own_words import short

MAX_TITLE_CHARACTERS = 150
MAX_NOTE_CHARACTERS = 5000
FURTHEST = timedelta(days=3653)


def add(title: str, body: str, valid_until: date | None, by: User | None) -> Source:
    """The same words again give the same source. Raises Invalid with what is wrong."""
    name, body = _clean(title, body)
    _refuse_day(valid_until)
    services.one_at_a_time(body)
    source = db.session.scalar(
        select(Source)
        .where(Source.kind == "note", Source.body == body, Source.name == name)
        .limit(1)
    )
    if source is not None and source.valid_until == valid_until:
        return source
    if source is None:
        source = Source(kind="note", created_by=by.id if by else None)
        db.session.add(source)
    return _keep(source, name, body, valid_until)


def change(source: Source, title: str, body: str, valid_until: date | None) -> None:
    """The old words stop being quoted at once; the new ones follow when they are embedded."""
    name, body = _clean(title, body)
    if valid_until != source.valid_until:
        _refuse_day(valid_until)
    if (name, body) != (source.name, source.body):
        learning.forget_documents(source)
    _keep(source, name, body, valid_until)


def title_of(source: Source) -> str:
    """As its owner typed it: empty when it is called by its first words."""
    return "" if source.name == short(source.body or "") else source.name


def expire(source_id: int) -> None:
    """By the clock, when its last day is over where the business is; too early, it asks again."""
    source = db.session.scalar(select(Source).where(Source.id == source_id).with_for_update())
    if source is not None and source.status != "expired" and not learning.retire(source):
        _schedule(source)


def _keep(source: Source, name: str, body: str, valid_until: date | None) -> Source:
    source.name, source.body, source.valid_until = name, body, valid_until
    services.ask_to_read(source)
    _schedule(source)
    return source


def _schedule(source: Source) -> None:
    if source.valid_until is None:
        return
    zone = ZoneInfo(hours.zone())
    at = datetime.combine(source.valid_until + timedelta(days=1), time(), zone).astimezone(UTC)
    enqueue(
        "knowledge.expire", source.id, queue="bulk", at=at, key=f"expire {source.id} {at:%F %R}"
    )


def _refuse_day(valid_until: date | None) -> None:
    if valid_until is None:
        return
    today = hours.today()
    if valid_until < today:
        raise Invalid(_("The last day of this note is over already."), code="day")
    if valid_until > today + FURTHEST:
        raise Invalid(_("That day is more than ten years away. Leave it empty."), code="day")


def _clean(title: str, body: str) -> tuple[str, str]:
    title = " ".join(title.replace("\x00", "").split())
    body = body.replace("\x00", "").replace("\r\n", "\n").strip()
    if not body:
        raise Invalid(_("Write what your customers should know."), code="empty")
    if len(title) > MAX_TITLE_CHARACTERS or len(body) > MAX_NOTE_CHARACTERS:
        raise Invalid(
            _(
                "A title may have %(most)s characters and a note %(most2)s.",
                most=MAX_TITLE_CHARACTERS,
                most2=f"{MAX_NOTE_CHARACTERS:,}",
            ),
            code="too_long",
        )
    return title or short(body), body
