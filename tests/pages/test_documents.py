"""What was read of a source: its documents and passages, how often each was cited, and where."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.channels.models import Channel
from app.contacts.models import Visitor
from app.conversations import services as conversations
from app.conversations.models import Conversation
from app.core.db import now
from app.core.unit_of_work import unit_of_work
from app.extensions import db
from app.knowledge import indexing, services
from app.knowledge.blocks import Block, ParsedDocument
from app.knowledge.chunking import chunk
from app.knowledge.embeddings.current import encode
from app.knowledge.models import Chunk, Document, Source
from tests.conftest import Cast, Person

Login = Callable[[Person], FlaskClient]
Count = Callable[[], AbstractContextManager[list[str]]]
HTMX = {"HX-Request": "true"}


def url(cast: Cast, path: str) -> str:
    return f"/b/{cast.slug}/knowledge/{path}"


@pytest.fixture
def website(app: Flask, cast: Cast) -> int:
    """Two pages, the first with three passages."""
    with app.app_context(), cast.scope(), unit_of_work():
        source = Source(kind="website", name="example.com", address="https://example.com/",
                        status="ready", page_limit=50)  # fmt: skip
        db.session.add(source)
        db.session.flush()
        add_page(source, "Prices", "A fir costs 42 pounds. " * 20, "A rose costs 5. " * 30, "Bye.")
        add_page(source, "About <us>", "We are a garden centre.")
        while indexing.embed_pending(source.id, encode):
            pass
        return source.id


def add_page(source: Source, title: str, *texts: str) -> None:
    document = Document(source_id=source.id, title=title, url=f"https://example.com/{len(title)}")
    db.session.add(document)
    blocks = [
        Block("heading", "Our plants", level=1),
        *(Block("paragraph", text) for text in texts),
    ]
    indexing.store(document, chunk(ParsedDocument(title, blocks)))


def cite(app: Flask, cast: Cast, question: str, chunk_id: int) -> int:
    """An answer to a visitor that quotes this passage."""
    with app.app_context(), cast.scope(), unit_of_work():
        channel = Channel.of_kind("website")
        visitor = Visitor(channel_id=channel.id, uuid=uuid4())
        db.session.add(visitor)
        db.session.flush()
        conversation = Conversation(
            channel_id=channel.id, visitor_id=visitor.id, last_message_at=now()
        )
        db.session.add(conversation)
        db.session.flush()
        asked = conversations.post(conversation, "incoming", "visitor", question)
        message = conversations.answer(asked, "42 pounds.", [], is_unsure=False)
        assert message is not None
        services.note_citations(message.id, [chunk_id])
        return conversation.id


def ids(app: Flask, cast: Cast, of: type) -> list[int]:
    with app.app_context(), cast.scope():
        return list(db.session.scalars(select(of.id).order_by(of.id)))


def test_a_website_lists_its_documents_with_what_was_cited(
    app: Flask, cast: Cast, login: Login, website: int
) -> None:
    first = ids(app, cast, Chunk)[0]
    cite(app, cast, "What is a fir?", first)
    cite(app, cast, "Fir price?", first)
    page = login(cast.viewer).get(url(cast, str(website))).text
    assert "About &lt;us&gt;" in page
    assert "3 passages · cited 2 times" in page
    assert "1 passage · not cited yet" in page


def test_a_document_shows_its_passages_in_order_with_heading_and_citations(
    app: Flask, cast: Cast, login: Login, website: int
) -> None:
    cite(app, cast, "What is a fir?", ids(app, cast, Chunk)[0])
    document = ids(app, cast, Document)[0]
    page = login(cast.viewer).get(url(cast, f"{website}/documents/{document}")).text
    assert page.index("A fir costs") < page.index("A rose costs")
    assert "Our plants" in page
    assert (page.count("Cited once"), page.count("Not cited yet")) == (1, 2)
    assert "https://example.com/6" in page


def test_from_a_passage_one_comes_to_the_conversations_that_cited_it(
    app: Flask, cast: Cast, login: Login, website: int
) -> None:
    first, second = ids(app, cast, Chunk)[:2]
    older = cite(app, cast, "What is a <fir>?", first)
    newer = cite(app, cast, "Fir price?", first)
    cite(app, cast, "Rose price?", second)
    path = url(cast, f"passages/{first}/conversations")
    found = login(cast.agent).get(path, headers=HTMX).text
    assert found.index(f"/inbox/{newer}") < found.index(f"/inbox/{older}")
    assert "What is a &lt;fir&gt;?" in found
    assert "Rose price?" not in found
    assert "A fir costs 42 pounds." in login(cast.agent).get(path).text
    neighbours = f"/b/{cast.neighbour_slug}/knowledge/passages/{first}/conversations"
    assert login(cast.neighbour).get(neighbours).status_code == 404
    assert login(cast.accountant).get(path).status_code == 403
    assert login(cast.owner).get(url(cast, f"passages/{'9' * 30}/conversations")).status_code == 404


def test_a_document_is_found_under_its_own_source_alone(
    app: Flask, cast: Cast, login: Login, website: int
) -> None:
    document = ids(app, cast, Document)[0]
    with app.app_context(), cast.scope(), unit_of_work():
        other = services.add_question("Open?", "Yes.", None).id
    client = login(cast.owner)
    assert client.get(url(cast, f"{other}/documents/{document}")).status_code == 404
    assert client.get(url(cast, f"{website}/documents/{'9' * 30}")).status_code == 404
    neighbours = f"/b/{cast.neighbour_slug}/knowledge/{website}/documents/{document}"
    assert login(cast.neighbour).get(neighbours).status_code == 404


def test_new_text_that_waits_is_not_shown_beside_the_old(
    app: Flask, cast: Cast, login: Login, website: int
) -> None:
    document_id = ids(app, cast, Document)[1]
    with app.app_context(), cast.scope(), unit_of_work():
        document = db.session.scalars(select(Document).where(Document.id == document_id)).one()
        parsed = ParsedDocument("About", [Block("paragraph", "We are a bakery now.")])
        indexing.store(document, chunk(parsed), 1)
        indexing.embed_pending(website, encode, is_live=False)
    page = login(cast.viewer).get(url(cast, f"{website}/documents/{document_id}")).text
    assert "We are a garden centre." in page
    assert "bakery" not in page


def test_a_long_answer_folds(app: Flask, cast: Cast, login: Login) -> None:
    with app.app_context(), cast.scope(), unit_of_work():
        source_id = services.add_question("What is there?", "Plants and pots. " * 200, None).id
        source = db.session.scalars(select(Source)).one()
        document = Document(source_id=source_id, title=source.name)
        db.session.add(document)
        block = Block("qa", source.answer or "", question="What is there?")
        indexing.store(document, chunk(ParsedDocument("x", [block])))
    page = login(cast.viewer).get(url(cast, str(source_id))).text
    assert '<details class="passage-fold">' in page
    assert page.count("Plants and pots.") > 200


def test_lists_go_on_by_key_and_ask_no_more_for_more(
    app: Flask, cast: Cast, login: Login, website: int, count_queries: Count
) -> None:
    client, document = login(cast.viewer), ids(app, cast, Document)[0]
    paths = [url(cast, str(website)), url(cast, f"{website}/documents/{document}")]
    few = []
    for path in paths:
        client.get(path)
        with count_queries() as statements:
            client.get(path)
        few.append(len(statements))
    with app.app_context(), cast.scope(), unit_of_work():
        source = db.session.scalars(select(Source)).one()
        for number in range(60):
            add_page(source, f"A longer page {'x' * number}", "Some text.")
        found = db.session.scalars(select(Document).where(Document.id == document)).one()
        texts = [Block("paragraph", f"{number} firs cost a lot. " * 30) for number in range(120)]
        indexing.store(found, chunk(ParsedDocument("Prices", texts)))
        while indexing.embed_pending(source.id, encode):
            pass
    many, pages = [], []
    for path in paths:
        with count_queries() as statements:
            pages.append(client.get(path).text)
        many.append(len(statements))
    assert many == few
    assert many[0] <= 11
    assert many[1] <= 9
    assert pages[0].count("read-document") == 50
    after = pages[0].partition("after_document=")[2].partition('"')[0]
    more = client.get(url(cast, f"{website}/documents/?after_document={after}"), headers=HTMX).text
    assert more.count("read-document") == 12
    assert pages[1].count('<article class="passage"') == 100
    after = pages[1].partition(f"documents/{document}?after=")[2].partition('"')[0]
    more = client.get(f"{paths[1]}?after={after}", headers=HTMX).text
    assert 0 < more.count('<article class="passage"') <= 100
