"""One commit at the edge, and what waits for it.

A request that succeeds commits once; then its jobs and live signals go out. One that fails rolls back
and sends nothing. Jobs and commands do the same through `unit_of_work()`.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

from flask import Flask, Response, request
from sqlalchemy.orm import Session

from app.core import tenancy
from app.extensions import db

logger = logging.getLogger(__name__)

WAITING, GATHERED, OWN = "after_commit", "gathered", "own"
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}

Action = Callable[[], None]


def after_commit(action: Action) -> None:
    """Run once this transaction is durable; dropped if it rolls back."""
    db.session().info.setdefault(WAITING, []).append(action)


class Gathered:
    """What a transaction has many of, done in one go."""

    def before(self) -> None:
        """It commits."""

    def after(self) -> None:
        """It has, and is durable."""


G = TypeVar("G", bound=Gathered)
T = TypeVar("T")


def gathered(kind: type[G]) -> G:
    """This transaction's; dropped if it rolls back."""
    found: dict[type[G], G] = db.session().info.setdefault(GATHERED, {})
    if kind not in found:
        found[kind] = kind()
        after_commit(found[kind].after)
    return found[kind]


def kept(name: str, read: Callable[[], T]) -> T:
    """What a transaction asks for again and again, read once in it, for the business in scope."""
    key = (tenancy.scope_or_none(), name)
    found = _of_transaction()
    if key not in found:
        found[key] = read()
        _of_transaction().update(found)  # reading may have begun it
    value: T = found[key]
    return value


def forget(name: str) -> None:
    """It has changed: the next who asks reads it anew."""
    _of_transaction().pop((tenancy.scope_or_none(), name), None)


def held(row: T) -> T:
    """Its lock is ours until the transaction ends: to be asked of holds(). One that was taken within a savepoint
    may be lost before that, so it isn't noted."""
    if not db.session().in_nested_transaction():
        _of_transaction()[id(row)] = row
    return row


def holds(row: Any) -> bool:
    return id(row) in _of_transaction()


def bare(row: T) -> T:
    """Made in this transaction, and nothing hangs on it yet: what would be looked up about it can't be there."""
    if not db.session().in_nested_transaction():
        _of_transaction()["bare", id(row)] = row
    return row


def is_bare(row: Any) -> bool:
    return ("bare", id(row)) in _of_transaction()


def hung_on(row: Any) -> None:
    """It isn't bare any more."""
    _of_transaction().pop(("bare", id(row)), None)


def _of_transaction() -> dict[Any, Any]:
    """Empty at the beginning of each."""
    session = db.session()
    current = session.get_transaction()
    begun, found = session.info.get(OWN, (None, {}))
    if begun is not current or current is None:
        found = {}
        session.info[OWN] = (current, found)
    return found


def commit(follow: Callable[[Action], None] | None = None) -> None:
    """For the edge, and for a job between its steps. `follow` takes what waits for the commit and does it
    in its own time, for an answer that shall not wait for it."""
    session = db.session()
    while gathered_ := session.info.pop(GATHERED, None):  # what is done before may gather more
        for each in gathered_.values():
            each.before()
    session.commit()
    waiting = session.info.pop(WAITING, [])
    if follow is not None:
        follow(partial(_run_all, waiting))
    else:
        _run_all(waiting)


def is_begun() -> bool:
    """Whether there is anything to commit."""
    session = db.session()
    return session.in_transaction() or bool(session.info.get(WAITING))


def rollback() -> None:
    session = db.session()
    session.rollback()
    session.info.pop(WAITING, None)
    session.info.pop(GATHERED, None)


@contextmanager
def unit_of_work() -> Iterator[Session]:
    try:
        yield db.session()
        commit()
    except BaseException:
        rollback()
        raise


def init_app(app: Flask) -> None:
    app.after_request(_finish)
    app.teardown_request(_abandon)


def _finish(response: Response) -> Response:
    """GET never writes, so it has nothing to commit; from 400 on nothing is kept."""
    if request.method in SAFE_METHODS or response.status_code >= 400:
        rollback()
    else:
        commit()
    return response


def _abandon(_error: BaseException | None) -> None:
    rollback()
    db.session.remove()
    tenancy.leave_scope()


def _run_all(actions: list[Action]) -> None:
    for action in actions:
        _run(action)


def _run(action: Action) -> None:
    """What follows a commit is a nudge: the sweeper and the cursors heal one that is lost."""
    try:
        action()
    except Exception:
        logger.exception("after-commit action failed; the sweeper will repeat it")
