"""The gate before the database: as many requests inside as there are connections."""

import pytest

from app.core import gate


@pytest.fixture
def crowded(app, monkeypatch):
    """Every place is taken."""
    monkeypatch.setattr(gate, "WAIT_SECONDS", 0.01)
    places, taken = app.extensions["gate"], 0
    while places.acquire(blocking=False):
        taken += 1
    yield taken
    for _ in range(taken):
        places.release()


def test_a_share_is_kept_for_what_providers_tell(app, crowded):
    assert 0 < crowded < app.config["POOL_SIZE"]


def test_who_finds_no_place_is_told_so(crowded, client):
    response = client.get("/login")
    assert response.status_code == 503
    assert "busy" in response.text


def test_what_needs_no_database_passes(crowded, client):
    assert client.get("/healthz").status_code == 200


def test_a_place_is_given_back_whatever_happens(app, client):
    places = app.config["POOL_SIZE"]
    for _ in range(places * 2):
        assert client.get("/login").status_code == 200
        assert client.get("/b/nowhere/").status_code == 303
        assert client.post("/login", data={"email": "x"}).status_code == 422
