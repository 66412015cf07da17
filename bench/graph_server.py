"""The stand-in of Graph in a process of its own, told what to do by lines of JSON: `python -m bench.graph_server`.

Whoever measures starts it by `graph()`; it isn't ended with the app's own processes.
"""

import json
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.standins.graph import Graph, Number, Person  # noqa: E402


@dataclass
class GraphProcess:
    """`number`: what it takes to connect the business's number. `do()` asks for one of Served's methods."""

    process: "subprocess.Popen[str]"
    number: dict[str, Any]
    one_at_a_time: threading.Lock = field(default_factory=threading.Lock)

    def do(self, what: str, **how: Any) -> Any:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        with self.one_at_a_time:
            self.process.stdin.write(json.dumps({"do": what, **how}) + "\n")
            self.process.stdin.flush()
            return json.loads(self.process.stdout.readline())


@contextmanager
def graph() -> Iterator[GraphProcess]:
    command = [sys.executable, "-m", "bench.graph_server"]
    process = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        yield GraphProcess(process, json.loads(process.stdout.readline()))
    finally:
        process.kill()
        process.wait()


class Served:
    """What can be asked for."""

    def __init__(self, graph: Graph, number: Number) -> None:
        self.graph, self.number = graph, number
        self.people: list[Person] = []

    def settings(
        self, hook_url: str, people: int, *, is_shuffled: bool = False, is_doubled: bool = False,
        delay: float = 0.2, upto: str = "delivered",
    ) -> int:  # fmt: skip
        self.graph.hook_url = hook_url
        self.graph.statuses(shuffled=is_shuffled, doubled=is_doubled, delay=delay, upto=upto)
        self.people = [self.graph.person(name=f"Person {each}") for each in range(people)]
        return len(self.people)

    def writes(self, person: int, text: str) -> dict[str, Any]:
        """One message, now. `at`: when it was handed over to be posted."""
        someone, at = self.people[person], time.time()
        return {"wamid": someone.writes(self.number, text), "user_id": someone.user_id, "at": at}

    def wave(self, messages: list[dict[str, Any]], most: int) -> list[str]:
        """Messages {"person", "text", "timestamp"}, shuffled and doubled, in batches of up to `most`."""
        wamids = []
        with self.graph.batch(shuffled=True, doubled=True, most=random.randint(1, most)):
            for each in messages:
                told = {"type": "text", "text": {"body": each["text"]}}
                told["timestamp"] = each["timestamp"]
                wamids.append(self.people[each["person"]].sends(self.number, told))
        return wamids

    def hangs(self, times: int, seconds: float) -> int:
        """So many of the next messages get no answer; every other one was accepted all the same."""
        for place in range(times):
            self.graph.hangs(seconds, after_accepting=place % 2 == 0)
        return times

    def answers_again(self) -> int:
        """Those that would have hung and weren't asked for."""
        left = sum(fault.times for fault in self.graph.faults)
        self.graph.faults.clear()
        return left

    def sent(self) -> list[dict[str, Any]]:
        return [
            {
                "wamid": each.wamid, "token": each.opaque, "text": each.text, "at": each.at,
                "user_id": each.person.user_id if each.person else "",
            }
            for each in list(self.graph.sent)
        ]  # fmt: skip

    def taken(self) -> list[dict[str, Any]]:
        """What would have been posted, where there is no address."""
        return [
            {"body": each.body.decode(), "headers": each.headers}
            for each in self.graph.take_hooks()
        ]

    def user_ids(self) -> list[str]:
        return [each.user_id for each in self.people]

    def state(self) -> dict[str, Any]:
        poster = self.graph.poster
        answers: dict[int, int] = {}
        for status in list(poster.answers):
            answers[status] = answers.get(status, 0) + 1
        return {
            "waiting": len(poster._heap) + poster._busy,
            "answers": answers,
            "lost": len(self.graph.lost),
            "refused": [str(each) for each in self.graph.refused[-5:]],
            "refusals": len(self.graph.refused),
            "mistakes": [repr(each) for each in self.graph.mistakes],
        }


def main() -> None:
    with Graph() as graph:
        app = graph.own_app()
        number = graph.number(app=app)
        served = Served(graph, number)
        _say({
            "url": graph.url, "number": number.phone_number_id, "waba": number.waba_id,
            "access_token": number.token, "app_secret": app.secret, "verify_token": app.verify_token,
        })  # fmt: skip
        for line in sys.stdin:
            asked = json.loads(line)
            _say(getattr(served, asked.pop("do"))(**asked))


def _say(what: Any) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
