"""Workers that overlap, die and lose the line at random, callbacks shuffled and doubled: each message is taken once."""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from app.channels.border import SendFailed, Sent
from tests.channels.outbound.conftest import WorkerKilled, refused

MESSAGES, WORKERS = 30, 3


def test_each_is_taken_once_whatever_happens(line):
    chance, told = random.Random(1), []

    def send(outgoing):
        """The token stands for the message: the provider has no other way to tell two of them."""
        ends = chance.choice(("well", "well", "well", "timeout", "killed", "killed before", "busy"))
        if ends == "busy":
            raise refused("retry", "130429")
        if ends == "killed before":
            raise WorkerKilled
        line.provider.taken.append(outgoing)
        told.extend([("sent", outgoing.token), ("delivered", outgoing.token)] * 2)
        if ends == "timeout":
            raise SendFailed("unknown", "It may have been taken.")
        if ends == "killed":
            raise WorkerKilled
        return Sent(f"id-{outgoing.token}")

    def work(_number):
        with suppress(WorkerKilled):
            line.run()

    def tell():
        chance.shuffle(told)
        for status, token in told:
            line.status(status, token=token, provider_id=f"id-{token}")
        told.clear()

    line.provider.take = send
    line.queue(*[f"{number}" for number in range(MESSAGES)])
    for _ in range(40):
        with ThreadPoolExecutor(WORKERS) as pool:
            list(pool.map(work, range(WORKERS)))
        tell()
        line.pass_time(minutes=3)
        if set(line.statuses) == {"delivered"}:
            break
    taken = Counter(outgoing.token for outgoing in line.provider.taken)
    assert set(taken.values()) == {1}
    rows = line.rows()
    assert {row.token for row in rows if row.status == "delivered"} == set(taken)
    left = [row for row in rows if row.status != "delivered"]
    last = max(row.sending_at for row in rows if row.heard_at)
    for row in left:  # died twice, or nothing later was heard of
        assert row.status == "unknown"
        assert row.trouble == "unknown" or row.sending_at > last
    assert len(left) < MESSAGES / 3
