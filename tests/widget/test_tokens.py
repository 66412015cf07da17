"""A visitor is who holds a token that this channel signed and that is not too old."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from app.widget import visitors
from tests.conftest import Cast
from tests.widget.conftest import Visitor

CALLS = [
    ("GET", "/stream"),
    ("GET", "/messages"),
    ("POST", "/messages"),
    ("POST", "/hand-off"),
    ("POST", "/stop"),
    ("POST", "/session"),
]


def refusal(client: FlaskClient, cast: Cast, call: tuple[str, str], token: str) -> tuple[int, str]:
    method, path = call
    answer = client.open(
        f"/w/{cast.website_key}{path}",
        method=method,
        headers={"Authorization": f"Bearer {token}"},
        json={"text": "Hello", "client_key": "k1"} if method == "POST" else None,
    )
    return answer.status_code, answer.json["error"]["code"]


@pytest.mark.parametrize("call", CALLS)
def test_a_changed_token_is_refused(
    visitor: Visitor, client: FlaskClient, cast: Cast, call: tuple[str, str]
) -> None:
    assert visitor.say("Mine").status_code == 201
    forged = visitor.token[:-4] + ("AAAA" if not visitor.token.endswith("AAAA") else "BBBB")
    assert refusal(client, cast, call, forged) == (401, "token_invalid")


@pytest.mark.parametrize("call", CALLS)
def test_a_token_of_another_business_is_refused(
    visit: Callable[[str], Visitor], client: FlaskClient, cast: Cast, call: tuple[str, str]
) -> None:
    stranger = visit(cast.neighbour_key)
    assert stranger.say("Hello").status_code == 201
    assert refusal(client, cast, call, stranger.token) == (401, "token_invalid")


@pytest.mark.parametrize("call", CALLS)
def test_an_old_token_is_refused_as_expired(
    visitor: Visitor, client: FlaskClient, cast: Cast, call: tuple[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(visitors, "TOKEN_DAYS", -1)
    assert refusal(client, cast, call, visitor.token) == (401, "token_expired")


@pytest.mark.parametrize("call", CALLS[:5])
def test_no_token_is_refused(client: FlaskClient, cast: Cast, call: tuple[str, str]) -> None:
    assert refusal(client, cast, call, "") == (401, "token_invalid")


def test_two_visitors_do_not_see_each_other(visit: Callable[[str], Visitor], cast: Cast) -> None:
    one, other = visit(cast.website_key), visit(cast.website_key)
    one.say("A secret of one")
    other.say("A word of the other")
    assert "A secret of one" in one.sees()
    assert "A secret of one" not in other.sees()
