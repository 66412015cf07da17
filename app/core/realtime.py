"""Live signals: small names and positions through Redis pub/sub to the streams of every web process.

A signal carries no HTML and may be lost or doubled: whoever listens fetches from its own cursor. One
subscription per process feeds all of its streams. A stream holds no database connection. Each signal says
how many of the process's streams hear it (`heard_by`), so that a crowd can spread what it fetches.
"""

import json
import logging
import queue
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from flask import Flask, Response, current_app, request
from flask_babel import gettext as _
from redis import Redis, RedisError

from app.core import unit_of_work
from app.core.errors import FrontdeskError
from app.core.redis import connect
from app.extensions import redis

logger = logging.getLogger(__name__)

# Routers cut idle streams at 55 s; a dead client is noticed at the second write.
HEARTBEAT_SECONDS = 20
COUNTER_SECONDS = 3600  # longer than any stream lives
STREAM_SECONDS = 600  # then the client reconnects and access is checked anew
MAX_WAITING = 100  # signals per stream; a full one ends and its client catches up
# Each holds all of what the one before held, so a slow reader is spared some and loses nothing.
CUMULATIVE = {"text", "words"}
# Of one member or visitor. Every page that was left holds its stream until a heartbeat fails to reach
# it, so a person who clicks quickly must not be refused: the oldest stream makes room.
PER_KEY_STREAMS = 12


class TooManyStreams(FrontdeskError):
    status = 503
    code = "too_many_streams"


def publish(topic: str, **data: Any) -> None:
    """After commit, tell every stream that listens to the topic; what is said twice in a transaction is told once.

    `n` counts the topic's signals. It is taken before the commit and stands in every heartbeat: a client
    that hears of a higher one than it has seen has missed a signal, and fetches.
    """
    waiting = unit_of_work.gathered(_Signals).waiting
    if (topic, data) not in waiting:
        waiting.append((topic, data))


class _Signals(unit_of_work.Gathered):
    """Of one transaction: counted and sent in one way to Redis and back each."""

    def __init__(self) -> None:
        self.waiting: list[tuple[str, dict[str, Any]]] = []
        self.numbers: list[int] = []

    def before(self) -> None:
        self.numbers = _count([topic for topic, _ in self.waiting])

    def after(self) -> None:
        line = redis.client.pipeline(transaction=False)
        for (topic, data), number in zip(self.waiting, self.numbers, strict=True):
            publish_now(topic, "signal", line, n=number, **data)
        line.execute()


def publish_now(
    topic: str, event: str = "signal", line: Redis | None = None, /, **data: Any
) -> None:
    """Outside any transaction: words that stream while they are being written. `line` may be a pipeline."""
    payload = json.dumps({"topic": topic, "event": event, "data": data})
    (line or redis.client).publish(_channel(redis.client), payload)


def _count(topics: list[str]) -> list[int]:
    with suppress(RedisError):  # Redis away: its return ends every stream, and clients catch up
        line = redis.client.pipeline(transaction=False)
        for topic in topics:
            line.incr(_counter(topic))
            line.expire(_counter(topic), COUNTER_SECONDS)
        return [int(number) for number in line.execute()[::2]]
    return [0] * len(topics)


def _counter(topic: str) -> str:
    return f"frontdesk:signals:{topic}"


def _channel(client: Redis) -> str:
    """Pub/sub knows no databases, so their number stands in the name."""
    return f"frontdesk:live:{client.connection_pool.connection_kwargs.get('db', 0)}"


class Stream:
    """One open connection's waiting signals."""

    def __init__(self, hub: "Hub", topic: str, key: str) -> None:
        self.hub = hub
        self.topic = topic
        self.key = key
        self.waiting: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self.is_ended = False

    def put(self, event: str, line: bytes) -> None:
        """`line` is the event as it goes out: written once for all who hear it."""
        count = self.waiting.qsize()
        if count >= MAX_WAITING:
            self.end()
        elif event not in CUMULATIVE or count <= MAX_WAITING // 2:
            self.waiting.put(line)

    def end(self) -> None:
        self.is_ended = True
        self.waiting.put(None)

    def events(self) -> Iterator[bytes]:
        deadline = time.monotonic() + STREAM_SECONDS
        try:
            yield b"retry: 1000\n\n" + self._pulse()
            while not self.is_ended and time.monotonic() < deadline:
                try:
                    item = self.waiting.get(timeout=HEARTBEAT_SECONDS)
                except queue.Empty:
                    yield self._pulse()
                    continue
                if item is None:
                    break
                yield item
            yield _format("bye", {})
        finally:
            self.hub.leave(self)

    def _pulse(self) -> bytes:
        return _format("pulse", {"n": self.hub.count_of(self.topic)})


class Hub:
    """All streams of this process and their one subscription."""

    def __init__(self, url: str, max_streams: int) -> None:
        self.client = connect(url)
        self.max_streams = max_streams
        self.by_topic: dict[str, set[Stream]] = defaultdict(set)
        self.by_key: dict[str, list[Stream]] = defaultdict(list)  # oldest first
        self.count = 0
        self.is_closed = False
        self._lock = threading.Lock()
        self._listener: threading.Thread | None = None
        self._subscribed = threading.Event()

    def join(self, topic: str, key: str) -> Stream:
        stream = Stream(self, topic, key)
        with self._lock:
            if self.is_closed or self.count >= self.max_streams:
                raise TooManyStreams(
                    _("Too many open connections just now. Try again in a moment.")
                )
            self.count += 1
            self._make_room(key)
            self.by_key[key].append(stream)
            self.by_topic[topic].add(stream)
            self._ensure_listener()
        self._subscribed.wait(timeout=2)
        return stream

    def _make_room(self, key: str) -> None:
        current = [stream for stream in self.by_key[key] if not stream.is_ended]
        for oldest in current[: max(0, len(current) - PER_KEY_STREAMS + 1)]:
            oldest.end()

    def count_of(self, topic: str) -> int:
        """How many signals the topic has had; 0 when Redis can't say."""
        with suppress(RedisError):
            return int(self.client.get(_counter(topic)) or 0)
        return 0

    def leave(self, stream: Stream) -> None:
        """Safe to repeat."""
        with self._lock:
            if stream not in self.by_key.get(stream.key, ()):
                return
            self.count -= 1
            self.by_key[stream.key].remove(stream)
            if not self.by_key[stream.key]:
                del self.by_key[stream.key]
            self.by_topic[stream.topic].discard(stream)
            if not self.by_topic[stream.topic]:
                del self.by_topic[stream.topic]

    def close(self) -> None:
        """The process is told to stop: end every stream now, so that clients move on at once."""
        self.is_closed = True
        self.end_all()

    def end_all(self) -> None:
        with self._lock:
            streams = {stream for group in self.by_topic.values() for stream in group}
        for stream in streams:
            stream.end()

    def _ensure_listener(self) -> None:
        if self._listener is None or not self._listener.is_alive():
            self._listener = threading.Thread(target=self._listen, name="live", daemon=True)
            self._listener.start()

    def _listen(self) -> None:
        delay = 0.1
        while not self.is_closed:
            try:
                with self.client.pubsub() as pubsub:
                    pubsub.subscribe(_channel(self.client))
                    for message in pubsub.listen():
                        delay = 0.1
                        if message["type"] == "message":
                            self._dispatch(json.loads(message["data"]))
                        else:
                            self._has_subscribed()
            except Exception as error:
                logger.warning("live subscription lost, trying again: %s", error)
                self._subscribed.clear()
                self.end_all()  # signals may have been missed: every client catches up
                time.sleep(delay)
                delay = min(delay * 2, 5)

    def _has_subscribed(self) -> None:
        """Redis's client subscribes anew by itself after a lost connection, and doesn't say so."""
        if self._subscribed.is_set():
            self.end_all()
        self._subscribed.set()

    def _dispatch(self, message: dict[str, Any]) -> None:
        with self._lock:
            streams = list(self.by_topic.get(message["topic"], ()))
        if not streams:
            return
        event, data = message["event"], message["data"]
        line = _format(event, data | {"heard_by": len(streams)} if event == "signal" else data)
        for stream in streams:
            stream.put(event, line)


def init_app(app: Flask) -> None:
    app.extensions["live"] = Hub(app.config["REDIS_URL"], app.config["MAX_STREAMS"])


def hub() -> Hub:
    found: Hub = current_app.extensions["live"]
    return found


def stream(topic: str, *, key: str) -> Response:
    """The SSE answer for this topic. Check access before you call; `key` counts against one person."""
    response = Response(
        mimetype="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )
    if request.method != "HEAD":  # which nobody would read, nor close
        joined = hub().join(topic, key)
        response.response = joined.events()
        # A generator that was never begun has no end either: its client left before the first word.
        response.call_on_close(lambda: joined.hub.leave(joined))
    return response


def _format(event: str, data: Any) -> bytes:
    return f"event: {event}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n".encode()
