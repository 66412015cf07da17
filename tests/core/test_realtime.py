"""Live signals: who hears what, what ends a stream, and that every stream is let go of."""

import json
import queue
import threading
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import EnvironBuilder

from app.core import realtime
from app.core.realtime import MAX_WAITING, PER_KEY_STREAMS, Hub, Stream, TooManyStreams
from app.core.unit_of_work import unit_of_work
from tests.core.conftest import unique

WAIT = 10  # seconds until a test gives up; nothing waits as long when all is well


class Listener:
    """A client of one stream: reads it in a thread, as the server would for a browser."""

    def __init__(self, stream: Stream) -> None:
        self.heard: queue.Queue[tuple[str, object]] = queue.Queue()
        self.thread = threading.Thread(target=self._read, args=(stream,), daemon=True)
        self.thread.start()

    def _read(self, stream: Stream) -> None:
        for chunk in stream.events():
            for block in chunk.decode().strip().split("\n\n"):
                if block.startswith("event: "):
                    event, _, data = block.removeprefix("event: ").partition("\ndata: ")
                    self.heard.put((event, json.loads(data)))

    def next(self) -> tuple[str, object]:
        """The next event that isn't a pulse."""
        while True:
            event, data = self.heard.get(timeout=WAIT)
            if event != "pulse":
                return event, data

    def has_ended(self) -> bool:
        self.thread.join(WAIT)
        return not self.thread.is_alive()


@pytest.fixture
def hub(app: Flask, context: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub of its own, closed at the end."""
    hub = Hub(app.config["REDIS_URL"], max_streams=20)
    monkeypatch.setitem(app.extensions, "live", hub)
    yield hub
    hub.close()


@pytest.fixture
def listen(hub: Hub) -> Callable[..., Listener]:
    return lambda topic, key="me": Listener(hub.join(topic, key))


# Hearing


def test_a_signal_reaches_every_stream_of_its_topic_and_no_other(listen):
    topic, other = unique(), unique()
    ours = [listen(topic), listen(topic, "you")]
    theirs = listen(other)
    realtime.publish_now(topic, name="inbox")
    realtime.publish_now(other, name="theirs")
    heard = ("signal", {"name": "inbox", "heard_by": 2})
    assert [listener.next() for listener in ours] == [heard] * 2
    assert theirs.next() == ("signal", {"name": "theirs", "heard_by": 1})


def test_a_signal_waits_for_the_commit(listen):
    topic = unique()
    listener = listen(topic)
    with unit_of_work():
        realtime.publish(topic, name="second")
        realtime.publish_now(topic, name="first")
    assert [listener.next()[1]["name"] for _ in range(2)] == ["first", "second"]


def test_what_is_rolled_back_is_never_heard_of(listen):
    topic = unique()
    listener = listen(topic)
    with pytest.raises(ValueError, match="no"), unit_of_work():
        _publish_and_fail(topic)
    with unit_of_work():
        realtime.publish(topic, name="kept")
    assert listener.next()[1]["name"] == "kept"


def _publish_and_fail(topic: str) -> None:
    realtime.publish(topic, name="dropped")
    raise ValueError("no")


def test_signals_come_in_order_with_rising_numbers(listen):
    topic = unique()
    listener = listen(topic)
    for position in range(20):
        with unit_of_work():
            realtime.publish(topic, position=position)
    heard = [listener.next()[1] for _ in range(20)]
    assert [data["position"] for data in heard] == list(range(20))
    assert [data["n"] for data in heard] == sorted({data["n"] for data in heard})


def test_a_stream_begins_with_how_far_its_topic_is(hub):
    """So that a client that missed a signal before it came knows that it must fetch."""
    topic = unique()
    with unit_of_work():
        realtime.publish(topic, name="missed")
    first = next(hub.join(topic, "me").events()).decode()
    assert "retry: 1000" in first
    assert 'event: pulse\ndata: {"n":1}' in first


def test_a_silent_stream_beats_with_how_far_its_topic_is(hub, monkeypatch):
    monkeypatch.setattr(realtime, "HEARTBEAT_SECONDS", 0.01)
    topic = unique()
    events = hub.join(topic, "me").events()
    next(events)
    with unit_of_work():
        realtime.publish(topic, name="x")
    beats = {next(events) for _ in range(50)}
    assert b'event: pulse\ndata: {"n":1}\n\n' in beats


def test_words_may_hold_what_would_end_an_event(listen):
    topic = unique()
    listener = listen(topic)
    realtime.publish_now(topic, "text", text="one\n\nevent: bye\ndata: “{}” 🌱\r\n")
    assert listener.next() == ("text", {"text": "one\n\nevent: bye\ndata: “{}” 🌱\r\n"})


# Ending


def test_a_stream_whose_client_is_too_slow_ends_so_that_it_catches_up(hub):
    stream = hub.join(unique(), "me")
    events = stream.events()
    next(events)
    for _ in range(MAX_WAITING + 1):
        stream.put("signal", b"one")
    rest = list(events)
    assert rest[-1] == b"event: bye\ndata: {}\n\n"
    assert hub.count == 0


def test_a_slow_client_is_spared_some_words_and_gets_every_signal(hub):
    stream = hub.join(unique(), "me")
    for _ in range(MAX_WAITING * 3):
        stream.put("words", b"words")
    for _ in range(MAX_WAITING // 4):
        stream.put("signal", b"signal")
    assert not stream.is_ended
    waiting = [stream.waiting.get_nowait() for _ in range(stream.waiting.qsize())]
    assert waiting.count(b"signal") == MAX_WAITING // 4
    assert 0 < waiting.count(b"words") < MAX_WAITING
    hub.leave(stream)


def test_a_stream_ends_after_its_time(hub, monkeypatch):
    monkeypatch.setattr(realtime, "STREAM_SECONDS", 0)
    assert list(hub.join(unique(), "me").events())[-1] == b"event: bye\ndata: {}\n\n"
    assert hub.count == 0


def test_a_process_holds_so_many_streams_and_no_more(hub):
    streams = [hub.join(unique(), f"key-{number}") for number in range(hub.max_streams)]
    with pytest.raises(TooManyStreams) as refused:
        hub.join(unique(), "one more")
    assert refused.value.status == 503
    hub.leave(streams[0])
    assert hub.join(unique(), "one more")


def test_one_person_s_oldest_stream_makes_room(hub):
    streams = [hub.join(unique(), "me") for _ in range(PER_KEY_STREAMS)]
    another = hub.join(unique(), "you")
    hub.join(unique(), "me")
    assert [stream.is_ended for stream in streams] == [True] + [False] * (PER_KEY_STREAMS - 1)
    assert not another.is_ended


def test_closing_ends_every_stream_and_takes_no_more(hub, listen):
    listeners = [listen(unique()), listen(unique(), "you")]
    hub.close()
    assert [listener.next()[0] for listener in listeners] == ["bye", "bye"]
    assert all(listener.has_ended() for listener in listeners)
    assert hub.count == 0
    with pytest.raises(TooManyStreams):
        hub.join(unique(), "me")


def test_a_lost_subscription_ends_the_streams_and_comes_back(hub, listen):
    """Signals may have been missed meanwhile: each client opens anew and fetches."""
    topic = unique()
    listener = listen(topic)
    realtime.publish_now(topic, name="before")
    assert listener.next()[1]["name"] == "before"
    _kill_subscription(hub)
    assert listener.next()[0] == "bye"
    assert listener.has_ended()
    again = listen(topic)
    realtime.publish_now(topic, name="after")
    assert again.next()[1]["name"] == "after"


def _kill_subscription(hub: Hub) -> None:
    number = str(hub.client.connection_pool.connection_kwargs["db"])
    for client in hub.client.client_list(_type="pubsub"):
        if client["db"] == number:
            hub.client.client_kill_filter(_id=client["id"])


def test_a_client_that_leaves_leaves_nothing_behind(hub):
    stream = hub.join(unique(), "me")
    events = stream.events()
    next(events)
    events.close()
    assert (hub.count, dict(hub.by_topic), dict(hub.by_key)) == (0, {}, {})


# Over HTTP


@pytest.fixture
def live_url(cast) -> str:
    return f"/b/{cast.slug}/live"


def test_the_answer_is_an_unbuffered_stream_that_nobody_keeps(hub, login, cast, live_url):
    response = login(cast.owner).get(live_url)
    assert response.mimetype == "text/event-stream"
    assert response.headers["X-Accel-Buffering"] == "no"
    assert response.headers["Cache-Control"] == "no-store"
    assert "Content-Encoding" not in response.headers
    response.close()


def test_a_client_that_goes_before_the_first_word_is_let_go_of(hub, login, cast, live_url, app):
    """As a server does it: no word is read, and the answer is closed."""
    cookie = login(cast.owner).get_cookie("frontdesk")
    environ = EnvironBuilder(
        live_url, headers={"Cookie": f"frontdesk={cookie.value}"}
    ).get_environ()
    answer = app.wsgi_app(environ, lambda *_: None)
    assert hub.count == 1
    answer.close()
    assert (hub.count, dict(hub.by_topic), dict(hub.by_key)) == (0, {}, {})


def test_asking_for_the_head_alone_opens_no_stream(hub, login, cast, live_url):
    client: FlaskClient = login(cast.owner)
    assert client.head(live_url).mimetype == "text/event-stream"
    assert (hub.count, dict(hub.by_topic), dict(hub.by_key)) == (0, {}, {})


def test_too_many_is_told_with_a_status(hub, login, cast, live_url):
    hub.close()
    assert login(cast.owner).get(live_url).status_code == 503


def test_a_stream_holds_no_connection_of_the_database(app, hub, login, cast, live_url):
    from app.extensions import db

    def opened():
        with app.app_context():  # of its own, as each request has at a server
            return login(cast.owner).get(live_url)

    db.session.remove()
    responses = [opened() for _ in range(5)]
    assert db.engine.pool.checkedout() == 0
    for response in responses:
        response.close()
