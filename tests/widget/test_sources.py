"""The page behind a source link."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.unit_of_work import unit_of_work
from app.extensions import db
from app.knowledge.models import Chunk, Document, Source
from tests.conftest import Cast


@pytest.fixture
def chunk_ids(app: Flask, cast: Cast) -> list[int]:
    """Three passages of one document."""
    with app.app_context(), cast.scope(), unit_of_work():
        source = Source(kind="file", name="delivery.md")
        db.session.add(source)
        db.session.flush()
        document = Document(source_id=source.id, title="Delivery")
        db.session.add(document)
        db.session.flush()
        ids = []
        for position, text in enumerate(
            ["We have a van.", "We deliver for £4.95 <b>.", "Not on Sundays."]
        ):
            chunk = Chunk(
                document_id=document.id,
                position=position,
                kind="prose",
                heading="Delivery › Costs",
                text=text,
            )
            db.session.add(chunk)
            db.session.flush()
            ids.append(chunk.id)
        return ids


def test_the_cited_passage_is_marked_between_its_neighbours(
    client: FlaskClient, cast: Cast, chunk_ids: list[int]
) -> None:
    page = client.get(f"/w/{cast.website_key}/sources/{chunk_ids[1]}").text
    assert '<blockquote lang="en" dir="auto">We deliver for £4.95 &lt;b&gt;.</blockquote>' in page
    assert "We have a van." in page
    assert "Not on Sundays." in page
    assert "Delivery › Costs" in page


def test_another_businesses_passage_is_not_found(
    client: FlaskClient, cast: Cast, chunk_ids: list[int]
) -> None:
    assert client.get(f"/w/{cast.website_key}/sources/{chunk_ids[0]}").status_code == 200
    answer = client.get(f"/w/{cast.neighbour_key}/sources/{chunk_ids[0]}")
    assert answer.status_code == 404
    assert "van" not in answer.text


@pytest.mark.parametrize("chunk_id", [999_999_999, 10**30])
def test_a_removed_source_says_so(client: FlaskClient, cast: Cast, chunk_id: int) -> None:
    answer = client.get(f"/w/{cast.website_key}/sources/{chunk_id}")
    assert answer.status_code == 404
    assert "This source is gone" in answer.text
