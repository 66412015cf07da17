"""1,000 paragraphs of 100 words into the knowledge: `.venv/bin/python bench/import_speed.py`.

Once by `flask knowledge import`, the whole command with its start. Then five times as an upload to the dashboard that
the worker reads, from the POST until all of it is embedded; the worker's memory (with the child that reads the file)
is looked at ten times a second.
"""

import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import paragraphs, report
from bench.installation import SLUG, Installation, installation, pss_mb
from bench.owner import Owner, Watch

TARGET_SECONDS = 30
FLAT_MB = 20  # more than after the first import would be a leak
REST_SECONDS = 12  # the worker gives memory back on its heartbeat, every five
UPLOADS = 5


def main() -> None:
    options = report.arguments(__doc__, paragraphs=1000)
    count = options.paragraphs
    with installation() as measured, tempfile.TemporaryDirectory() as folder:
        measured.open_business()
        (whole,) = paragraphs.write_files(Path(folder), count, per_file=count)
        lines = [_by_command(measured, whole, count)]
        measured.start()
        lines += _by_upload(measured, whole, count)
    report.show(lines, "bench/import_speed.py", markdown=options.markdown)


def _by_command(measured: Installation, file: Path, count: int) -> report.Line:
    began = time.monotonic()
    printed = measured.flask("knowledge", "import", "--business", SLUG, str(file))
    seconds = time.monotonic() - began
    assert f" {count} chunks" in printed, printed
    return _line(f"import of {count:,} paragraphs, command", seconds)


def _by_upload(measured: Installation, file: Path, count: int) -> list[report.Line]:
    owner = Owner(measured.url)
    worker = measured.supervisor.processes["worker"].pid
    time.sleep(REST_SECONDS)
    rested, peaks, seconds = [pss_mb(worker)], [], []
    for number in range(1, UPLOADS + 1):
        text = f"{file.read_text()}\nUpload {number}.\n".encode()  # the same bytes are one document
        with Watch(worker) as watch:
            began = time.monotonic()
            owner.upload(f"upload-{number}.md", text)
            _wait_until_read(number, count)
            seconds.append(time.monotonic() - began)
        peaks.append(watch.peak)
        time.sleep(REST_SECONDS)
        rested.append(pss_mb(worker))
    return [
        _line(f"import of {count:,} paragraphs, upload and worker", sorted(seconds)[UPLOADS // 2]),
        _memory(f"worker’s peak in each of {UPLOADS} imports in turn", peaks),
        _memory("worker at rest: started, after each import", rested[1:], rested[:1]),
    ]


def _wait_until_read(uploads: int, count: int) -> None:
    from sqlalchemy import select

    from app.businesses.models import Business
    from app.core.tenancy import business_scope
    from app.extensions import db
    from app.knowledge.models import Source

    business = Business.by_slug(SLUG)
    assert business is not None
    ready = select(Source.total_count).where(Source.status == "ready")
    with business_scope(business.id):
        while True:
            counts = list(db.session.scalars(ready.where(Source.name.like("upload-%"))))
            db.session.rollback()
            if len(counts) == uploads:
                break
            time.sleep(0.05)
    assert min(counts) >= count, counts


def _line(measure: str, seconds: float) -> report.Line:
    is_met = seconds <= TARGET_SECONDS
    return report.Line(measure, f"≤ {TARGET_SECONDS} s", f"{seconds:.1f} s", is_met)


def _memory(measure: str, sizes: list[float], started: list[float] | None = None) -> report.Line:
    figure = ", ".join(f"{size:.0f}" for size in [*(started or []), *sizes]) + " MB"
    return report.Line(measure, "flat", figure, max(sizes) - sizes[0] <= FLAT_MB)


if __name__ == "__main__":
    main()
