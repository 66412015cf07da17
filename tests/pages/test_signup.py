"""Signing up: an account and its business in one step."""

import secrets

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import User
from app.businesses.models import Membership
from app.channels.models import Channel
from app.core.tenancy import business_scope

PASSWORD = "a short sentence"


def filled(**changes: str) -> dict[str, str]:
    return {
        "name": "Ana Ruiz",
        "email": f"ana-{secrets.token_hex(4)}@example.com",
        "password": PASSWORD,
        "business_name": "Salón Ana",
    } | changes


def test_signing_up_makes_a_business_with_its_channels_and_logs_in(
    app: Flask, client: FlaskClient
) -> None:
    form = filled()
    response = client.post("/signup", data=form)
    assert response.status_code == 303
    assert response.location.startswith("/b/salon-ana")
    page = client.get(response.location)
    assert page.status_code == 200
    assert "Salón Ana" in page.text
    with app.app_context():
        user = User.by_email(form["email"])
        assert user is not None
        assert user.password_hash.startswith("$argon2id$")
        [membership] = Membership.all_of(user.id)
        assert membership.role == "owner"
        with business_scope(membership.business_id):
            assert Channel.of_kind("website").public_key != Channel.of_kind("preview").public_key


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("name", " ", "Tell us your name."),
        ("email", "not an address", "This doesn’t look like an e-mail."),
        ("password", "short", "Use between 10 and 200 characters."),
        ("password", "x" * 201, "Use between 10 and 200 characters."),
        ("business_name", "", "Tell us your business’s name."),
        ("business_name", "x" * 81, "longer than 80"),
    ],
)
def test_what_is_wrong_is_told_and_the_rest_stays_typed(
    client: FlaskClient, field: str, value: str, told: str
) -> None:
    form = filled(**{field: value})
    response = client.post("/signup", data=form)
    assert response.status_code == 422
    assert told in response.text
    kept = next(name for name in ("name", "email") if name != field)
    assert f'value="{form[kept]}"' in response.text
    assert PASSWORD not in response.text


def test_an_email_with_an_account_is_sent_to_the_login(app: Flask, client: FlaskClient) -> None:
    form = filled()
    client.post("/signup", data=form)
    again = app.test_client().post("/signup", data=form | {"email": form["email"].upper()})
    assert again.status_code == 422
    assert "already has an account" in again.text


def test_two_businesses_of_one_name_get_addresses_of_their_own(app: Flask) -> None:
    name = f"Café {secrets.token_hex(3)}"
    places = {
        app.test_client().post("/signup", data=filled(business_name=name)).location
        for _ in range(2)
    }
    assert len(places) == 2


def test_html_in_a_name_is_shown_as_text(client: FlaskClient) -> None:
    form = filled(name="<b>Ana</b>", business_name="<script>alert(1)</script>")
    page = client.get(client.post("/signup", data=form).location).text
    assert "<script>alert(1)" not in page
    assert "&lt;b&gt;Ana&lt;/b&gt;" in page


def test_a_user_without_a_business_is_told_what_to_do(app: Flask, client: FlaskClient) -> None:
    from app.accounts.services import create_user
    from app.core.unit_of_work import unit_of_work

    email = f"alone-{secrets.token_hex(4)}@example.com"
    with app.app_context(), unit_of_work():
        create_user("Alone", email, PASSWORD)
    client.post("/login", data={"email": email, "password": PASSWORD})
    page = client.get("/")
    assert page.status_code == 200
    assert f"logged in as {email}" in page.text
