"""WhatsApp updates stored by one web process: `.venv/bin/python bench/webhook_speed.py`.

Each is an update that wasn't there before, posted with its signature over connections that stay open. How many are
stored a second when each post follows the last one's answer, and how long an answer takes when 3,000 updates a second
are offered. The worker is off: what it makes of them is measured by bench/channel_latency.py.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import report, whatsapp
from bench.installation import Installation, installation
from workers.supervisor import COMMANDS, MALLOC

OFFERED = 3000  # updates a second
TARGET_MS = 200
SINGLE_CONNECTIONS = 16


def main() -> None:
    options = report.arguments(__doc__, seconds=20, singles=4000)
    with installation() as measured:
        measured.open_business()
        path = whatsapp.connect()
        with web(measured):
            posts(measured, path, [1] * 500)  # caches and pools fill
            lines = [
                *stored(measured, path, 1, options.singles),
                *stored(measured, path, 100, 200),
                *stored(measured, path, 1000, 20),
                *offered(measured, path, 100, options.seconds),
                *offered(measured, path, 1000, options.seconds),
            ]
    report.show(lines, "bench/webhook_speed.py", markdown=options.markdown)


@contextmanager
def web(measured: Installation) -> Iterator[None]:
    process = subprocess.Popen(COMMANDS["web"], env=MALLOC | measured.environ)
    try:
        measured.wait_until_ready("/healthz")
        yield
    finally:
        process.terminate()
        process.wait()


def posts(
    measured: Installation, path: str, sizes: list[int], per_second: float = 0.0
) -> whatsapp.Posts:
    connections = SINGLE_CONNECTIONS if sizes[0] == 1 else 4
    bodies = [whatsapp.messages(size) for size in sizes]
    return whatsapp.Posts(measured.port, path, connections).send(bodies, per_second)


def stored(measured: Installation, path: str, size: int, amount: int) -> Iterator[report.Line]:
    done = posts(measured, path, [size] * amount)
    how = f"in batches of {size}" if size > 1 else f"singly, {SINGLE_CONNECTIONS} connections"
    yield report.Line(
        f"webhook updates stored a second, {how}", "", f"{size * amount / done.seconds:,.0f}"
    )
    p50, p95 = (report.percentile(done.times, share) for share in (0.5, 0.95))
    yield report.Line(f"its answer, {how}, p50 / p95", "", f"{p50:.0f} / {p95:.0f} ms")


def offered(measured: Installation, path: str, size: int, seconds: int) -> Iterator[report.Line]:
    rate = OFFERED / size
    done = posts(measured, path, [size] * int(rate * seconds), rate)
    p50, p95 = (report.percentile(done.times, share) for share in (0.5, 0.95))
    yield report.Line(
        f"answer at {OFFERED:,} updates a second in batches of {size}, p50 / p95",
        f"≤ {TARGET_MS} ms (p95)",
        f"{p50:.0f} / {p95:.0f} ms",
        p95 <= TARGET_MS,
    )


if __name__ == "__main__":
    main()
