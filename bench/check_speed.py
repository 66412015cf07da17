"""500 checks on the demo shop's documents, and a correction: `.venv/bin/python bench/check_speed.py`.

Without queues: the time is that of the work itself, in one process with the model loaded.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import report
from bench.question_sets import scratch

ASKED = "How much is delivery to Ashcombe?"


def main() -> None:
    options = report.arguments(__doc__, checks=500)
    with scratch():
        lines = _measure(options.checks)
    report.show(lines, "bench/check_speed.py", markdown=options.markdown)


def _measure(count: int) -> list[report.Line]:
    from app.core.tenancy import business_scope
    from app.core.unit_of_work import unit_of_work
    from app.demo import seed
    from app.extensions import db
    from app.knowledge import checking, importing, learning, services
    from app.knowledge.models import RegressionCase

    business_id = _open()
    with business_scope(business_id):
        list(importing.import_all([seed.DOCUMENTS]))
        with unit_of_work():
            db.session.add_all(_cases(count))
            run = checking.start()
            assert run
            run_id = run.id
        ran = _seconds(lambda: checking.run(run_id))
        source = _source(lambda: services.add_question("Do pigs fly?", "Never.", None))
        live = _seconds(lambda: learning.read(*source))
        with unit_of_work():
            db.session.execute(db.delete(RegressionCase))
        corrected = _seconds(_correct)
    return [
        report.Line(f"{count} checks asked", "", f"{ran:.1f} s"),
        report.Line(f"an answer goes live beside {count} checks", "", f"{live:.1f} s"),
        report.Line("a correction read and asked again", "", f"{corrected * 1000:.0f} ms"),
    ]


def _open() -> int:
    from app.accounts.services import create_user
    from app.core.unit_of_work import unit_of_work
    from app.frontdesk.opening import open_business
    from app.knowledge.embeddings.current import encode

    encode(["The model is loaded before the clock runs."])
    with unit_of_work():
        create_user("Olivia Owner", "olivia@example.com", "a long enough password")
        return open_business("Measured", None, "measured").id


def _cases(count: int) -> list[object]:
    from app.knowledge.models import RegressionCase

    return [
        RegressionCase(question=f"{ASKED} It is for order {n}.", must_contain="", created_by=0)
        for n in range(count)
    ]


def _source(make: Callable[[], object]) -> tuple[int, int]:
    from app.core.unit_of_work import unit_of_work

    with unit_of_work():
        made = make()
        return made.id, made.revision  # type: ignore[attr-defined]


def _correct() -> None:
    from app.accounts.models import User
    from app.core.unit_of_work import unit_of_work
    from app.extensions import db
    from app.knowledge import checking, services

    with unit_of_work():
        by = db.session.scalars(db.select(User)).one()
        case = services.correct(ASKED, "It is £6.50.", by)
        ids = case.id, case.source_id or 0, case.source.revision if case.source else 0
    with unit_of_work():
        checking.correct(*ids)


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
