"""A conversation's page: what stands in it, for whom, and how it is caught up with."""

import re

from app.conversations import services
from app.conversations.inbox import PAGE_MESSAGES

# Session, member, scope, conversation and its people, messages, list, counts, hand-off, callbacks, who waits,
# the contact's card, which channels there are, its tags, what the member has begun to write.
MAX_QUERIES = 21

CITATION = {
    "title": "Delivery", "text": "On Saturdays.", "heading": "When", "page": None, "anchor": None,
    "chunk_id": 7, "source_id": 12,
}  # fmt: skip


def test_states_are_said_in_words(owner, inbox, cast, talk):
    conversation = talk()
    path = f"/{conversation.id}"
    assert "The assistant is answering" in owner.get(path).text
    conversation.do(services.request_person)
    assert "Waiting for a person since" in owner.get(path).text
    conversation.do(services.take_over, cast.owner)
    assert "You have this conversation" in owner.get(path).text
    assert "Olivia Owner has this conversation" in inbox(cast.agent).get(path).text
    conversation.do(services.resolve, cast.agent)
    assert "Resolved by Agent Person" in owner.get(path).text


def test_events_are_said_in_words(owner, inbox, cast, talk):
    conversation = talk()
    conversation.do(services.request_person)
    conversation.do(services.take_over, cast.owner)
    conversation.do(services.give_back, cast.owner)
    conversation.do(services.resolve, cast.owner)
    conversation.visitor_says("one more thing")
    page = owner.get(f"/{conversation.id}").text
    for words in (
        "The visitor asked for a person ·", "You took over ·", "You resolved the conversation ·",
        "You gave the conversation back to the assistant ·", "The visitor wrote again ·",
    ):  # fmt: skip
        assert words in page
    assert "Olivia took over ·" in inbox(cast.agent).get(f"/{conversation.id}").text


def test_html_is_shown_as_text(owner, talk):
    page = owner.get(f"/{talk('<script>alert(1)</script>').id}").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert(1)" not in page


def test_an_answer_shows_its_sources_and_its_doubt(owner, cast, talk):
    conversation = talk()
    conversation.assistant_says("On Saturdays.", citations=[CITATION])
    conversation.visitor_says("And Sundays?")
    assert "offered a person" not in owner.get(f"/{conversation.id}").text
    conversation.assistant_says("I am not sure.", is_unsure=True)
    page = owner.get(f"/{conversation.id}").text
    assert f'href="/b/{cast.slug}/knowledge/12' in page
    assert "offered a person" in page


def test_marks_lead_from_the_words_to_what_they_stand_on(owner, cast, talk):
    conversation = talk()
    website = {"chunk_id": 8, "title": "Costs", "url": "https://shop.example/costs", "at": [13, 99]}
    cited = [CITATION | {"at": [13]}, CITATION | website, CITATION | {"at": [28]}]
    conversation.assistant_says("On Saturdays. For <4 pounds>.", citations=cited)
    page = owner.get(f"/{conversation.id}").text
    bubble = re.findall(r'<div class="message-bubble" dir="auto">(.+)</div>', page)[-1]
    assert re.sub(r"<sup.+?</sup>", "*", bubble) == "On Saturdays.** For &lt;4 pounds&gt;*."
    assert re.findall(r'<sup class="mark"><a href="([^"]+)".+?aria-label="([^"]+)"', bubble) == [
        (f"/b/{cast.slug}/knowledge/12", "Source 1: Delivery"),
        ("https://shop.example/costs", "Source 2: Costs"),
        (f"/b/{cast.slug}/knowledge/12", "Source 1: Delivery"),
    ]
    assert re.findall(r'<a class="message-source".+?<span>(\d)</span>', page) == ["1", "2"]


def test_the_contact_panel_says_where_the_chat_was_opened(owner, talk):
    conversation = talk()
    conversation.look(lambda row: setattr(row.visitor, "page", "https://shop.example/roses"))
    assert 'href="https://shop.example/roses"' in owner.get(f"/{conversation.id}").text


def test_catching_up_brings_what_is_after_the_cursor(owner, talk):
    conversation = talk("one")
    conversation.visitor_says("two")
    fragment = owner.get(f"/{conversation.id}/messages?after=1").text
    assert ">two<" in fragment
    assert ">one<" not in fragment
    assert 'value="2" data-cursor' in fragment
    assert 'class="message-day"' not in fragment


def test_nothing_new_keeps_the_cursor(owner, talk):
    fragment = owner.get(f"/{talk().id}/messages?after=1").text
    assert "<article" not in fragment
    assert 'value="1" data-cursor' in fragment


def test_earlier_messages_load_upward(owner, talk):
    conversation = talk("message 1")
    for number in range(2, PAGE_MESSAGES + 6):
        conversation.visitor_says(f"message {number}")
    page = owner.get(f"/{conversation.id}").text
    assert ">message 6<" in page
    assert ">message 5<" not in page
    assert "before=6" in page
    earlier = owner.get(f"/{conversation.id}/messages?before=6").text
    assert ">message 1<" in earlier
    assert ">message 6<" not in earlier
    assert "Show earlier messages" not in earlier
    assert ">message 1<" in owner.get(f"/{conversation.id}?from=6").text


def test_sixty_messages_cost_as_few_queries_as_one(owner, cast, talk, count_queries):
    conversation = talk()
    for number in range(PAGE_MESSAGES):
        by = cast.owner if number % 2 else cast.agent
        conversation.do(services.reply, by, f"reply {number}", f"key-{number}")
    with count_queries() as statements:
        page = owner.get(f"/{conversation.id}").text
    assert page.count("message--member") >= PAGE_MESSAGES
    assert len(statements) <= MAX_QUERIES, statements


def test_times_are_in_the_businesss_zone(app, owner, cast, talk):
    from datetime import UTC, datetime

    from app.businesses.models import Business
    from app.extensions import db

    conversation = talk()
    with conversation.work():
        db.session.get_one(Business, cast.business_id).time_zone = "Asia/Tokyo"
        conversation.row().newest_messages()[0].created_at = datetime(2026, 1, 1, 20, 5, tzinfo=UTC)
    page = owner.get(f"/{conversation.id}").text
    assert ">05:05</time>" in page
    assert "2 Jan 2026, 05:05" in page


def test_a_viewer_reads_and_has_nothing_to_press(inbox, cast, talk):
    conversation = talk()
    viewer = inbox(cast.viewer)
    page = viewer.get(f"/{conversation.id}").text
    assert "Do you deliver?" in page
    assert "data-composer" not in page
    assert "/resolution" not in page
    assert viewer.write(conversation, "no").status_code == 403
    assert conversation.lines() == [("incoming", "Do you deliver?")]


def test_an_accountant_has_no_inbox(inbox, cast):
    assert inbox(cast.accountant).get().status_code == 403


def test_a_neighbours_conversation_is_not_there(login, cast, talk):
    conversation = talk()
    neighbour = login(cast.neighbour)
    base = f"/b/{cast.neighbour_slug}/inbox"
    assert neighbour.get(f"{base}/").status_code == 200
    assert neighbour.get(f"{base}/{conversation.id}").status_code == 404
    refused = neighbour.post(f"{base}/{conversation.id}/resolution")
    assert refused.status_code == 404
    assert conversation.look(lambda row: row.status) == "open"


def test_a_number_too_large_for_any_conversation_is_not_there(owner):
    assert owner.get(f"/{10**30}").status_code == 404
