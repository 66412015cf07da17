"""A member at the test bench."""

import re
from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.standins import claude as stand_in

HTMX = {"HX-Request": "true"}
FACT = "We deliver to Ashcombe on Tuesdays and Fridays for £4.95."
ASKED = "How much is delivery to Ashcombe?"
UNKNOWN = "Which football club won the cup in 1974?"


class Bench:
    """A member at the test bench. `ask` gives what the page shows in the end."""

    def __init__(self, client: FlaskClient, slug: str, run_jobs: Callable[[], int]) -> None:
        self.client, self.run_jobs = client, run_jobs
        self.url = f"/b/{slug}/assistant/bench/"
        self.talk = ""
        self.waiting = ""

    def post(self, question: str, *, htmx: bool = True, **typed: str) -> TestResponse:
        form = {"channel": "website", "voice": "saved", "talk": self.talk, "question": question}
        return self.client.post(self.url, data=form | typed, headers=HTMX if htmx else {})

    def begin(self, question: str, **typed: str) -> str:
        response = self.post(question, **typed)
        assert response.status_code == 200, response.text
        self.waiting = found(r'hx-get="([^"]+/\d+)"', response.text)
        self.talk = found(r'name="talk" value="([^"]+)"', response.text)
        return response.text

    def ask(self, question: str, **typed: str) -> str:
        self.begin(question, **typed)
        assert self.client.get(self.waiting, headers=HTMX).status_code == 204
        self.run_jobs()
        shown = self.client.get(self.waiting, headers=HTMX)
        assert shown.status_code == 200
        return shown.text


def found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    assert match, text
    return match[1]


def says(text: str, *cites: int) -> dict[str, Any]:
    return {"blocks": [stand_in.says(text, cites=cites)]}


def uses(name: str, **asked: object) -> dict[str, Any]:
    return {"blocks": [{"type": "tool_use", "id": "toolu_1", "name": name, "input": asked}]}
