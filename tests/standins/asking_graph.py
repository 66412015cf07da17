"""How the tests of the stand-in of Graph ask it."""

import json
from typing import Any

import requests

from tests.standins.graph import Graph, Number


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
