"""The page of callbacks, and what the dashboard says of who waits and who wants to be called."""

import pytest

from app.conversations import callbacks, services
from app.conversations.models import Callback
from app.extensions import db
from app.frontdesk import handing_off
from tests.conversations.conftest import HTMX

PHONE = "+442079460018"


@pytest.fixture
def left(talk):
    """Anna wants to be called back. The conversation, and the callback's id."""
    conversation = talk("Can I bring it back?")
    with conversation.work():
        made = callbacks.leave(
            conversation.row(), phone=PHONE, name="Anna <b>", suits="tomorrow", message="Call me"
        )
        return conversation, made.id


@pytest.fixture
def page(login, cast):
    def reading(person=None, path="/callbacks/", **options):
        return login(person or cast.owner).get(f"/b/{cast.slug}{path}", **options)

    return reading


@pytest.fixture
def press(login, cast):
    def pressing(callback_id, verb="done", person=None, headers=None):
        client = login(person or cast.owner)
        path = f"/b/{cast.slug}/callbacks/{callback_id}/{verb}"
        return client.post(path, headers=headers)

    return pressing


def test_it_says_who_how_and_when(left, page):
    text = page().text
    assert "Anna &lt;b&gt;" in text
    assert f'href="tel:{PHONE}"' in text
    assert "“tomorrow”" in text
    assert "Call me" in text
    assert f"/inbox/{left[0].id}" in text


def test_it_stands_on_the_start_page_the_conversation_and_the_inbox(left, page, owner):
    assert "1 person wants to be called" in page(path="/").text
    conversation = owner.get(f"/{left[0].id}").text
    assert PHONE in conversation
    assert "Callbacks" in conversation
    assert PHONE in owner.get(f"/{left[0].id}/messages?after=1").text


def test_done_and_undone(left, page, press, cast):
    assert press(left[1]).status_code == 303
    assert "Nobody waits for a call" in page().text
    done = page(path="/callbacks/?show=done").text
    assert PHONE in done
    assert "by you" in done
    assert "by Olivia Owner" in page(cast.agent, "/callbacks/?show=done").text
    assert press(left[1], "undo").status_code == 303
    assert PHONE in page().text
    assert "Nothing done yet" in page(path="/callbacks/?show=done").text


def test_done_offers_to_undo(left, press):
    told = press(left[1], headers=HTMX)
    assert f"/callbacks/{left[1]}/undo" in told.headers["HX-Trigger"]
    assert '"inbox"' in told.headers["HX-Trigger"]


def test_done_twice_the_first_counts(app, left, press, cast):
    press(left[1])
    press(left[1], person=cast.agent)
    with left[0].work():
        assert db.session.get_one(Callback, (cast.business_id, left[1])).done_by == cast.owner.id


def test_who_may_only_read_sees_no_button(left, page, press, cast):
    assert PHONE in page(cast.viewer).text
    assert "/done" not in page(cast.viewer).text
    assert press(left[1], person=cast.viewer).status_code == 403
    assert page(cast.accountant).status_code == 403
    assert "wants to be called" not in page(cast.accountant, "/").text


def test_a_neighbour_reaches_nothing(left, login, cast):
    client = login(cast.neighbour)
    path = f"/b/{cast.neighbour_slug}/callbacks"
    assert client.post(f"{path}/{left[1]}/done").status_code == 404
    assert client.post(f"{path}/{2**63}/done").status_code == 404
    assert PHONE not in client.get(f"{path}/").text


def test_the_preview_s_are_not_listed(talk, page):
    preview = talk("Person", key="preview")
    with preview.work():
        callbacks.leave(preview.row(), phone=PHONE)
    assert PHONE not in page().text
    assert "wants to be called" not in page(path="/").text


def test_a_refresh_gets_the_rows_alone(left, page):
    text = page(headers=HTMX).text
    assert PHONE in text
    assert "<html" not in text


# Who waits, on every page


def call(conversation, reason="asked"):
    with conversation.work():
        handing_off.call_person(conversation.row(), reason)


def bar(text):
    start = text.index('id="waiting"')
    return text[start : text.index("</div>", start)]


def test_who_waits_stands_on_every_page(talk, page, cast):
    assert "is waiting" not in bar(page(path="/").text)
    first, second = talk("one"), talk("two")
    call(first)
    call(second)
    for path in ("/", "/callbacks/", "/settings/website", "/inbox/"):
        text = page(path=path).text
        assert f"/inbox/{first.id}?view=unassigned" in bar(text)
        assert "and 1 more" in bar(text)
        assert "count--red" in text


def test_it_comes_with_the_badge(talk, owner):
    conversation = talk()
    places = ("/badge", "/rows")  # which bring it along
    assert not any("is waiting" in bar(owner.get(place).text) for place in places)
    call(conversation)
    for place in places:
        text = owner.get(place).text
        assert "is waiting" in bar(text)
        assert "hx-swap-oob" in text
        assert 'data-unread="1"' in text
        assert "count--red" in text


def test_it_counts_until_somebody_comes_read_or_not(talk, owner, cast):
    conversation = talk()
    call(conversation)
    owner.post(f"/{conversation.id}/read", position=2)
    assert 'data-unread="1"' in owner.get("/badge").text
    conversation.do(services.take_over, cast.agent)
    text = owner.get("/badge").text
    assert "is waiting" not in bar(text)
    assert "count--red" not in text


def test_who_has_no_inbox_sees_no_bar(talk, page, cast):
    call(talk())
    assert 'id="waiting"' not in page(cast.accountant, "/").text


def test_the_preview_waits_for_nobody(talk, page):
    call(talk("Person", key="preview"))
    assert "is waiting" not in bar(page(path="/").text)


# Above the conversation


def test_the_summary_stands_above_the_conversation(talk, owner, cast):
    conversation = talk("Can I bring <b>it</b> back?")
    call(conversation, "anger")
    page = owner.get(f"/{conversation.id}").text
    assert "The visitor is upset" in page
    assert "Can I bring &lt;b&gt;it&lt;/b&gt; back?" in page
    assert "Somebody will answer as soon as they are free." in page
    assert "The visitor is upset" in owner.get(f"/{conversation.id}/messages?after=1").text
    conversation.do(services.take_over, cast.owner)
    assert "The visitor is upset" in owner.get(f"/{conversation.id}").text
    conversation.do(services.give_back, cast.owner)
    assert "The visitor is upset" not in owner.get(f"/{conversation.id}").text


def test_a_promise_shows_its_moment(talk, owner):
    conversation = talk()
    call(conversation)
    assert "answer promised for" not in owner.get(f"/{conversation.id}").text
    with conversation.work():
        from app.conversations.models import HandOff

        HandOff.open_of(conversation.id).promised_seconds = 240
    assert "answer promised for" in owner.get(f"/{conversation.id}").text
