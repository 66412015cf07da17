"""The pages of what is done with conversations: panels, orders, merging, earlier ones; for whom, and how refused."""

import json
from datetime import timedelta

import pytest

from app.accounts.models import User
from app.contacts.models import Visitor
from app.conversations import services, snoozing, tagging
from app.conversations.models import Conversation
from app.core.db import now
from app.extensions import db
from tests.conversations.conftest import HTMX

PANELS = ("snooze", "assign", "tag", "priority")


def toast(response) -> dict:
    return json.loads(response.headers["HX-Trigger"])["toast"]


def earlier_of(talk, text: str = "Are dogs welcome?") -> int:
    """Another conversation of the same visitor, from before; its id."""
    with talk.work():
        here = talk.row()
        before = here.created_at - timedelta(days=9)
        old = Conversation(
            channel_id=here.channel_id, visitor_id=here.visitor_id,
            last_message_at=before, created_at=before,
        )  # fmt: skip
        db.session.add(old)
        db.session.flush()
        services.post(old.lock(), "incoming", "visitor", text)
        services.resolve(old, db.session.get_one(User, talk.cast.owner.id))
        old.last_message_at = before
        return old.id


@pytest.mark.parametrize("name", PANELS)
def test_a_panel_is_a_part_for_htmx_and_a_page_without(owner, talk, name):
    path = f"/{talk().id}/panels/{name}"
    part = owner.get(path, headers=HTMX).text
    assert "<html" not in part
    assert part.count('name="csrf_token"') >= 1
    assert "<html" in owner.get(path).text
    assert f"/bulk/{name}" in owner.get(f"/bulk/{name}", headers=HTMX).text


def test_unknown_panels_and_orders_are_not_there(owner, talk):
    conversation = talk()
    assert owner.get(f"/{conversation.id}/panels/other").status_code == 404
    assert owner.get("/bulk/other").status_code == 404
    assert owner.post(f"/{conversation.id}/orders/other").status_code == 422


@pytest.mark.parametrize("htmx", [True, False])
def test_an_order_is_done_told_and_can_be_taken_back(owner, talk, htmx):
    conversation = talk()
    done = owner.post(f"/{conversation.id}/orders/snooze", htmx, choice="reply", after="1")
    assert conversation.look(lambda row: row.status) == "snoozed"
    if htmx:
        assert "You snoozed this until they reply" in done.text
        assert toast(done)["message"] == "Snoozed until they reply."
        undone = owner.client.post(toast(done)["undo"], headers=HTMX)
        assert toast(undone)["message"] == "It is as it was."
        assert conversation.look(lambda row: row.status) == "open"
        again = owner.client.post(toast(done)["undo"], headers=HTMX)
        assert again.status_code == 409
    else:
        assert done.status_code == 303
        page = owner.get(f"/{conversation.id}").text
        assert "Snoozed until <" in page or "they reply" in page


def test_a_refusal_says_why_and_changes_nothing(owner, talk):
    conversation = talk()
    refused = owner.post(f"/{conversation.id}/orders/snooze", True, choice="typed", until="soon")
    assert refused.status_code == 422
    assert "Choose a date and a time." in refused.text
    late = owner.post(
        f"/{conversation.id}/orders/snooze", True, choice="typed", until="2020-01-01T09:00"
    )
    assert "This time has passed." in late.text
    assert conversation.lines() == [("incoming", "Do you deliver?")]


def test_a_typed_time_is_the_businesss(owner, talk, cast):
    from app.businesses.models import Business

    conversation = talk()
    with conversation.work():
        db.session.get_one(Business, cast.business_id).time_zone = "Asia/Tokyo"
    typed = f"{now() + timedelta(days=3):%Y-%m-%d}T09:00"
    owner.post(f"/{conversation.id}/orders/snooze", choice="typed", until=typed)
    assert conversation.look(lambda row: f"{row.snoozed_until:%H:%M}") == "00:00"
    assert f"{typed[8:10].lstrip('0')} " in owner.get(f"/{conversation.id}").text


def test_resolving_offers_to_take_it_back(owner, talk, cast):
    conversation = talk()
    conversation.do(services.take_over, cast.owner)
    done = owner.post(f"/{conversation.id}/resolution", True, after="1")
    owner.client.post(toast(done)["undo"], headers=HTMX)
    state = conversation.look(lambda row: (row.status, row.assignee_id, row.state))
    assert state == ("open", cast.owner.id, "person")
    owner.post(f"/{conversation.id}/resolution", True)
    again = owner.post(f"/{conversation.id}/resolution", True)
    assert "HX-Trigger" not in again.headers


def test_many_are_told_with_those_that_could_not(owner, talk, cast):
    talks = [talk() for _ in range(3)]
    talks[0].do(services.resolve, cast.owner)
    ids = [each.id for each in talks]
    done = owner.post("/bulk/snooze", True, choice="reply", conversation_id=ids)
    assert toast(done)["kind"] == "warning"
    name = talks[0].look(lambda row: row.title)
    assert (
        f"2 conversations are snoozed until they reply. Not {name}: This" in toast(done)["message"]
    )
    assert owner.post("/bulk/resolve", True).status_code == 422
    assert owner.post("/bulk/resolve", conversation_id=ids).status_code == 303


def test_labels_stand_under_the_header_and_viewers_only_see_them(owner, inbox, talk, cast):
    conversation = talk()
    conversation.do(tagging.add, cast.owner, "Wed<ding")
    conversation.do(snoozing.snooze, cast.owner, None)
    path = f"/{conversation.id}"
    for member, may in ((owner, True), (inbox(cast.viewer), False)):
        page = member.get(path).text
        assert "Wed&lt;ding" in page
        assert "Snoozed until" in page
        assert ("orders/wake" in page) is may
        assert ("bulk-bar" in page) is may
    viewer = inbox(cast.viewer)
    assert viewer.post(f"{path}/orders/wake").status_code == 403
    assert viewer.post("/bulk/resolve", conversation_id=conversation.id).status_code == 403
    assert inbox(cast.accountant).get(f"{path}/panels/tag").status_code == 403


def test_another_businesss_are_not_there(login, cast, talk):
    conversation = talk()
    neighbour, base = login(cast.neighbour), f"/b/{cast.neighbour_slug}/inbox"
    assert neighbour.post(f"{base}/{conversation.id}/orders/resolve").status_code == 404
    assert neighbour.get(f"{base}/{conversation.id}/joining").status_code == 404
    data = {"conversation_id": conversation.id}
    neighbour.post(f"{base}/bulk/resolve", data=data)
    assert conversation.look(lambda row: row.status) == "open"


def test_an_earlier_conversation_is_read_above(owner, talk):
    conversation = talk()
    old_id = earlier_of(conversation)
    page = owner.get(f"/{conversation.id}").text
    assert "Earlier conversation, resolved on" in page
    path = f"/{conversation.id}/earlier/{old_id}"
    part = owner.get(path, headers=HTMX).text
    assert "Are dogs welcome?" in part
    assert "data-composer" not in part
    assert owner.get(path).status_code == 303
    assert "Earlier conversation" not in owner.get(f"/{old_id}").text
    assert owner.get(f"/{old_id}/earlier/{conversation.id}").status_code == 404
    assert owner.get(f"/{talk().id}/earlier/{old_id}").status_code == 404


def test_nothing_of_somebody_whom_a_visitor_only_says_to_be(owner, talk, cast):
    one, other = talk("mine"), talk("theirs")
    one.do(lambda row: setattr(row, "created_at", row.created_at - timedelta(days=1)))
    from app.contacts.models import Contact

    with one.work():
        contact = Contact(name="Anna")
        db.session.add(contact)
        db.session.flush()
        one.row().visitor.contact_id, one.row().visitor.contact_link = contact.id, "confirmed"
        other.row().visitor.contact_id, other.row().visitor.contact_link = contact.id, "says"
    assert "Earlier conversation" not in owner.get(f"/{other.id}").text
    with one.work():
        db.session.get_one(Visitor, (cast.business_id, other.row().visitor_id)).contact_link = "own"
    assert "Earlier conversation" in owner.get(f"/{other.id}").text


def test_merging_shows_what_moves_and_the_old_address_leads_on(owner, talk):
    conversation = talk("newer")
    old_id = earlier_of(conversation, "older words")
    stays, goes = max(conversation.id, old_id), min(conversation.id, old_id)
    there = f"{owner.base}/{stays}"
    path = f"/{conversation.id}/joining"
    assert "older words" in owner.get(path, headers=HTMX).text
    preview = owner.get(f"{path}?other={old_id}", headers=HTMX).text
    assert "<dt>Messages</dt><dd>1</dd>" in preview
    done = owner.post(path, True, other=old_id)
    assert done.headers["HX-Redirect"].startswith(there)
    assert owner.get(f"/{goes}").location.startswith(there)
    moved = owner.get(f"/{goes}/messages", headers=HTMX)
    assert moved.headers["HX-Redirect"].startswith(there)
    written = owner.post(f"/{goes}/messages", kind="reply", body="Hello", client_key="key-1")
    assert written.location.startswith(there)
    page = owner.get(f"/{stays}").text
    for words in ("older words", "newer", "Hello", "merged another conversation"):
        assert words in page
    caught_up = owner.get(f"/{stays}/messages?after=1", headers=HTMX)
    assert caught_up.headers["HX-Refresh"] == "true"


def test_conversations_of_others_cannot_be_merged(owner, talk):
    one, other = talk(), talk()
    refused = owner.post(f"/{one.id}/joining", True, other=other.id)
    assert refused.status_code == 409
    assert "another browser" in refused.text
    assert owner.post(f"/{one.id}/joining", True).status_code == 404


def test_whoever_is_assigned_is_told_and_nobody_else(owner, inbox, talk, cast):
    conversation = talk()
    owner.post(f"/{conversation.id}/orders/assign", user_id=str(cast.agent.id))
    told = inbox(cast.agent).get(f"/{conversation.id}/assigned", headers=HTMX)
    assert "was assigned to you" in toast(told)["message"]
    assert "HX-Trigger" not in owner.get(f"/{conversation.id}/assigned", headers=HTMX).headers
