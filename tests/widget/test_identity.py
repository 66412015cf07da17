"""Whom the site's owner signs for is the same person on each device, and nobody becomes somebody else."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from app.channels import website_identity
from app.channels.models import Channel
from app.channels.website import WebsiteSettings
from app.contacts.models import Contact
from app.contacts.models import Visitor as VisitorRow
from app.core.db import now
from app.extensions import db
from tests.conftest import Cast, Inside
from tests.widget.conftest import Visitor

Visit = Callable[[str], Visitor]
ANNA = {"sub": "customer-1", "name": "Anna Ford", "email": "anna@ford.example"}


@pytest.fixture
def secret(inside: Inside) -> str:
    with inside():
        return website_identity.make(Channel.of_kind("website"))


def signed(secret: str, *, hours: float = 1, algorithm: str = "HS256", **claims: Any) -> str:
    until = now() + timedelta(hours=hours)
    return jwt.encode({"exp": until, **claims}, secret, algorithm=algorithm)


def enter(visitor: Visitor, token: Any) -> tuple[int, str]:
    """The status, and the code of a refusal. The visitor has the person's session from then on."""
    answer = visitor.post("/identity", token=token)
    if answer.status_code != 201:
        return answer.status_code, answer.json["error"]["code"]
    assert answer.json["identified"] is True
    visitor.token = answer.json["token"]
    return 201, ""


def people(inside: Inside) -> list[tuple[str | None, str | None, str | None]]:
    with inside():
        rows = db.session.scalars(select(VisitorRow).order_by(VisitorRow.id))
        return [(each.name, each.email, each.contact_link) for each in rows]


def test_a_person_has_one_conversation_on_two_devices(
    visit: Visit, cast: Cast, secret: str, inside: Inside
) -> None:
    phone, laptop = visit(cast.website_key), visit(cast.website_key)
    for device in (phone, laptop):
        assert enter(device, signed(secret, **ANNA)) == (201, "")
    assert phone.say("From my phone").status_code == 201
    assert "From my phone" in laptop.sees()
    assert people(inside) == [("Anna Ford", "anna@ford.example", "own")]


@pytest.mark.parametrize("wrote_elsewhere", [False, True])
def test_what_was_written_before_goes_along(
    visit: Visit, cast: Cast, secret: str, inside: Inside, *, wrote_elsewhere: bool
) -> None:
    if wrote_elsewhere:
        other = visit(cast.website_key)
        enter(other, signed(secret, **ANNA))
        other.say("Before")
    browser = visit(cast.website_key)
    browser.say("Who am I?", "k2")
    assert enter(browser, signed(secret, **ANNA)) == (201, "")
    assert "Who am I?" in browser.sees()
    assert enter(browser, signed(secret, **ANNA)) == (201, "")  # repeated
    assert len(people(inside)) == 1


def test_the_next_person_at_the_browser_does_not_see_the_one_before(
    visit: Visit, cast: Cast, secret: str
) -> None:
    browser = visit(cast.website_key)
    enter(browser, signed(secret, **ANNA))
    browser.say("A secret of Anna")
    enter(browser, signed(secret, sub="customer-2"))
    assert "A secret of Anna" not in browser.sees()
    browser.say("Of the second", "k2")
    anna = visit(cast.website_key)
    enter(anna, signed(secret, **ANNA))
    assert "Of the second" not in anna.sees()


def test_the_signed_address_joins_its_contact_and_a_said_one_only_says_so(
    visit: Visit, cast: Cast, secret: str, inside: Inside
) -> None:
    """Whoever typed Anna's address before had her contact only as long as she didn't come."""
    thief = visit(cast.website_key)
    thief.say("I am Anna")
    thief.post("/attributes", values={"email": "anna@ford.example"})
    assert people(inside) == [(None, "anna@ford.example", "own")]
    anna = visit(cast.website_key)
    enter(anna, signed(secret, **ANNA))
    links = {name: link for name, _email, link in people(inside)}
    assert links == {None: "says", "Anna Ford": "own"}
    assert "I am Anna" not in anna.sees()
    with inside():
        assert db.session.scalars(select(Contact)).one().name == "Anna Ford"


@pytest.mark.parametrize(
    ("token", "code"),
    [
        (lambda key: signed("x" * 64, **ANNA), "identity_invalid"),
        (lambda key: signed(key, hours=-1, **ANNA), "identity_expired"),
        (lambda key: signed(key, hours=48, **ANNA), "identity_invalid"),
        (lambda key: signed(key, algorithm="HS512", **ANNA), "identity_invalid"),
        (lambda key: jwt.encode(ANNA, key), "identity_invalid"),
        (lambda key: jwt.encode({**ANNA, "exp": 9**30}, key), "identity_invalid"),
        (lambda key: jwt.encode({**ANNA, "exp": now() + timedelta(hours=1)}, "", algorithm="none"), "identity_invalid"),
        (lambda key: signed(key, name="Anna"), "identity_invalid"),
        (lambda key: signed(key, sub=""), "identity_invalid"),
        (lambda key: signed(key, sub="x" * 300), "identity_invalid"),
        (lambda key: signed(key, sub="a\ud800"), "identity_invalid"),
        (lambda key: jwt.encode({**ANNA, "exp": float("inf")}, key), "identity_invalid"),
        (lambda key: signed(key, **ANNA | {"email": "no address"}), "identity_invalid"),
        (lambda key: signed(key, **ANNA | {"phone": 7}), "identity_invalid"),
        (lambda key: "no.token.at-all", "identity_invalid"),
        (lambda key: "no.token.\ud800", "identity_invalid"),
    ],
)  # fmt: skip
def test_what_is_not_signed_well_is_refused(
    visitor: Visitor, secret: str, inside: Inside, token: Callable[[str], str], code: str
) -> None:
    assert enter(visitor, token(secret)) == (403, code)
    assert people(inside) == []


@pytest.mark.parametrize("token", [None, 7, "", "x" * 5000])
def test_what_is_no_token_is_refused(visitor: Visitor, secret: str, token: Any) -> None:
    assert enter(visitor, token) == (422, "identity_invalid")


def test_a_token_of_another_business_is_refused(visit: Visit, cast: Cast, secret: str) -> None:
    assert enter(visit(cast.neighbour_key), signed(secret, **ANNA)) == (403, "identity_off")


def test_an_old_secret_is_valid_for_a_day(
    app: Flask, visit: Visit, cast: Cast, secret: str, inside: Inside
) -> None:
    with inside():
        between, newer = (website_identity.make(Channel.of_kind("website")) for _ in range(2))
    for each in (secret, between, newer):
        assert enter(visit(cast.website_key), signed(each, **ANNA)) == (201, "")
    with time_machine.travel(now() + timedelta(hours=25)):
        assert enter(visit(cast.website_key), signed(secret, **ANNA))[0] == 403
        assert enter(visit(cast.website_key), signed(newer, **ANNA)) == (201, "")
    with inside():
        website_identity.forget(Channel.of_kind("website"))
    assert enter(visit(cast.website_key), signed(newer, **ANNA)) == (403, "identity_off")


def test_a_secret_kept_as_it_was_once_kept_does_no_harm(
    visitor: Visitor, secret: str, inside: Inside
) -> None:
    with inside():
        channel = Channel.of_kind("website")
        channel.credentials = channel.credentials | {"identity_old": "f" * 64}
    assert enter(visitor, signed(secret, **ANNA)) == (201, "")


def test_facts_are_kept_with_who_has_written(visitor: Visitor, inside: Inside) -> None:
    assert visitor.post("/attributes", values={"plan": "gold"}).status_code == 200
    assert people(inside) == []
    visitor.say("Hello")
    visitor.post("/attributes", values={"plan": "gold", "visits": 3, "vip": True, "name": "Bo"})
    visitor.post("/attributes", values={"visits": 4, "vip": None})
    with inside():
        row = db.session.scalars(select(VisitorRow)).one()
        assert row.attributes == {"plan": "gold", "visits": 4}
        assert row.name == "Bo"


def test_where_only_signed_words_count_others_are_left_out(
    visitor: Visitor, inside: Inside
) -> None:
    with inside():
        channel = Channel.of_kind("website")
        WebsiteSettings(signed_only=True).keep_in(channel)
    visitor.say("Hello")
    answer = visitor.post("/attributes", values={"email": "anna@ford.example", "plan": "gold"})
    assert answer.json == {"ignored": ["email"]}
    assert people(inside) == [(None, None, None)]


@pytest.mark.parametrize(
    "values",
    [
        {"1st": "x"},
        {"a b": "x"},
        {"x" * 41: "x"},
        {"plan": "x" * 201},
        {"plan": ["x"]},
        {"plan": float("nan")},
        {"plan": 10**400},
        {f"k{n}": n for n in range(21)},
        {"email": "no address"},
        "text",
    ],
)
def test_other_facts_are_refused(visitor: Visitor, inside: Inside, values: Any) -> None:
    visitor.say("Hello")
    assert visitor.post("/attributes", values=values).status_code == 422
    with inside():
        assert db.session.scalars(select(VisitorRow)).one().attributes == {}


@pytest.mark.parametrize("was_here_before", [False, True])
def test_what_the_browser_agreed_to_and_said_goes_along(
    visit: Visit, cast: Cast, secret: str, inside: Inside, was_here_before: bool
) -> None:
    """Whichever of the two visitors stays, as the older one does."""
    if was_here_before:
        enter(visit(cast.website_key), signed(secret, **ANNA))
    with inside():
        WebsiteSettings(consent_required=True).keep_in(Channel.of_kind("website"))
    browser = visit(cast.website_key)
    assert browser.say("Hello", consent=1).status_code == 201
    browser.post("/attributes", values={"plan": "gold"})
    assert enter(browser, signed(secret, **ANNA)) == (201, "")
    assert browser.say("More", "k2").status_code == 201
    with inside():
        row = db.session.scalars(select(VisitorRow)).one()
        assert (row.attributes, row.chat_consent["version"]) == ({"plan": "gold"}, 1)


@pytest.mark.parametrize("path", ["/hand-off", "/attributes", "/identity"])
def test_a_conversation_is_locked_before_its_visitor(
    visitor: Visitor, secret: str, count_queries: Any, path: str
) -> None:
    """As by a message that comes at the same moment: else each would wait for the other."""
    visitor.say("Hello")
    if path == "/identity":
        enter(visitor, signed(secret, sub=ANNA["sub"]))
        visitor.say("More", "k2")
    visitor.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "es"
    facts = {"values": {"email": "ben@example.com"}, "token": signed(secret, **ANNA)}
    with count_queries() as statements:
        assert visitor.post(path, **facts).status_code < 300
    locks = re.compile(r"FROM (conversations|visitors) .*FOR |^UPDATE (visitors) ", re.S)
    order = [found[1] or found[2] for each in statements if (found := locks.search(each))]
    assert "visitors" in order
    assert order[0] == "conversations"
