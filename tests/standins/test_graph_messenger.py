"""The stand-in of Messenger: its limits, its windows, its webhooks."""

import json
from typing import Any

import pytest
import requests

from tests.standins.graph import Graph
from tests.standins.graph.messenger import Page, PagePerson


@pytest.fixture
def page(graph: Graph) -> Page:
    return graph.page()


@pytest.fixture
def maya(page: Page) -> PagePerson:
    person = page.person()
    person.writes("Hello")
    page.graph.take_hooks()
    return person


def send(page: Page, maya: PagePerson, message: Any, **more: Any) -> requests.Response:
    body = {
        "recipient": {"id": maya.psid},
        "messaging_type": "RESPONSE",
        "message": message,
        **more,
    }
    headers = {"Authorization": f"Bearer {page.token}"}
    url = f"{page.graph.url}/v25.0/{page.page_id}/messages"
    return requests.post(url, json=body, headers=headers, timeout=5)


def code_of(response: requests.Response) -> int:
    return int(response.json()["error"]["code"])


def told(graph: Graph) -> list[dict[str, Any]]:
    hooks = [json.loads(hook.body) for hook in graph.take_hooks()]
    assert all(hook["object"] == "page" for hook in hooks)
    return [event for hook in hooks for entry in hook["entry"] for event in entry["messaging"]]


def replies(*titles: str) -> list[dict[str, str]]:
    return [{"content_type": "text", "title": title, "payload": title} for title in titles]


def buttons(count: int) -> dict[str, Any]:
    made = [{"type": "postback", "title": f"B{i}", "payload": f"p{i}"} for i in range(count)]
    payload = {"template_type": "button", "text": "Which?", "buttons": made}
    return {"attachment": {"type": "template", "payload": payload}}


def test_what_is_sent_arrives_and_comes_back_as_an_echo(page: Page, maya: PagePerson) -> None:
    answer = send(page, maya, {"text": "Hi", "metadata": "token-1"}).json()
    [sent] = maya.received
    assert answer == {"recipient_id": maya.psid, "message_id": sent.wamid}
    [event] = told(page.graph)
    assert event["sender"] == {"id": page.page_id}
    assert event["message"] == {
        "mid": sent.wamid, "is_echo": True, "app_id": page.app.id, "text": "Hi", "metadata": "token-1",
    }  # fmt: skip


@pytest.mark.parametrize(
    "message",
    [
        {"text": "x" * 2001},
        {"text": "Hi", "quick_replies": replies(*map(str, range(14)))},
        {"text": "Hi", "quick_replies": replies("A reply with far too long a title")},
        buttons(4),
        {},
    ],
)
def test_what_is_too_much_is_refused(page: Page, maya: PagePerson, message: Any) -> None:
    assert send(page, maya, message).status_code == 400
    assert maya.received == []


def test_the_windows_close_after_a_day_and_after_a_week(page: Page, maya: PagePerson) -> None:
    human = {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
    page.graph.passes(hours=25)
    assert code_of(send(page, maya, {"text": "Hi"})) == 10
    assert send(page, maya, {"text": "Hi"}, **human).ok
    page.graph.passes(hours=24 * 6)
    assert code_of(send(page, maya, {"text": "Hi"}, **human)) == 10


def test_taps_come_as_replies_and_postbacks(page: Page, maya: PagePerson) -> None:
    send(page, maya, {"text": "Which?", "quick_replies": replies("One", "Two")})
    send(page, maya, buttons(2))
    page.graph.take_hooks()
    maya.taps(maya.received[0], "Two")
    maya.taps(maya.received[1], "B1")
    first, second = told(page.graph)
    assert first["message"]["quick_reply"] == {"payload": "Two"}
    assert second["postback"]["payload"] == "p1"


def test_hooks_are_signed_and_tell_what_was_asked_for(page: Page, maya: PagePerson) -> None:
    page.subscribed[page.app.id] = {"messages"}
    maya.reads()
    assert page.graph.take_hooks() == []
    maya.writes("Are you open?")
    [hook] = page.graph.take_hooks()
    assert hook.headers["X-Hub-Signature-256"] == page.app.sign(hook.body)


def test_a_persons_token_names_its_pages(page: Page) -> None:
    headers = {"Authorization": f"Bearer {page.user_token}"}
    url = f"{page.graph.url}/v25.0/me/accounts"
    [known] = requests.get(url, headers=headers, timeout=5).json()["data"]
    assert (known["id"], known["access_token"]) == (page.page_id, page.token)
