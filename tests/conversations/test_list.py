"""The inbox's list: views, unread marks, order, pages."""

import re
from datetime import timedelta

import pytest

from app.conversations import services
from app.conversations.inbox import PAGE_ROWS
from app.core import realtime
from tests.conversations.conftest import HTMX

MAX_QUERIES = (
    10  # session, member, scope, rows, counts, channels, navigation; never one for each row
)


def rows(page):
    return [int(number) for number in re.findall(r'id="conversation_(\d+)"\s+href', page)]


def test_newest_conversation_stands_first(owner, talk):
    older, newer = talk("first"), talk("second")
    assert rows(owner.get().text) == [newer.id, older.id]
    older.visitor_says("again")
    assert rows(owner.get().text) == [older.id, newer.id]


def test_views_filter_by_who_has_it(owner, cast, talk):
    answering, waiting, mine, theirs, done = (talk(text) for text in "abcde")
    waiting.do(services.request_person)
    mine.do(services.take_over, cast.owner)
    theirs.do(services.take_over, cast.agent)
    done.do(services.resolve, cast.owner)
    assert rows(owner.get("/?view=mine").text) == [mine.id]
    assert rows(owner.get("/?view=unassigned").text) == [waiting.id]
    assert rows(owner.get("/?view=resolved").text) == [done.id]
    open_ones = {answering.id, waiting.id, mine.id, theirs.id}
    assert set(rows(owner.get("/?view=all").text)) == open_ones
    assert set(rows(owner.get("/?view=nonsense").text)) == open_ones


@pytest.mark.parametrize("view", ["mine", "unassigned", "all", "resolved"])
def test_an_empty_view_says_what_will_come(owner, view):
    page = owner.get(f"/?view={view}").text
    assert "inbox-none" in page


def test_unread_until_read_by_each_member(owner, inbox, cast, talk):
    conversation = talk()
    agent = inbox(cast.agent)
    assert "is-unread" in owner.get("/rows").text
    owner.post(f"/{conversation.id}/read", position=1)
    assert "is-unread" not in owner.get("/rows").text
    assert "is-unread" in agent.get("/rows").text


def test_what_a_member_reads_is_told_to_their_own_pages_alone(owner, cast, talk, monkeypatch):
    conversation, told = talk(), []
    monkeypatch.setattr(realtime, "publish", lambda _topic, **data: told.append(data["name"]))
    owner.post(f"/{conversation.id}/read", position=1)
    assert told == [f"inbox-{cast.owner.id}"]
    pages = owner.get().text
    assert f"inbox-{cast.owner.id} from:body" in pages


def test_the_badge_comes_with_the_list_and_is_not_asked_for_beside_it(owner, talk):
    talk()
    assert "hx-get" not in badge(owner.get().text)
    assert 'data-unread="1" hx-swap-oob' in badge(owner.get("/rows").text)


def badge(page):
    return re.search(r'<span class="count[^>]*id="nav-count-conversations-index"[^>]*>', page)[0]


def test_the_same_row_is_written_in_each_members_language(owner, inbox, cast, talk):
    """Rows are rendered once for all who see them alike."""
    talk()
    assert "Unread." in owner.get("/rows").text
    agent = inbox(cast.agent)
    agent.client.post(f"/b/{cast.slug}/you/", data={"language": "es"})
    spanish = agent.get("/rows").text
    assert "Sin leer." in spanish
    assert "Unread." not in spanish


def test_looking_marks_nothing(owner, talk):
    conversation = talk()
    owner.get(f"/{conversation.id}")
    owner.get(f"/{conversation.id}/messages?after=0")
    assert "is-unread" in owner.get("/rows").text


def test_a_call_for_a_person_is_unread_again(owner, talk):
    conversation = talk()
    owner.post(f"/{conversation.id}/read", position=1)
    conversation.do(services.request_person)
    page = owner.get("/rows").text
    assert "is-unread" in page
    assert "is-waiting" in page


def test_ones_own_reply_is_not_unread(owner, talk):
    conversation = talk()
    owner.post(f"/{conversation.id}/read", position=1)
    owner.write(conversation, "Yes, we do")
    assert "is-unread" not in owner.get("/rows").text


def test_reading_never_goes_backwards_or_ahead(owner, talk):
    conversation = talk()
    owner.post(f"/{conversation.id}/read", position=9999)
    conversation.visitor_says("one more")
    assert "is-unread" in owner.get("/rows").text
    owner.post(f"/{conversation.id}/read", position=2)
    owner.post(f"/{conversation.id}/read", position=1)
    assert "is-unread" not in owner.get("/rows").text


def test_badge_counts_open_unread_conversations(owner, cast, talk):
    talk(), talk()
    talk().do(services.resolve, cast.owner)
    assert 'data-unread="2"' in owner.get("/badge").text


def test_the_owners_own_preview_stays_out(owner, talk):
    real, preview = talk(), talk("trying it", key="preview")
    assert rows(owner.get().text) == [real.id]
    assert owner.get(f"/{preview.id}").status_code == 404


def test_a_row_shows_name_preview_and_initials(owner, cast, talk):
    conversation = talk("Line one\nline two")
    conversation.do(services.take_over, cast.agent)
    page = owner.get("/rows").text
    assert "Visitor " in page
    assert "Line one line two" in page
    assert ">AP</span>" in page


def spread(talk, count):
    talks = [talk(f"question {number}") for number in range(count)]
    for number, one in enumerate(talks):
        one.look(lambda row, back=number: setattr(
            row, "last_message_at", row.last_message_at - timedelta(hours=back)))  # fmt: skip
    return [one.id for one in talks]


def test_further_rows_come_by_key(owner, talk):
    ids = spread(talk, PAGE_ROWS + 2)
    first = owner.get("/rows").text
    assert rows(first) == ids[:PAGE_ROWS]
    cursor = re.search(r'name="through" value="([^"]+)"', first)[1]
    second = owner.get(f"/rows?before={cursor}").text
    assert rows(second) == ids[PAGE_ROWS:]
    assert "Show more" not in second


def test_a_refresh_keeps_what_is_on_the_screen(owner, talk):
    ids = spread(talk, PAGE_ROWS + 2)
    cursor = re.search(r'name="through" value="([^"]+)"', owner.get("/rows").text)[1]
    newest = talk("newest").id
    refreshed = owner.get(f"/rows?through={cursor}").text
    assert rows(refreshed) == [newest, *ids[:PAGE_ROWS]]
    assert "Show more" in refreshed


@pytest.mark.parametrize("cursor", ["x", "1-", "-", "9" * 30 + "-1", "1-1; drop table users"])
def test_a_broken_cursor_begins_at_the_beginning(owner, talk, cursor):
    conversation = talk()
    response = owner.get("/rows", query_string={"before": cursor})
    assert response.status_code == 200
    assert rows(response.text) == [conversation.id]


def test_fifty_rows_cost_as_few_queries_as_one(owner, cast, talk, count_queries):
    for number in range(PAGE_ROWS):
        talk().do(services.take_over, cast.agent if number % 2 else cast.owner)
    with count_queries() as statements:
        page = owner.get().text
    assert len(rows(page)) == PAGE_ROWS
    assert len(statements) <= MAX_QUERIES, statements


def test_the_refresh_brings_the_views_counts(owner, talk):
    talk()
    fragment = owner.get("/rows", headers=HTMX).text
    assert "hx-swap-oob" in fragment
    assert "<html" not in fragment
