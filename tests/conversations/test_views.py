"""Finding one's way: what a list is narrowed to, saved views, what is unread, the keys, the palette."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import event, text

from app.accounts.models import User
from app.config import ROOT
from app.contacts.models import Contact, Tag
from app.conversations import filters, lists, saving, services
from app.conversations.filters import Filters
from app.conversations.keys import GROUPS
from app.conversations.models import ConversationTag, Mention, MessageFile, SavedView, Unread
from app.core.access import PERMISSIONS, Permission, Role
from app.core.db import now
from app.extensions import db
from tests.conversations.conftest import HTMX
from tests.conversations.test_list import rows

# What a list is narrowed to


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ({"view": "mine", "status": "snoozed"}, {"view": "mine", "status": "snoozed"}),
        ({"view": "resolved", "status": "open"}, {"view": "resolved"}),
        ({"view": "x", "sort": "y", "priority": "none"}, {"view": "all"}),
        ({"tag": "9" * 30, "saved": "-1", "assignee": "1e3"}, {"view": "all"}),
        ({"since": "2026-02-30", "until": "2026-02-28"}, {"view": "all", "until": "2026-02-28"}),
        ({"channel": "drop table;", "language": "xx", "files": "2"}, {"view": "all"}),
        ({"unread": "1", "waiting": "us"}, {"view": "all", "unread": "1", "waiting": "us"}),
    ],
)
def test_an_address_says_what_it_can(typed, kept):
    assert filters.read(typed).params == kept


@pytest.fixture
def six(cast, talk, inside):
    """Conversations by what they are, newest last."""
    made = {
        name: talk(name) for name in ("plain", "urgent", "tagged", "snoozed", "theirs", "answered")
    }
    made["urgent"].look(lambda row: setattr(row, "priority", 3))
    made["snoozed"].look(lambda row: setattr(row, "status", "snoozed"))
    made["theirs"].do(services.take_over, cast.agent)
    made["answered"].do(services.reply, cast.owner, "Yes", "key")
    with inside():
        db.session.add(tag := Tag(name="VIP", name_key="vip"))
        db.session.flush()
        db.session.add(ConversationTag(conversation_id=made["tagged"].id, tag_id=tag.id))
        made["tag"] = tag.id
    made["plain"].look(lambda row: setattr(row, "last_message_at", now() - timedelta(days=40)))
    return made


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("priority=urgent", ["urgent"]),
        ("view=snoozed", ["snoozed"]),
        ("tag={tag}", ["tagged"]),
        ("assignee={agent}", ["theirs"]),
        ("assignee=me", ["answered"]),
        ("assignee=nobody&waiting=us", ["tagged", "urgent", "plain"]),
        ("waiting=customer", ["answered"]),
        ("view=mine&channel=website", ["answered"]),
        ("channel=whatsapp", []),
        ("until={month_ago}", ["plain"]),
        ("since={month_ago}&sort=oldest", ["urgent", "tagged", "theirs", "answered"]),
        ("sort=waiting&tag=0", ["plain", "urgent", "tagged", "theirs"]),
        ("tag=999999", []),
    ],
)
def test_a_list_is_narrowed(six, owner, cast, query, found):
    month_ago = (now() - timedelta(days=30)).date()
    query = query.format(tag=six["tag"], agent=cast.agent.id, month_ago=month_ago)
    assert rows(owner.get(f"/rows?{query}").text) == [six[name].id for name in found]


def _file(row):
    """In its first message."""
    first = row.messages_after()[0]
    db.session.add(MessageFile(message_id=first.id, kind="image", mime="image/png", name="a.png"))


def _knows_spanish(row):
    """By the contact: the chat says nothing of it."""
    row.visitor.language = None
    db.session.add(luz := Contact(name="Luz", language="es"))
    db.session.flush()
    row.visitor.contact_id, row.visitor.contact_link = luz.id, "own"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("language=es", ["answered", "plain"]),
        ("language=pt", ["theirs"]),
        ("files=1", ["plain"]),
        ("files=1&language=pt", []),
    ],
)
def test_a_list_is_narrowed_by_language_and_files(talk, owner, query, found):
    made = {name: talk(name) for name in ("plain", "theirs", "answered")}
    for name, language in (("plain", "es"), ("theirs", "pt")):
        made[name].look(lambda row, spoken=language: setattr(row.visitor, "language", spoken))
    made["plain"].look(_file)
    made["answered"].look(_knows_spanish)
    page = owner.get(f"/rows?{query}").text
    assert rows(page) == [made[name].id for name in found]


def test_what_it_is_narrowed_to_goes_along(six, owner):
    page = owner.get(f"/{six['urgent'].id}?priority=urgent&sort=oldest").text
    for address in (
        rf"/inbox/{six['urgent'].id}/resolution",
        rf"/inbox/{six['urgent'].id}",
        "/inbox/rows",
    ):
        assert re.search(rf'"[^"]*{address}\?[^"]*priority=urgent&amp;sort=oldest', page), address
    assert re.search(r'href="[^"]*/inbox/\?view=mine"', page)  # another view begins anew
    assert "Priority: urgent" in page
    done = owner.post(f"/{six['urgent'].id}/resolution?view=all&priority=urgent")
    assert done.location.endswith("?view=all&priority=urgent")


@pytest.mark.parametrize("htmx", [True, False])
def test_the_form_says_what_the_list_is_narrowed_to(six, owner, htmx):
    page = owner.get("/narrowing?view=mine&priority=high", headers=HTMX if htmx else {}).text
    assert re.search(r'value="high" selected', page)
    assert ("<html" in page) is not htmx
    assert "VIP" in page


def test_oldest_first_pages_by_key(owner, talk, monkeypatch):
    monkeypatch.setattr("app.conversations.inbox.PAGE_ROWS", 2)
    ids = [talk(f"question {number}").id for number in range(5)]
    seen, before = [], ""
    while before is not None:
        page = owner.get(f"/rows?sort=oldest&before={before}").text
        seen += rows(page)
        last = re.search(r'name="through" value="([^"]+)"', page)
        before = last[1] if last else None
    assert seen == ids


# What is unread


def counted(inbox):
    page = inbox.get("/rows", headers=HTMX).text
    found = re.findall(r'data-view="(\w+)"[^>]*>[^<]*<span class="count">([\d+]*)', page)
    return {view: count for view, count in found if count}


def test_each_view_counts_its_own(owner, inbox, cast, talk):
    assert counted(owner) == {}
    mine, waiting, snoozed = talk("a"), talk("b"), talk("c")
    mine.do(services.take_over, cast.owner)
    waiting.do(services.request_person)
    snoozed.look(lambda row: setattr(row, "status", "snoozed"))
    assert counted(owner) == {"mine": "1", "unassigned": "1", "all": "2", "snoozed": "1"}
    owner.post(f"/{mine.id}/read", position=99)
    assert counted(owner) == {"unassigned": "1", "all": "1", "snoozed": "1"}
    assert counted(inbox(cast.agent))["all"] == "2"
    waiting.do(services.resolve, cast.agent)
    assert counted(owner) == {"snoozed": "1"}
    waiting.do(services.reopen, cast.agent)  # it still waits to be read
    assert counted(owner) == {"all": "1", "snoozed": "1"}


def test_a_mention_counts_until_it_is_looked_at(owner, cast, talk, inside):
    conversation = talk()
    with inside():
        note = services.add_note(
            conversation.row(), db.session.get_one(User, cast.agent.id), "@Olivia", "k"
        )
        db.session.add(
            Mention(
                message_id=note.id,
                user_id=cast.owner.id,
                conversation_id=conversation.id,
                name="Olivia",
            )
        )
    assert counted(owner)["mentions"] == "1"
    assert rows(owner.get("/rows?view=mentions").text) == [conversation.id]
    owner.post(f"/{conversation.id}/read", position=2)
    assert "mentions" not in counted(owner)
    assert rows(owner.get("/rows?view=mentions").text) == [conversation.id]


def test_marked_as_unread_until_it_is_read_again(owner, inbox, cast, talk):
    conversation = talk()
    owner.post(f"/{conversation.id}/read", position=1)
    for _ in range(2):
        assert owner.post(f"/{conversation.id}/unreading").status_code == 303
    assert counted(owner)["all"] == "1"
    assert rows(owner.get("/rows?unread=1").text) == [conversation.id]
    owner.post(f"/{conversation.id}/read", position=1)
    assert counted(owner) == {}
    viewer = inbox(cast.viewer)
    assert viewer.post(f"/{conversation.id}/unreading", htmx=True).status_code == 204
    assert owner.post("/999999/unreading").status_code == 404


def test_reading_an_older_position_leaves_what_came_since_unread(owner, talk):
    conversation = talk()
    conversation.visitor_says("one more")
    owner.post(f"/{conversation.id}/read", position=1)
    assert counted(owner)["all"] == "1"


def test_a_count_stops_at_99(owner, cast, talk, inside):
    with inside():
        assert [lists.in_words(count) for count in (0, 99, 100)] == ["", "99", "99+"]
        assert lists.in_words(3, is_all=False) == "3+"


def test_whoever_may_read_the_inbox_has_what_is_unread(cast, talk, inside):
    talk()
    readers = {role for role in Role if Permission.INBOX_READ in PERMISSIONS[role]}
    assert readers == set(Role) - {
        Role.ACCOUNTANT
    }  # as the trigger in migrations/…_views.py has it
    with inside():
        users = set(db.session.scalars(db.select(Unread.user_id)))
    assert users == {cast.owner.id, cast.agent.id, cast.viewer.id}


def test_the_visitor_waits_until_a_person_or_the_assistant_answers(cast, talk):
    def waits():
        return conversation.look(lambda row: row.waiting_since)

    conversation = talk()
    since = waits()
    conversation.visitor_says("Hello?")
    assert waits() == since
    conversation.assistant_says("Yes")
    assert waits() is None
    conversation.do(services.request_person)
    assert waits() is not None
    conversation.do(services.give_back, cast.owner)
    assert waits() is None


# Saved views


def test_a_view_is_saved_counted_renamed_changed_and_deleted(six, owner, inbox, cast):
    made = owner.post("/views?priority=urgent", name="  Burning   now ", shared="1")
    assert re.search(r"priority=urgent&saved=\d+$", made.location)
    page = owner.get("/").text
    saved = int(re.search(r"saved=(\d+)", page)[1])
    assert re.search(r'>Burning now</span><span class="count">1<', page)
    assert "Burning now" in inbox(cast.agent).get("/").text
    owner.post(f"/views/{saved}", name="Urgent ones")
    owner.post(f"/views/{saved}/filters?tag={six['tag']}")
    assert f"tag={six['tag']}&amp;saved={saved}" in owner.get("/").text
    for _ in range(2):
        assert owner.post(f"/views/{saved}/deletion").status_code == 303
    assert "Urgent ones" not in owner.get("/rows", headers=HTMX).text


@pytest.mark.parametrize(("name", "why"), [(" ", "Give the view a name"), ("x" * 41, "too long")])
def test_a_refused_name_keeps_what_was_typed(owner, name, why):
    page = owner.post("/views?priority=urgent", name=name)
    assert page.status_code == 422
    assert why in page.text
    assert "Priority: urgent" in page.text
    assert f'value="{name}"' in page.text


def test_who_may_change_which_view(owner, inbox, cast, inside):
    with inside():
        by = db.session.get_one(User, cast.owner.id)
        shared = saving.save(by, "Shared", Filters(), is_shared=True).id
        own = saving.save(by, "Own", Filters(), is_shared=False).id
    agent, viewer = inbox(cast.agent), inbox(cast.viewer)
    assert "Own" not in agent.get("/views").text
    assert agent.post(f"/views/{own}", name="Mine now").status_code == 404
    assert agent.post(f"/views/{shared}", name="Mine now").status_code == 403
    assert agent.post(f"/views/{shared}/deletion").status_code == 403
    assert agent.post("/views?tag=1", name="Ours", shared="1").status_code == 403
    assert agent.post("/views?tag=1", name="My tag").status_code == 303
    assert viewer.post("/views?tag=1", name="My tag").status_code == 403


def test_views_are_ordered_and_there_are_not_too_many(cast, inside, owner):
    with inside():
        by = db.session.get_one(User, cast.owner.id)
        ids = [saving.save(by, f"View {n}", Filters(), is_shared=False).id for n in range(20)]
    owner.post(f"/views/{ids[2]}/place", to="up")
    owner.post(f"/views/{ids[0]}/place", to="up")
    with inside():
        assert [view.id for view in SavedView.of(cast.owner.id)][:3] == [ids[0], ids[2], ids[1]]
    assert "Delete one" in owner.post("/views", name="One more").text


# Rows, keys, the palette


def test_a_row_says_what_is_urgent_and_snoozed_and_can_be_selected(six, owner, inbox, cast):
    page = owner.get("/rows").text
    assert 'aria-label="Urgent"' in page
    assert f'name="conversation_id" value="{six["urgent"].id}"' in page
    assert 'aria-label="Snoozed"' in owner.get("/rows?view=snoozed").text
    assert 'name="conversation_id"' not in inbox(cast.viewer).get("/rows").text


def test_every_key_of_the_table_does_something(owner, talk):
    """The script knows it, or a button of a conversation's page carries it."""
    script = (ROOT / "static/js/inbox-keys.js").read_text()
    shown = owner.get(f"/{talk().id}").text
    chained = re.search(r"VIEWS = \{(.+)\}", script)[1]
    page = owner.get("/keys").text
    for key in (key for group in GROUPS.values() for key in group):
        assert str(key.words) in page
        last = key.press.split()[-1].replace("Shift+", "")
        if key.press.startswith("g "):
            assert re.search(rf'\W?{re.escape(last)}"?: "', chained), key
        elif len(last) == 1:
            in_script = re.search(rf'^  "?{re.escape(last)}"?: ', script, re.M)
            assert in_script or f'data-key="{last}"' in shown, key


def test_the_keys_come_as_a_dialog_too(owner):
    assert owner.get("/keys", headers=HTMX).text.strip().startswith("<dialog")


def test_the_palette_leads_where_one_may_go(client, login, cast, inside):
    with inside():
        by = db.session.get_one(User, cast.owner.id)
        saving.save(by, "Burning <now>", Filters(priority="urgent"), is_shared=False)
    address = f"/b/{cast.slug}/palette/"
    page = login(cast.owner).get(address).text
    assert "Burning &lt;now&gt;" in page
    assert f"/b/{cast.slug}/settings" in page
    accountant = login(cast.accountant).get(address).text
    assert "/inbox" not in accountant
    assert "/settings" in accountant
    seen_lately = re.compile(
        r'data-recent="([^"]+)"'
    )  # under which name the tab keeps what was opened
    assert seen_lately.search(page)[1] != seen_lately.search(accountant)[1]
    assert login(cast.neighbour).get(address).status_code == 404


@pytest.mark.parametrize(
    ("narrowed", "index"),
    [
        (Filters(), "ix_conversations_inbox"),
        (Filters(view="resolved"), "ix_conversations_inbox"),
        (Filters(view="mine"), "ix_conversations_assigned"),
        (Filters(view="unassigned"), "ix_conversations_unassigned"),
        (Filters(channel="website"), "ix_conversations_channel"),
        (Filters(priority="high"), "ix_conversations_priority"),
        (Filters(sort="waiting"), "ix_conversations_waiting"),
    ],
)
def test_row_security_lets_a_list_read_its_index_in_order(app, cast, inside, narrowed, index):
    with inside():
        kept = []
        event.listen(
            db.engine, "before_cursor_execute", note := lambda *told: kept.append(told[2:4])
        )
        lists.rows(narrowed, cast.owner.id, "UTC", 30)
        event.remove(db.engine, "before_cursor_execute", note)
        for other in (
            "seqscan",
            "bitmapscan",
            "sort",
        ):  # which a test's few rows would be read with
            db.session.execute(text(f"SET LOCAL enable_{other} = off"))
        statement, values = kept[-1]
        plan = db.session.connection().exec_driver_sql(f"EXPLAIN {statement}", values).scalars()
        plan = "\n".join(plan)
        in_order = f"Index (Only )?Scan using (ix_conversations_inbox|{index}) on conversations"
        assert re.search(in_order, plan), plan  # a few rows may be as cheap by the first
