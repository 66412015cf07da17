"""From a WhatsApp message to its answer at the provider: `.venv/bin/python bench/channel_latency.py`.

The whole app as in production, 1,000 passages known, no language model, and the stand-in of Graph in a process of its own.
Many people write, 20 a second for a minute: each message is posted to the webhook, stored, worked off, answered
and sent; the stand-in tells that it was sent and delivered, which is stored and worked off too. From the moment in
which the message is written until its answer is accepted, less the time in which Frontdesk waits whether more comes.
"""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import paragraphs, report, whatsapp
from bench.answer_latency import CHUNKS, teach
from bench.graph_server import GraphProcess, graph
from bench.installation import installation

BURST_SECONDS = 3  # AssistantSettings.burst_seconds
TARGET_MS = 700
WARM_MESSAGES = 60
LAST_SECONDS = 60  # after the last message, at most


def main() -> None:
    options = report.arguments(__doc__, rate=20, seconds=60, passages=CHUNKS)
    with graph() as provider, installation() as measured:
        teach(measured, options.passages)
        path = whatsapp.connect_to(measured, provider)
        people = WARM_MESSAGES + options.rate * options.seconds
        provider.do("settings", hook_url=f"{measured.url}{path}", people=people)
        measured.start()
        run(provider, options.rate, range(WARM_MESSAGES))
        times = run(provider, options.rate, range(WARM_MESSAGES, people))
    report.show(_lines(times, options.rate), "bench/channel_latency.py", markdown=options.markdown)


def run(provider: GraphProcess, rate: int, people: range) -> dict[str, float]:
    """Milliseconds by person, of those who had an answer; each asks once."""
    asked = paragraphs.questions(len(people), seed=people.start)
    written = {}
    began = time.perf_counter()
    for place, (person, question) in enumerate(zip(people, asked, strict=True)):
        time.sleep(max(0.0, began + place / rate - time.perf_counter()))
        told = provider.do("writes", person=person, text=question)
        written[told["user_id"]] = told["at"]
    sent = _answers(provider, set(written))
    return {
        user_id: (sent[user_id] - at - BURST_SECONDS) * 1000 if user_id in sent else float("inf")
        for user_id, at in written.items()
    }


def _answers(provider: GraphProcess, wanted: set[str]) -> dict[str, float]:
    deadline = time.monotonic() + LAST_SECONDS
    while True:
        sent = {each["user_id"]: each["at"] for each in reversed(provider.do("sent"))}
        if wanted <= sent.keys() or time.monotonic() > deadline:
            return sent
        time.sleep(0.5)


def _lines(times: dict[str, float], rate: int) -> list[report.Line]:
    values = list(times.values())
    missing = values.count(float("inf"))
    p50, p95 = (report.percentile(values, share) for share in (0.5, 0.95))
    what = f"WhatsApp message to its answer at the provider, {rate} a second"
    return [
        report.Line(f"{what}, p50", "", f"{p50:.0f} ms"),
        report.Line(f"{what}, p95", f"≤ {TARGET_MS} ms", f"{p95:.0f} ms", p95 <= TARGET_MS),
        report.Line("messages without an answer", "0", f"{missing}", missing == 0),
    ]


if __name__ == "__main__":
    main()
