"""Settings: opening hours and the business's profile."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.businesses import hours
from app.businesses.models import BusinessProfile, OpeningException
from app.core.db import now
from app.extensions import db
from app.lib.hours_typed import written
from tests.conftest import Cast, Person

Login = Callable[[Person], FlaskClient]
TOMORROW = (now() + timedelta(days=2)).date()


def url(cast: Cast, path: str) -> str:
    return f"/b/{cast.slug}/settings/{path}"


def save(client: FlaskClient, cast: Cast, **days: str) -> TestResponse:
    return client.post(url(cast, "hours"), data={"time_zone": "Europe/London"} | days)


def add_day(client: FlaskClient, cast: Cast, **fields: str) -> TestResponse:
    data = {"first_day": TOMORROW.isoformat()} | fields
    return client.post(url(cast, "hours/exceptions"), data=data)


def friday(app: Flask, cast: Cast) -> str:
    with app.app_context(), cast.scope():
        return written(hours.current().week.get(4, ()))


def test_hours_are_saved_and_shown_as_they_will_be_said(
    app: Flask, cast: Cast, login: Login, run_jobs: Callable[[], int]
) -> None:
    client = login(cast.owner)
    assert save(client, cast, friday="9-12:30, 2pm-6pm", saturday="8pm-2am").status_code == 303
    page = client.get(url(cast, "hours")).text
    assert 'value="9:00–12:30, 14:00–18:00"' in page
    assert "On Friday we are open from 9:00 to 12:30 and from 14:00 to 18:00." in page
    assert "On Saturday we are open from 20:00 to 2:00 the next day." in page
    run_jobs()
    sources = client.get(f"/b/{cast.slug}/knowledge/").text
    assert "From your settings, always current" in sources
    assert f'href="/b/{cast.slug}/settings/hours"' in sources
    assert "Delete “Opening hours”" not in sources


def test_what_can_not_be_read_is_told_beside_its_day_and_nothing_changes(
    app: Flask, cast: Cast, login: Login
) -> None:
    client = login(cast.owner)
    save(client, cast, friday="9-17")
    refused = save(client, cast, friday="9-5", monday="10-12")
    assert refused.status_code == 422
    assert "Did you mean 9:00–17:00?" in refused.text
    assert 'value="10-12"' in refused.text
    assert friday(app, cast) == "9:00–17:00"


def test_a_day_past_midnight_into_the_next_opening_is_refused(cast: Cast, login: Login) -> None:
    refused = save(login(cast.owner), cast, friday="20-3", saturday="2-10")
    assert refused.status_code == 422
    assert "goes on past midnight into the next day" in refused.text


def test_an_unknown_time_zone_is_refused(cast: Cast, login: Login) -> None:
    assert save(login(cast.owner), cast, time_zone="Europe/Atlantis").status_code == 422


def test_a_holiday_is_added_and_removed(app: Flask, cast: Cast, login: Login) -> None:
    client = login(cast.owner)
    save(client, cast, friday="9-17")
    assert add_day(client, cast, name="<b>Party</b>").status_code == 303
    page = client.get(url(cast, "hours")).text
    assert "(&lt;b&gt;Party&lt;/b&gt;) we are closed." in page
    with app.app_context(), cast.scope():
        row_id = db.session.query(OpeningException).one().id
    removal = url(cast, f"hours/exceptions/{row_id}/deletion")
    assert login(cast.agent).post(removal).status_code == 403
    assert client.post(removal).status_code == 303
    assert client.post(removal).status_code == 303
    assert "Party" not in client.get(url(cast, "hours")).text


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"first_day": ""}, "Choose the day"),
        ({"first_day": "2020-01-01"}, "This day is over already."),
        ({"last_day": "2020-01-01"}, "The last day lies before the first."),
        ({"first_day": "2099-01-01"}, "Is the year right?"),
        ({"ranges": "always"}, "“always” is no opening."),
        ({"name": "x" * 81}, "80"),
    ],
)
def test_a_wrong_day_is_told(cast: Cast, login: Login, fields: dict[str, str], told: str) -> None:
    response = add_day(login(cast.owner), cast, **fields)
    assert response.status_code == 422
    assert told in response.text


def test_days_that_are_taken_are_told(cast: Cast, login: Login) -> None:
    client = login(cast.owner)
    add_day(client, cast, name="Party")
    later = (TOMORROW + timedelta(days=3)).isoformat()
    response = add_day(client, cast, last_day=later, name="Week off")
    assert response.status_code == 422
    assert "“Party” has some of these days already." in response.text


def test_a_neighbours_day_stays(app: Flask, cast: Cast, login: Login) -> None:
    add_day(login(cast.owner), cast)
    with app.app_context(), cast.scope():
        row_id = db.session.query(OpeningException).one().id
    path = f"/b/{cast.neighbour_slug}/settings/hours/exceptions/{row_id}/deletion"
    login(cast.neighbour).post(path)
    with app.app_context(), cast.scope():
        assert db.session.query(OpeningException).count() == 1


def test_the_profile_is_saved_with_the_name(app: Flask, cast: Cast, login: Login) -> None:
    client = login(cast.owner)
    form = {"name": "Willow & Thyme", "address": "Mill Lane\nAshcombe", "phone": "01632 960147",
            "email": "Hello@Example.com", "directions": "Behind the church."}  # fmt: skip
    assert client.post(url(cast, "profile"), data=form).status_code == 303
    page = client.get(url(cast, "profile")).text
    assert "Willow &amp; Thyme" in page
    assert "Behind the church." in page
    with app.app_context(), cast.scope():
        assert BusinessProfile.current().email == "Hello@example.com"


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("name", "", "Write the name of your business."),
        ("name", "x" * 81, "80 characters fit"),
        ("phone", "ring us", "This is no telephone number."),
        ("email", "hello", "This is no e-mail address."),
        ("address", "x" * 301, "300"),
    ],
)
def test_what_is_wrong_in_the_profile_is_told(
    app: Flask, cast: Cast, login: Login, *, field: str, value: str, told: str
) -> None:
    response = login(cast.owner).post(
        url(cast, "profile"), data={"name": "Test Shop", "directions": "Stay typed", field: value}
    )
    assert response.status_code == 422
    assert told in response.text
    assert "Stay typed" in response.text
    with app.app_context(), cast.scope():
        assert BusinessProfile.current().directions == ""


def test_an_agent_looks_and_does_not_change(app: Flask, cast: Cast, login: Login) -> None:
    client = login(cast.agent)
    assert "Your role may look" in client.get(url(cast, "hours")).text
    assert "Your role may look" in client.get(url(cast, "profile")).text
    assert save(client, cast, friday="9-17").status_code == 403
    assert add_day(client, cast).status_code == 403
    assert client.post(url(cast, "profile"), data={"name": "Mine"}).status_code == 403
    assert friday(app, cast) == ""
