"""What a threshold would do to the regression cases, tried before it is saved.

A question has to be encoded for it, so the worker asks the cases and leaves the outcome for the page.
"""

import json
from dataclasses import asdict, dataclass

from app.core import realtime, tenancy
from app.core.jobs import enqueue
from app.extensions import db, redis
from app.knowledge import cases
from app.knowledge.embeddings.current import encode

ASKED_SECONDS = 60  # then it may be asked again: the worker has given up
KEPT_SECONDS = 600  # a page that is looked at for longer tries again


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of a case: whether it holds at the threshold that was tried, and whether it held before."""

    question: str
    is_green: bool
    was_green: bool | None  # None: never asked yet

    @property
    def turns_red(self) -> bool:
        return not self.is_green and self.was_green is not False


def ask_for(percent: int) -> None:
    """Have the cases tried at this threshold; `of(percent)` has them after the live signal."""
    redis.client.set(_key(percent), "", ex=ASKED_SECONDS)
    key = f"knowledge.try_threshold {tenancy.current_business_id()} {percent}"
    enqueue("knowledge.try_threshold", percent, key=key)


def run(percent: int) -> None:
    """Nothing of it stays on the cases."""
    before = cases.states()
    with db.session.begin_nested() as attempt:
        found = [
            Outcome(case.question, bool(case.is_green), before.get(case.id))
            for case in cases.run_all(encode, threshold=percent / 100)
        ]
        attempt.rollback()
    kept = json.dumps([asdict(outcome) for outcome in found])
    redis.client.set(_key(percent), kept, ex=KEPT_SECONDS)
    realtime.publish(f"business:{tenancy.current_business_id()}", name="threshold-trial")


@dataclass(frozen=True, slots=True)
class Trial:
    """`outcomes` is None while the worker is at it, or when nobody has asked."""

    is_asked: bool = False
    outcomes: list[Outcome] | None = None

    @property
    def turning_red(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes or [] if outcome.turns_red]


def of(percent: int) -> Trial:
    kept = redis.client.get(_key(percent))
    if not kept:
        return Trial(is_asked=kept is not None)
    return Trial(True, [Outcome(**each) for each in json.loads(kept)])


def _key(percent: int) -> str:
    return f"threshold-trial:{tenancy.current_business_id()}:{percent}"
