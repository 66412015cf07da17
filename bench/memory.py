"""What the whole dyno takes: `.venv/bin/python bench/memory.py`.

Supervisor, web, worker with the model loaded, and clock; Postgres and Redis are left out. Proportional set size:
idle after the demo's documents were read, and after some questions about them.
"""

import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import report
from bench.installation import Installation, descendants, installation, pss_mb
from bench.visitor import Visitor

TARGET_MB = 350
IDLE_SECONDS = 5
QUESTIONS = (
    "What time do you open on Sundays?",
    "How much is delivery 8 miles away?",
    "when should i prune my climbing rose",
    "Can I use a gift card in the café?",
    "is a peace lily ok with a cat",
)


def main() -> None:
    options = report.arguments(__doc__)
    with installation() as measured:
        measured.flask("demo", "seed")
        dyno = _start(measured)
        try:
            idle = _sizes(dyno)
            _ask(measured)
            time.sleep(IDLE_SECONDS)
            after = _sizes(dyno)
        finally:
            dyno.terminate()
            dyno.wait()
    lines = [_line("idle", idle, TARGET_MB), _line("after questions", after, TARGET_MB)]
    report.show(lines, "bench/memory.py", markdown=options.markdown)


def _start(measured: Installation) -> subprocess.Popen[bytes]:
    """As the Procfile does, so the supervisor is a process of its own."""
    command = [sys.executable, "-m", "workers.supervisor"]
    dyno = subprocess.Popen(command, env=measured.environ)
    measured.wait_until_ready()
    measured.wait_for_jobs()
    time.sleep(IDLE_SECONDS)
    return dyno


def _ask(measured: Installation) -> None:
    from app.demo import seed

    for number, question in enumerate(QUESTIONS):  # each another's: unsure twice calls a person
        with Visitor(measured.port, seed.public_key(), f"198.18.0.{number + 1}") as visitor:
            visitor.ask(question)


def _sizes(dyno: subprocess.Popen[bytes]) -> dict[str, float]:
    """Megabytes of each process by its name in the supervisor."""
    sizes: dict[str, float] = {}
    for process in descendants(dyno.pid):
        name = _name(process)
        sizes[name] = sizes.get(name, 0.0) + pss_mb(process)
    return sizes


def _name(process: int) -> str:
    words = Path(f"/proc/{process}/cmdline").read_bytes().decode().split("\0")
    part = next(word for word in words if word.startswith("workers.") or word == "gunicorn")
    return "web" if part == "gunicorn" else part.removeprefix("workers.")


def _line(when: str, sizes: dict[str, float], target: int) -> report.Line:
    total = sum(sizes.values())
    parts = ", ".join(f"{name} {size:.0f}" for name, size in sizes.items())
    figure = f"{total:.0f} MB ({parts})"
    return report.Line(f"whole dyno, {when}", f"≤ {target} MB", figure, total <= target)


if __name__ == "__main__":
    main()
