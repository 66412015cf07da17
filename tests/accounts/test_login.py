"""Logging in and out."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.casting import PASSWORD, Cast, Person

Login = Callable[[Person], FlaskClient]
WRONG = "This e-mail and password don’t belong together."


def log_in(
    client: FlaskClient, email: str, password: str = PASSWORD, path: str = "/login"
) -> TestResponse:
    return client.post(path, data={"email": email, "password": password})


def test_the_right_password_leads_to_the_business(client: FlaskClient, cast: Cast) -> None:
    response = log_in(client, cast.owner.email)
    assert response.status_code == 303
    assert client.get("/").location == f"/b/{cast.slug}/"
    assert client.get(f"/b/{cast.slug}/").status_code == 200


def test_capitals_and_spaces_around_the_email_do_not_matter(
    client: FlaskClient, cast: Cast
) -> None:
    assert log_in(client, f"  {cast.owner.email.upper()} ").status_code == 303


def test_a_wrong_password_and_an_unknown_email_get_the_same_words(
    client: FlaskClient, cast: Cast
) -> None:
    wrong = log_in(client, cast.owner.email, "not the password")
    unknown = log_in(client, "nobody@example.com", "not the password")
    for response in (wrong, unknown):
        assert response.status_code == 422
        assert WRONG in response.text
    assert client.get(f"/b/{cast.slug}/").status_code == 303


def test_the_email_stays_in_the_form_and_the_password_does_not(
    client: FlaskClient, cast: Cast
) -> None:
    page = log_in(client, cast.owner.email, "not the password").text
    assert f'value="{cast.owner.email}"' in page
    assert "not the password" not in page


def test_empty_fields_are_told_under_each(client: FlaskClient) -> None:
    response = log_in(client, "", "")
    assert response.status_code == 422
    assert "Give your e-mail." in response.text
    assert "Give your password." in response.text
    assert WRONG not in response.text


def test_html_in_the_email_is_shown_as_text(client: FlaskClient) -> None:
    page = log_in(client, '"><script>alert(1)</script>', "x").text
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;" in page


def test_a_page_that_needs_the_login_is_where_one_lands_after_it(
    client: FlaskClient, cast: Cast
) -> None:
    wanted = f"/b/{cast.slug}/knowledge/?show=files"
    to_login = client.get(wanted)
    assert to_login.status_code == 303
    form = client.get(to_login.location)
    assert "next=" in form.text
    assert log_in(client, cast.owner.email, path=to_login.location).location == wanted


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "/\\evil.example"])
def test_a_next_that_leads_away_is_not_followed(
    client: FlaskClient, cast: Cast, target: str
) -> None:
    response = client.post(
        "/login",
        query_string={"next": target},
        data={"email": cast.owner.email, "password": PASSWORD},
    )
    assert response.status_code == 303
    assert response.location == "/"


def test_logging_out_ends_the_session(client: FlaskClient, cast: Cast) -> None:
    log_in(client, cast.owner.email)
    assert client.get(f"/b/{cast.slug}/").status_code == 200
    client.post("/logout")
    assert client.get(f"/b/{cast.slug}/").status_code == 303


def test_who_is_logged_in_already_goes_on(cast: Cast, login: Login) -> None:
    assert login(cast.owner).get("/login").location == "/"


def test_guessing_one_accounts_password_comes_to_an_end(
    client: FlaskClient, cast: Cast, rate_limits: None
) -> None:
    tries = [log_in(client, cast.owner.email, f"guess {n}").status_code for n in range(11)]
    assert tries == [422] * 10 + [429]
    assert log_in(client, cast.agent.email).status_code == 303
