"""Everything is killed, nothing is lost, nothing is said twice: `.venv/bin/python bench/kill_test.py`.

Thousands of WhatsApp messages are offered at speed, shuffled, doubled and in batches, by a stand-in of Graph that tries
again what isn't answered, as Meta does. Meanwhile web, worker, Redis and Postgres are killed with SIGKILL in turn and
started again. Afterwards, in the database and at the stand-in: every message is there once; each conversation reads in
the order in which it was written; each burst has one answer; each answer was accepted once, and what nobody could
know at first was settled by a callback. Ends with 1 when one of these doesn't hold.
"""

import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import paragraphs, report, whatsapp
from bench.answer_latency import teach
from bench.graph_server import GraphProcess, graph
from bench.installation import Installation, installation
from bench.kill_checks import Ledger, Written, problems
from bench.killing import VICTIMS, Killer, adopt_orphans

PASSAGES = 200
BURST = 5  # messages that somebody writes one after the other
MOST_IN_A_BATCH = 100
BEGAN_AGO = (
    3600  # seconds: all of it was written in the hour before, each message at a second of its own
)
SETTLE_SECONDS = 900
CALM_LOOKS = 3


def main() -> None:
    options = report.arguments(__doc__, updates=5000, people=200, kills=4, seconds=120, seed=1)
    random.seed(options.seed)
    adopt_orphans()
    with graph() as provider, installation() as measured:
        teach(measured, PASSAGES)
        path = whatsapp.connect_to(measured, provider)
        hook_url = f"{measured.url}{path}"
        known = {"is_shuffled": True, "is_doubled": True, "delay": 1.0}
        provider.do("settings", hook_url=hook_url, people=options.people + 1, **known)
        measured.start()
        killer = Killer(measured, provider, options.kills, options.seconds)
        killer.start()
        written = offer(provider, options.updates, options.people, options.seconds)
        killer.join()
        assert len(killer.killed) == options.kills * len(VICTIMS), "something didn't start again"
        measured.wait_until_ready()
        settled = settle(measured, provider, written, options.people)
        with Ledger(measured) as ledger:
            found = problems(ledger, provider, written)
            lines = _lines(ledger, provider, killer, written, settled)
    report.show(lines, "bench/kill_test.py", markdown=options.markdown)
    for problem in found:
        print(f"PROBLEM: {problem}")
    sys.exit(bool(found) or settled is None)


def offer(provider: GraphProcess, updates: int, people: int, seconds: int) -> list[Written]:
    """In waves: in each some people write a burst about a subject of theirs."""
    subjects = paragraphs.subjects(PASSAGES)
    bursts = max(1, updates // BURST)
    waves = max(1, seconds // 3)
    began = int(time.time()) - BEGAN_AGO
    turns: list[list[Written]] = [[] for _ in range(waves)]
    for number in range(bursts):
        person = number % people
        for place in range(BURST):
            at = began + (number // people) * 2 * BURST + place
            text = paragraphs.question_on(subjects[person % PASSAGES])
            turns[number * waves // bursts].append(Written(person, text, at))
    for wave in turns:
        due = time.monotonic() + seconds / waves
        _tell(provider, wave)
        time.sleep(max(0.0, due - time.monotonic()))
    return [each for wave in turns for each in wave]


def _tell(provider: GraphProcess, wave: list[Written]) -> None:
    told = [{"person": each.person, "text": each.text, "timestamp": str(each.at)} for each in wave]
    wamids = provider.do("wave", messages=told, most=MOST_IN_A_BATCH)
    for each, wamid in zip(wave, wamids, strict=True):
        each.wamid = wamid


def settle(
    measured: Installation, provider: GraphProcess, written: list[Written], last: int
) -> float | None:
    """Somebody else writes when it is over, so that callbacks flow. Seconds until nothing was open, or None."""
    began = time.monotonic()
    final = Written(last, "Hello", int(time.time()))
    _tell(provider, [final])
    written.append(final)
    calm = 0
    while calm < CALM_LOOKS:
        if time.monotonic() - began > SETTLE_SECONDS:
            return None
        time.sleep(2)
        with Ledger(measured) as ledger:
            left = ledger.open_work() | {"posts": provider.do("state")["waiting"]}
        calm = 0 if any(left.values()) else calm + 1
        print(f"{time.monotonic() - began:4.0f} s, open: {left}", file=sys.stderr)
    return time.monotonic() - began


def _lines(
    ledger: Ledger, provider: GraphProcess, killer: Killer, written: list[Written],
    settled: float | None,
) -> list[report.Line]:  # fmt: skip
    state = provider.do("state")
    killed = ", ".join(f"{name} {killer.killed.count(name)}" for name in VICTIMS)
    refused = sum(count for status, count in state["answers"].items() if status != "200")
    figures = {
        "messages written": str(len(written)),
        "posts answered by 200 / tried again": f"{state['answers'].get('200', 0)} / {refused}",
        "killed": killed,
        "answers accepted by the stand-in": str(len(provider.do("sent"))),
        "of them on their way when the worker died": str(killer.in_doubt),
        "of them asked for more than once, accepted once": str(ledger.tried_again()),
        "given up in the background (courtesies)": ledger.given_up() or "none",
        "nothing open after": f"{settled:.0f} s" if settled is not None else "never",
    }
    return [report.Line(f"kill test: {name}", "", figure) for name, figure in figures.items()]


if __name__ == "__main__":
    main()
