"""From a visitor's message to its answer, with 1,000 passages known: `.venv/bin/python bench/answer_latency.py`.

The whole app runs as in production. First a client that speaks the chat's protocol: from the POST to the first word on
the visitor's stream, and to the finished answer (signal, then the fetched message). Then Chromium in the chat's frame
on the demo shop's page: from Enter to the words on the page. Client and servers share the machine.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import paragraphs, report
from bench.browser import CHAT_TIMES, chromium, opened_chat
from bench.installation import SLUG, Installation, installation
from bench.visitor import Timed, Visitor

CHUNKS = 1000
PER_VISITOR = 10  # questions; the limit is 20 a minute
ANSWER_SECONDS = 30
TARGETS = {"first word, p50": 100, "finished, p50": 150, "finished, p95": 400}
_addresses = count(1)


def main() -> None:
    options = report.arguments(__doc__, messages=200, runs=3, browser=30)
    with installation() as measured:
        teach(measured)
        measured.start()
        key = measured.key()
        _ask(measured, key, PER_VISITOR, seed=0)  # caches and pools fill
        runs = [_ask(measured, key, options.messages, seed) for seed in range(1, options.runs + 1)]
        in_browser = _ask_in_browser(measured, key, options.browser)
    sure = sum(each.is_sure for run in runs for each in run) / sum(map(len, runs))
    lines = list(_lines("", runs))
    lines += list(_lines(", in Chromium", [in_browser])) if in_browser else []
    lines.append(report.Line("answers given without doubt", "", f"{sure:.0%}"))
    report.show(lines, "bench/answer_latency.py", markdown=options.markdown)


def teach(measured: Installation, chunks: int = CHUNKS) -> None:
    measured.open_business()
    with tempfile.TemporaryDirectory() as folder:
        paragraphs.write_files(Path(folder), chunks, per_file=50)
        printed = measured.flask("knowledge", "import", "--business", SLUG, folder)
    assert f" {chunks} chunks" in printed, printed


def _ask(measured: Installation, key: str, messages: int, seed: int) -> list[Timed]:
    """One after the other, from visitors at addresses of their own, so within the limits."""
    asked = paragraphs.questions(messages, seed)
    times: list[Timed] = []
    for start in range(0, messages, PER_VISITOR):
        number = next(_addresses)
        address = f"198.18.{number // 250}.{number % 250 + 1}"
        with Visitor(measured.port, key, address) as visitor:
            times += [visitor.ask(question) for question in asked[start : start + PER_VISITOR]]
    return times


def _ask_in_browser(measured: Installation, key: str, messages: int) -> list[Timed]:
    asked = paragraphs.questions(messages, seed=99)
    times: list[Timed] = []
    with chromium() as browser:
        for start in range(0, messages, PER_VISITOR):
            with opened_chat(browser, measured, key) as frame:
                frame.evaluate(CHAT_TIMES)
                for number, question in enumerate(asked[start : start + PER_VISITOR], start=1):
                    frame.get_by_label("Your message").fill(question)
                    frame.get_by_label("Your message").press("Enter")
                    _wait_until(lambda n=number: frame.evaluate("measured.length") == n)
                times += [Timed(*pair, is_sure=True) for pair in frame.evaluate("measured")]
    return times


def _wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + ANSWER_SECONDS
    while not is_so():
        if time.monotonic() > deadline:
            raise RuntimeError(f"no answer within {ANSWER_SECONDS} s")
        time.sleep(0.05)


def _lines(where: str, runs: list[list[Timed]]) -> Iterator[report.Line]:
    for name, share in (("p50", 0.5), ("p95", 0.95)):
        for what in ("first word", "finished"):
            values = [
                report.percentile([getattr(each, what.replace(" ", "_")) for each in run], share)
                for run in runs
            ]
            target = TARGETS.get(f"{what}, {name}")
            figure = report.middle_and_spread(values, "ms")
            is_met = target is None or sorted(values)[len(values) // 2] <= target
            told = f"≤ {target} ms" if target else ""
            yield report.Line(f"message to {what}{where}, {name}", told, figure, is_met)


if __name__ == "__main__":
    main()
