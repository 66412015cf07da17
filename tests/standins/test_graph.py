"""The stand-in of Graph is as strict as Graph: what it takes, refuses and loses."""

from typing import Any

import pytest
import requests

from tests.standins.asking_graph import ask, buttons, code_of, rows, send, told, words
from tests.standins.graph import Graph, Number, Person


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
