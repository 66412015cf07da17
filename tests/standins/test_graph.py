"""The stand-in of Graph is as strict as Graph: what it takes, refuses, loses and tells."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.standins.graph import Graph, Number, Person


@pytest.fixture
def graph() -> Iterator[Graph]:
    with Graph() as graph:
        yield graph


@pytest.fixture
def number(graph: Graph) -> Number:
    return graph.number()


@pytest.fixture
def maya(graph: Graph, number: Number) -> Person:
    """Somebody who has just written."""
    person = graph.person()
    person.writes(number, "Hello")
    graph.take_hooks()
    return person


def ask(graph: Graph, method: str, path: str, token: str, **more: Any) -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return requests.request(method, f"{graph.url}/v25.0{path}", headers=headers, timeout=5, **more)


def send(number: Number, to: str, content: dict[str, Any], **more: Any) -> requests.Response:
    body = {"messaging_product": "whatsapp", "to": to, **content, **more}
    path = f"/{number.phone_number_id}/messages"
    return ask(number.graph, "POST", path, number.token, json=body)


def words(body: str = "Hello") -> dict[str, Any]:
    return {"type": "text", "text": {"body": body}}


def interactive(**said: Any) -> dict[str, Any]:
    return {"type": "interactive", "interactive": {"body": {"text": "Which?"}, **said}}


def buttons(*titles: str) -> dict[str, Any]:
    replies = [{"type": "reply", "reply": {"id": str(i), "title": t}} for i, t in enumerate(titles)]
    return interactive(type="button", action={"buttons": replies})


def rows(*sizes: int, title: str = "Day") -> dict[str, Any]:
    sections = [
        {"title": title, "rows": [{"id": f"{s}-{r}", "title": f"Row {r}"} for r in range(size)]}
        for s, size in enumerate(sizes)
    ]
    return interactive(type="list", action={"button": "Choose", "sections": sections})


def code_of(response: requests.Response) -> int:
    return int(response.json()["error"]["code"])


def told(graph: Graph) -> list[dict[str, Any]]:
    return [
        change["value"]
        for hook in graph.take_hooks()
        for entry in json.loads(hook.body)["entry"]
        for change in entry["changes"]
    ]


def test_what_is_sent_arrives(graph: Graph, number: Number, maya: Person) -> None:
    answer = send(number, maya.phone, words("Hi"), biz_opaque_callback_data="t-1")
    assert answer.status_code == 200
    assert answer.json()["messages"][0]["id"] == graph.sent[0].wamid
    assert [sent.text for sent in maya.received] == ["Hi"]
    assert graph.count_by_opaque() == {"t-1": 1}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (words("x" * 4097), 131009),
        (words(""), 131009),
        ({"type": "text", "text": {"body": "Hi", "colour": "red"}}, 100),
        ({"type": "text"}, 131008),
        ({"type": "hologram", "hologram": {}}, 100),
        ({**words(), "is_urgent": True}, 100),
        (buttons("A", "B", "C", "D"), 131009),
        (buttons("A button with far too long a title"), 131009),
        (buttons("A", "A"), 131009),
        (rows(11), 131009),
        (rows(6, 5), 131009),
        (rows(2, 2, title=""), 131009),
        (rows(2, title="A section with far too long a title"), 131009),
        ({"type": "image", "image": {"id": "1", "link": "https://example.com/a.png"}}, 100),
        ({"type": "image", "image": {"id": "404"}}, 131053),
        ({"type": "audio", "audio": {"link": "https://example.com/a.ogg", "caption": "x"}}, 100),
    ],
)
def test_what_is_too_long_or_unknown_is_refused(
    number: Number, maya: Person, content: dict[str, Any], code: int
) -> None:
    assert code_of(send(number, maya.phone, content)) == code
    assert maya.received == []


@pytest.mark.parametrize("content", [buttons("A", "B", "C"), rows(5, 5), rows(10)])
def test_what_fits_is_taken(number: Number, maya: Person, content: dict[str, Any]) -> None:
    assert send(number, maya.phone, content).status_code == 200


def test_a_user_id_in_to_is_lost_without_a_word(graph: Graph, number: Number, maya: Person) -> None:
    assert send(number, maya.user_id, words()).status_code == 200
    assert (graph.sent, len(graph.lost)) == ([], 1)
    by_recipient = {"messaging_product": "whatsapp", "recipient": maya.user_id, **words()}
    path = f"/{number.phone_number_id}/messages"
    assert ask(graph, "POST", path, number.token, json=by_recipient).status_code == 200
    assert len(maya.received) == 1


def test_a_number_without_its_plus_goes_elsewhere(number: Number, maya: Person) -> None:
    assert send(number, maya.phone.removeprefix("+"), words()).status_code == 200
    assert maya.received == []


def test_the_window_closes_after_a_day(graph: Graph, number: Number, maya: Person) -> None:
    graph.passes(hours=23.9)
    assert send(number, maya.phone, words()).status_code == 200
    graph.passes(hours=0.2)
    assert code_of(send(number, maya.phone, words())) == 131047
    graph.refuses_late = True
    assert send(number, maya.phone, words()).status_code == 200
    graph.tells_fate(graph.sent[-1])
    [value] = told(graph)
    assert value["statuses"][0]["errors"][0]["code"] == 131047
    assert "contacts" not in value


def template(
    name: str = "hello", parameters: Any = None, language: str = "en_GB"
) -> dict[str, Any]:
    said = [{"type": "text", "parameter_name": "first_name", "text": "Maya"}]
    body = {"type": "body", "parameters": said if parameters is None else parameters}
    return {
        "type": "template",
        "template": {"name": name, "language": {"code": language}, "components": [body]},
    }


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (template("other"), "APPROVED", 132001),
        (template(language="de"), "APPROVED", 132001),
        (template(), "PENDING", 132001),
        (template(), "PAUSED", 132015),
        (template(), "DISABLED", 132016),
        (template(parameters=[]), "APPROVED", 132000),
        (template(parameters=[{"type": "text", "text": "Maya"}]), "APPROVED", 100),
        (
            template(parameters=[{"type": "text", "parameter_name": "first_name", "text": "a\nb"}]),
            "APPROVED",
            132012,
        ),
    ],
)
def test_a_template_must_be_there_and_fit(
    number: Number, maya: Person, content: dict[str, Any], status: str, code: int
) -> None:
    number.graph.template(number, status=status)
    assert code_of(send(number, maya.phone, content)) == code


def test_a_template_needs_no_window(graph: Graph, number: Number) -> None:
    graph.template(number)
    stranger = graph.person()
    answer = send(number, stranger.phone, template())
    assert answer.json()["messages"][0]["message_status"] == "accepted"


def test_a_pair_has_a_burst_and_then_one_message_each_six_seconds(
    graph: Graph, number: Number, maya: Person
) -> None:
    number.pair_burst = 3
    answers = [send(number, maya.phone, words()).status_code for _ in range(3)]
    assert answers == [200, 200, 200]
    assert code_of(send(number, maya.phone, words())) == 131056
    graph.passes(seconds=6.5)
    assert send(number, maya.phone, words()).status_code == 200


def test_a_token_is_of_one_business(graph: Graph, number: Number, maya: Person) -> None:
    stranger = graph.number()
    path = f"/{number.phone_number_id}/messages"
    body = {"messaging_product": "whatsapp", "to": maya.phone, **words()}
    for token in ("", "nonsense", stranger.token):
        assert code_of(ask(graph, "POST", path, token, json=body)) == 190
    seen = ask(graph, "GET", f"/{number.phone_number_id}", stranger.token).json()["error"]
    assert (seen["code"], seen["error_subcode"]) == (100, 33)


def test_a_file_is_had_with_the_token_and_for_five_minutes(
    graph: Graph, number: Number, maya: Person
) -> None:
    maya.sends_file(number, "image", b"picture", "image/png", caption="Look")
    [value] = told(graph)
    media_id = value["messages"][0]["image"]["id"]
    url = ask(graph, "GET", f"/{media_id}", number.token).json()["url"]
    assert requests.get(url, timeout=5).status_code == 401
    headers = {"Authorization": f"Bearer {number.token}"}
    assert requests.get(url, headers=headers, timeout=5).content == b"picture"
    graph.passes(seconds=301)
    assert requests.get(url, headers=headers, timeout=5).status_code == 404


def test_an_upload_can_be_sent(graph: Graph, number: Number, maya: Person) -> None:
    path = f"/{number.phone_number_id}/media"
    files = {"file": ("a.png", b"picture", "image/png")}
    form = {"messaging_product": "whatsapp"}
    media_id = ask(graph, "POST", path, number.token, files=files, data=form).json()["id"]
    assert send(number, maya.phone, {"type": "image", "image": {"id": media_id}}).ok
    assert code_of(send(number, maya.phone, {"type": "audio", "audio": {"id": media_id}})) == 131053


@pytest.mark.parametrize("is_after", [True, False])
def test_a_line_breaks_before_or_after_a_message_is_taken(
    graph: Graph, number: Number, maya: Person, is_after: bool
) -> None:
    graph.cuts(after_accepting=is_after)
    with pytest.raises(requests.ConnectionError):
        send(number, maya.phone, words())
    assert len(maya.received) == is_after
    assert send(number, maya.phone, words()).ok


def test_it_fails_as_often_as_it_is_told(graph: Graph, number: Number, maya: Person) -> None:
    graph.fails(131016, times=2)
    graph.fails_at_gateway()
    answers = [send(number, maya.phone, words()) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [500, 500, 502, 200]


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
