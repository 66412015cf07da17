"""What a change of the embedding model costs: `.venv/bin/python bench/model_change.py [--passages 1000]`.

A business of so many paragraphs is changed to the same network without rounding, as another model of the same size would
be, while a customer asks one question after the other: passages a second, the time of the switch, answers meanwhile,
and the memory of both models.
"""

import os
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import paragraphs
from bench.question_sets import scratch
from bench.report import Line, arguments, percentile, show

COMMAND = "bench/model_change.py"
OTHER = "all-MiniLM-L6-v2-float"
IDLE_QUESTIONS = 100


def main() -> None:
    options = arguments(__doc__, passages=1000)
    with scratch() as app, tempfile.TemporaryDirectory() as folder:
        base = _models(Path(folder), app.config["EMBEDDING_DIR"])
        app.config["EMBEDDING_DIR"] = base
        business_id = _taught(Path(folder), options.passages)
        lines = _measure(app, business_id, options.passages)
    show(lines, COMMAND, markdown=options.markdown)


def _models(folder: Path, built: Path) -> Path:
    from app.config import OUR_MODEL
    from app.knowledge import embeddings
    from app.knowledge.embeddings.export import installed_weights

    base = folder / "models"
    base.mkdir()
    (base / OUR_MODEL).symlink_to(built / OUR_MODEL)
    embeddings.build(base, OTHER, installed_weights(), rounded=False)
    return base


def _taught(folder: Path, count: int) -> int:
    from app.core.tenancy import business_scope
    from app.core.unit_of_work import unit_of_work
    from app.frontdesk.opening import open_business
    from app.knowledge import importing

    with unit_of_work():
        business_id = open_business("A large one", None, "large").id
    files = folder / "files"
    files.mkdir()
    with business_scope(business_id):
        for result in importing.import_all(paragraphs.write_files(files, count, 100)):
            assert result.is_ready, result
    return business_id


def _measure(app, business_id: int, passages: int) -> list[Line]:
    from app.core.tenancy import business_scope
    from app.extensions import db
    from app.knowledge import reembedding

    asked = paragraphs.questions(IDLE_QUESTIONS, 5)
    with business_scope(business_id):
        idle = [_ask(question) for question in asked]
        db.session.remove()
    before, switch = _resident_mb(), _timed(reembedding, "_switch")
    meanwhile: list[float] = []
    stopping = threading.Event()

    def customer() -> None:
        with app.app_context(), business_scope(business_id):
            while not stopping.is_set():
                meanwhile.append(_ask(asked[len(meanwhile) % len(asked)]))
                time.sleep(0.05)

    customers = threading.Thread(target=customer, daemon=True)
    customers.start()
    app.config.update(EMBEDDING_MODEL=OTHER)
    began = time.monotonic()
    with business_scope(business_id):
        reembedding.reembed()
    seconds = time.monotonic() - began
    both = _resident_mb()
    stopping.set()
    customers.join()
    return [
        Line(f"model change, {passages:,} passages: whole", "", f"{seconds:.0f} s"),
        Line("… passages a second", "", f"{passages / seconds:.0f}"),
        Line("… the switch itself", "", f"{1000 * sum(switch):.0f} ms"),
        Line("… a question before it, p50 / p95", "", _both(idle)),
        Line("… a question meanwhile, p50 / p95", "", _both(meanwhile)),
        Line("… memory that it adds while it lasts", "", f"{both - before:.0f} MB"),
    ]


def _ask(question: str) -> float:
    from app.extensions import db
    from app.knowledge import answering
    from app.knowledge.embeddings.current import encode

    began = time.perf_counter()
    found = answering.answer(question, encode)
    assert found.passages
    db.session.rollback()
    return 1000 * (time.perf_counter() - began)


def _timed(module, name: str) -> list[float]:
    """The seconds of each call of this function from now on."""
    taken: list[float] = []
    original = getattr(module, name)

    def measured(*args):
        began = time.perf_counter()
        try:
            return original(*args)
        finally:
            taken.append(time.perf_counter() - began)

    setattr(module, name, measured)
    return taken


def _both(values: list[float]) -> str:
    return f"{percentile(values, 0.5):.0f} / {percentile(values, 0.95):.0f} ms"


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024 / 1024


if __name__ == "__main__":
    main()
