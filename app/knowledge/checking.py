"""Asking all cases as one piece of work that people can watch, and a correction at once."""

from flask_babel import gettext as _
from sqlalchemy import func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from app.accounts.models import User
from app.core import realtime, tenancy, unit_of_work
from app.core.db import now
from app.core.errors import Invalid
from app.core.jobs import enqueue
from app.extensions import db
from app.knowledge import cases, learning
from app.knowledge.embeddings.current import encode
from app.knowledge.models import CheckRun, RegressionCase, Source
from app.lib.marking import kept

BATCH = 10  # cases between two commits: progress moves, and no lock is held for long
SORRY = kept("Something went wrong on our side. Nothing was lost: press Run now.")


def start(by: User | None = None, *, anew: bool = False) -> CheckRun | None:
    """Have all cases asked, unless that goes on already; `anew` asks those again that were asked since
    it began, for the knowledge has changed. None when there are none to ask."""
    announce()
    if not db.session.scalar(select(select(RegressionCase).exists())):
        return None
    is_begun = _begin(by)
    while anew and not is_begun:  # the open run may end between the two looks
        is_begun = _begin_again() or _begin(by)
    return CheckRun.newest()


def _begin(by: User | None) -> bool:
    """False when a run is open."""
    statement = (
        insert(CheckRun)
        .values(asked_at=now(), asked_by=by.id if by else None)
        .on_conflict_do_nothing(
            index_elements=["business_id"], index_where=CheckRun.finished_at.is_(None)
        )
        .returning(CheckRun.id)
    )
    run_id = db.session.execute(statement).scalar_one_or_none()
    if run_id is not None:
        enqueue("knowledge.check", run_id)
    return run_id is not None


def _begin_again() -> bool:
    """False when no run is open."""
    still_open = update(CheckRun).where(CheckRun.finished_at.is_(None))
    moved = db.session.execute(still_open.values(asked_at=now()).returning(CheckRun.id))
    return moved.scalar_one_or_none() is not None


def progress(run: CheckRun) -> tuple[int, int]:
    """How many of how many cases were asked in it."""
    asked = func.count().filter(RegressionCase.last_run_at >= run.asked_at)
    done, total = db.session.execute(select(asked, func.count()).select_from(RegressionCase)).one()
    return done, total


def run(run_id: int) -> None:
    """Safe to run again at any point: what was asked since it was asked for is not asked again."""
    while (found := _open_run(run_id)) is not None:
        due = _due(found)
        for case in due:
            cases.ask(case, encode)
        if not due:
            found.finished_at = now()
        announce()
        unit_of_work.commit()


def fail(run_id: int, _reason: str) -> None:
    found = _open_run(run_id)
    if found is not None:
        found.finished_at, found.error = now(), SORRY
        announce()


def correct(case_id: int, source_id: int, revision: int) -> None:
    """Read the owner's answer first, then ask the question that it corrects."""
    source = Source.by_id(source_id)
    if source is not None and source.revision == revision and source.is_at_work:
        learning.read(source_id, revision)
    ask_again(case_id)


def ask_again(case_id: int) -> None:
    case = _locked(case_id)
    if case is not None:
        cases.ask(case, encode)
        announce(case)


def fail_correction(case_id: int, source_id: int, revision: int, reason: str) -> None:
    source = Source.by_id(source_id)
    if source is not None and source.is_at_work:
        learning.fail(source_id, revision, reason)
    case = _locked(case_id)
    if case is not None:
        case.last_run_at, case.is_green = now(), None
        announce(case)


def add(question: str, must_contain: str, source_name: str, by: User) -> RegressionCase:
    """A case by hand; asked for twice it is one. Raises Invalid with what is wrong."""
    expected = _expectation(question, must_contain, source_name)
    case = db.session.scalar(select(RegressionCase).filter_by(**expected).limit(1))
    if case is None:
        case = RegressionCase(created_by=by.id, **expected)
        db.session.add(case)
        db.session.flush()
    _have_asked(case)
    return case


def change(case: RegressionCase, question: str, must_contain: str, source_name: str) -> None:
    """It is asked again. Raises Invalid with what is wrong."""
    for name, value in _expectation(question, must_contain, source_name).items():
        setattr(case, name, value)
    case.is_green = None
    db.session.flush()
    _have_asked(case)


def _have_asked(case: RegressionCase) -> None:
    enqueue("knowledge.ask_again", case.id)
    announce()


def remove(case: RegressionCase) -> None:
    """The answer itself stays in the knowledge."""
    db.session.delete(case)
    db.session.flush()
    announce()


def announce(case: RegressionCase | None = None) -> None:
    members = f"business:{tenancy.current_business_id()}"
    realtime.publish(members, name="checks")
    if case is not None:
        realtime.publish(members, name=f"case-{case.id}")


def _expectation(question: str, must_contain: str, source_name: str) -> dict[str, object]:
    question = " ".join(question.replace("\x00", "").split())
    must_contain = must_contain.replace("\x00", "").strip()
    source_name = " ".join(source_name.replace("\x00", "").split())
    if not question:
        raise Invalid(_("Write the question as a customer would ask it."), code="empty")
    if not must_contain and not source_name:
        raise Invalid(_("Say what the answer must contain, or what it must quote."), code="empty")
    source_id = _source_named(source_name).id if source_name else None
    return {"question": question, "must_contain": must_contain, "source_id": source_id}


def _source_named(name: str) -> Source:
    found = db.session.scalar(
        select(Source).where(Source.name == name).order_by(Source.id.desc()).limit(1)
    )
    if found is None:
        raise Invalid(
            _("Nothing in your knowledge is called “%(name)s”.", name=name), code="unknown_source"
        )
    return found


def _open_run(run_id: int) -> CheckRun | None:
    return db.session.scalar(
        select(CheckRun)
        .where(CheckRun.id == run_id, CheckRun.finished_at.is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def _due(found: CheckRun) -> list[RegressionCase]:
    """In the order of their ids, as a source that goes live locks them too."""
    query = (
        select(RegressionCase)
        .where(
            or_(RegressionCase.last_run_at.is_(None), RegressionCase.last_run_at < found.asked_at)
        )
        .order_by(RegressionCase.id)
        .limit(BATCH)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return list(db.session.scalars(query))


def _locked(case_id: int) -> RegressionCase | None:
    return db.session.scalar(
        select(RegressionCase)
        .where(RegressionCase.id == case_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
