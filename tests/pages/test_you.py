"""A member's own settings."""

from app.accounts.models import User
from app.extensions import db


def _language(app, person):
    with app.app_context():
        return db.session.get(User, person.id).language


def test_a_member_chooses_their_language_and_takes_it_back(app, cast, login):
    client, url = login(cast.viewer), f"/b/{cast.slug}/you/"
    assert b'lang="es"' in client.get(url, headers={"Accept-Language": "es"}).data
    assert client.post(url, data={"language": "es"}).status_code == 303
    assert _language(app, cast.viewer) == "es"
    page = client.get(url, headers={"Accept-Language": "en"}).text
    assert 'lang="es"' in page
    assert '<option selected value="es">Español</option>' in page
    assert client.post(url, data={"language": ""}).status_code == 303
    assert b'lang="en"' in client.get(url).data


def test_a_language_that_the_dashboard_does_not_speak_is_refused(app, cast, login):
    client = login(cast.viewer)
    response = client.post(f"/b/{cast.slug}/you/", data={"language": "fr"})
    assert response.status_code == 422
    assert _language(app, cast.viewer) is None
