"""What the stand-in of Graph tells: signed, in batches, again until it is taken; and its page for hands."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests

from tests.standins.asking_graph import buttons, send, told, words
from tests.standins.graph import Graph, Number, Person


def test_hooks_are_signed_and_named(graph: Graph, number: Number, maya: Person) -> None:
    wamid = maya.writes(number, "Are you open?")
    [hook] = graph.take_hooks()
    assert hook.headers["X-Hub-Signature-256"] == number.app.sign(hook.body)
    body = json.loads(hook.body)
    assert body["entry"][0]["id"] == number.waba_id
    value = body["entry"][0]["changes"][0]["value"]
    assert value["metadata"]["phone_number_id"] == number.phone_number_id
    assert value["messages"][0]["id"] == wamid
    assert value["contacts"][0]["user_id"] == maya.user_id


def test_a_batch_has_several_entries_doubled_and_shuffled(graph: Graph, number: Number) -> None:
    other = graph.number()
    people = [graph.person() for _ in range(10)]
    with graph.batch(shuffled=True, doubled=True):
        for person in people:
            person.writes(number, "One")
            person.writes(other, "Two")
    [hook] = graph.take_hooks()
    entries = json.loads(hook.body)["entry"]
    messages = [m for e in entries for c in e["changes"] for m in c["value"]["messages"]]
    assert len(entries) > 2
    assert len(messages) == 40
    assert len({message["id"] for message in messages}) == 20


def test_statuses_come_by_themselves(graph: Graph, number: Number, maya: Person) -> None:
    graph.statuses(doubled=True, shuffled=True)
    send(number, maya.phone, words(), biz_opaque_callback_data="t-1")
    statuses = [status for value in told(graph) for status in value["statuses"]]
    assert sorted(status["status"] for status in statuses) == ["delivered"] * 2 + ["sent"] * 2
    assert {status["biz_opaque_callback_data"] for status in statuses} == {"t-1"}
    send(number, "+447700900999", words())
    failed = told(graph)[0]["statuses"][0]
    assert failed["errors"][0]["code"] == 131026


def test_somebody_with_a_username_shows_no_number(graph: Graph, number: Number) -> None:
    ida = graph.person(username="ida", shows_phone=False)
    ida.writes(number, "Hello")
    text = graph.take_hooks()[0].body.decode()
    assert ida.wa_id not in text
    assert ida.user_id in text


def test_a_tap_answers_the_button_that_was_sent(graph: Graph, number: Number, maya: Person) -> None:
    send(number, maya.phone, buttons("Monday", "Tuesday"))
    maya.taps(maya.received[0], "Tuesday")
    [value] = told(graph)
    message = value["messages"][0]
    assert message["interactive"]["button_reply"] == {"id": "1", "title": "Tuesday"}
    assert message["context"]["id"] == maya.received[0].wamid


def test_one_can_be_a_person_by_hand(graph: Graph, number: Number, maya: Person) -> None:
    send(number, maya.phone, buttons("Monday", "<b>"))
    assert maya.phone in requests.get(graph.url, timeout=5).text
    url = f"{graph.url}/phone/{maya.user_id}/{number.phone_number_id}"
    page = requests.get(url, timeout=5).text
    assert "Hello" in page
    assert "&lt;b&gt;" in page
    tap = {"tap": f"{maya.received[0].wamid} Monday"}
    for form in ({"text": "Hi"}, tap, {"act": "picture"}, {"act": "heart"}):
        assert requests.post(url, data=form, timeout=5).ok
    kinds = [value["messages"][0]["type"] for value in told(graph)]
    assert kinds == ["text", "interactive", "image", "reaction"]


def test_a_hook_is_posted_until_it_is_taken(graph: Graph, number: Number) -> None:
    taken: list[bytes] = []
    answers = [500, 200]

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            status = answers.pop(0) if answers else 200
            if status == 200:
                taken.append(body)
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    graph.hook_url = f"http://127.0.0.1:{server.server_address[1]}/hooks"
    graph.person().writes(number, "Hello")
    graph.poster.settle()
    server.shutdown()
    server.server_close()
    assert graph.poster.answers == [500, 200]
    assert [json.loads(body)["object"] for body in taken] == ["whatsapp_business_account"]
