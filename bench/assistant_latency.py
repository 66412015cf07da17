"""What Frontdesk adds to a language model's time, with 50 conversations at once: `.venv/bin/python bench/assistant_latency.py`.

The whole app as in production, 1,000 passages known, Claude through its real library from a server of our own in a
process of its own (bench/claude_server.py), which pauses as a model does. Each visitor asks, reads the answer as it is
written, waits a little and asks again. Measured on one clock: from the visitor's POST until the request has arrived at
that server, and from the moment its first word leaves until the visitor's stream has it. Client, servers and databases
share the machine.
"""

import json
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import paragraphs, report
from bench.answer_latency import teach
from bench.installation import installation
from bench.question_sets import ROOT
from bench.visitor import Visitor

THINK_SECONDS = (1.0, 3.0)  # between an answer and the next question
BEGIN_SECONDS = 6.0  # within which all have asked their first
PER_VISITOR = 5  # questions in a run, the first of which isn't counted
TARGETS = {"to": {"p50": 60, "p95": 200}, "from": {"p50": 30, "p95": 80}}
WAYS = {"to": "message to the provider’s request", "from": "provider’s first word to the visitor"}
_addresses = count(1)


@dataclass(frozen=True)
class Asked:
    """On time.perf_counter(), which all processes of a machine share."""

    question: str
    sent: float
    first_word: float


@dataclass
class Provider:
    """What the server told of each question."""

    url: str
    told: dict[str, dict[str, float]] = field(default_factory=dict)


@dataclass(frozen=True)
class Run:
    """Milliseconds of each answer, and how many were under way when each was asked for."""

    to: list[float]
    from_: list[float]
    writing: list[float]

    def of(self, way: str) -> list[float]:
        return self.to if way == "to" else self.from_


def main() -> None:
    options = report.arguments(__doc__, conversations=50, runs=3, passages=1000)
    with provider() as claude, installation() as measured:
        measured.environ |= {"ANTHROPIC_BASE_URL": claude.url, "ANTHROPIC_API_KEY": "sk-measured"}
        measured.supervisor.environ = measured.environ
        teach(measured, options.passages)
        measured.start()
        key = measured.key()
        _run(measured.port, key, claude, min(options.conversations, 10), seed=0)  # caches fill
        runs = [
            _run(measured.port, key, claude, options.conversations, seed)
            for seed in range(1, options.runs + 1)
        ]
    lines = [line for way in WAYS for line in _lines(way, runs)]
    busy = report.middle_and_spread([report.percentile(run.writing, 0.5) for run in runs], "")
    lines.append(
        report.Line(
            f"answers under way, of {options.conversations} conversations", "", busy.strip()
        )
    )
    report.show(lines, "bench/assistant_latency.py", markdown=options.markdown)


@contextmanager
def provider() -> Iterator[Provider]:
    command = [sys.executable, "-m", "bench.claude_server"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    found = Provider(f"http://127.0.0.1:{int(process.stdout.readline())}")
    listener = threading.Thread(target=_listen, args=(process.stdout, found), daemon=True)
    listener.start()
    try:
        yield found
    finally:
        process.terminate()
        process.wait()


def _listen(lines: Iterator[str], found: Provider) -> None:
    for line in lines:
        told = json.loads(line)
        found.told[told["question"]] = told


def _run(port: int, key: str, claude: Provider, conversations: int, seed: int) -> Run:
    with ExitStack() as opened, ThreadPoolExecutor(conversations) as pool:
        visitors = [opened.enter_context(_visitor(port, key)) for _ in range(conversations)]
        talks = [
            pool.submit(_talk, visitor, f"{seed}-{number}")
            for number, visitor in enumerate(visitors)
        ]
        asked = [each for talk in talks for each in talk.result()]
    missing = [each.question for each in asked if each.question not in claude.told]
    assert not missing, (
        f"{len(missing)} questions never reached the provider, such as: {missing[0]}"
    )
    pairs = [(each, claude.told[each.question]) for each in asked]
    return Run(
        to=[(told["came"] - each.sent) * 1000 for each, told in pairs],
        from_=[(each.first_word - told["left"]) * 1000 for each, told in pairs],
        writing=[told["writing"] for _, told in pairs],
    )


def _visitor(port: int, key: str) -> Visitor:
    number = next(_addresses)
    return Visitor(port, key, f"198.18.{number // 250}.{number % 250 + 1}")


def _talk(visitor: Visitor, name: str) -> list[Asked]:
    """Every question is another, so that the provider's times find it again."""
    dice = random.Random(name)
    asked = []
    time.sleep(dice.uniform(0, BEGIN_SECONDS))
    for number, question in enumerate(paragraphs.questions(PER_VISITOR, dice.randrange(10**6))):
        time.sleep(dice.uniform(*THINK_SECONDS))
        own = f"{question} ({name}-{number})"
        timed = visitor.ask(own)
        asked.append(Asked(own, timed.began, timed.began + timed.first_word / 1000))
    return asked[1:]


def _lines(way: str, runs: list[Run]) -> Iterator[report.Line]:
    for name, share in (("p50", 0.5), ("p95", 0.95)):
        values = [report.percentile(run.of(way), share) for run in runs]
        target = TARGETS[way][name]
        is_met = sorted(values)[len(values) // 2] <= target
        figure = report.middle_and_spread(values, "ms")
        yield report.Line(f"{WAYS[way]}, {name}", f"≤ {target} ms", figure, is_met)


if __name__ == "__main__":
    main()
