"""Settings → Automations: who may, what is kept when something isn't right, and the order of rules."""

import re

import pytest
from sqlalchemy import func, select

from app.automations import logs
from app.automations.events import EVENTS
from app.automations.models import AutomationRule, AutomationRun
from app.automations.recipes import RECIPES
from app.businesses.models import Membership
from app.channels.models import Channel
from app.contacts.models import Tag
from app.conversations.models import Message
from app.extensions import db
from tests.conversations.conftest import HTMX

SAID = {
    "name": "Closed", "event": "started", "matching": "all", "is_enabled": "1",
    "c-0-what": "hours", "c-0-op": "closed", "a-0-what": "note", "a-0-value": "We are closed.",
}  # fmt: skip
REFUSALS = [
    ({"name": ""}, "Give it a name."),
    ({"name": "n" * 81}, "80 characters fit."),
    ({"a-0-value": ""}, "Write something first."),
    ({"a-0-value": "Hi {{ contact.shoe }}"}, "There is no “contact.shoe”."),
    ({"a-0-value": "Hi {{ contact.name }}"}, "Say what stands there when it isn’t known"),
    ({"a-0-what": "assign", "a-0-value": "999"}, "This doesn’t exist any more."),
    ({"a-0-what": "round_robin", "a-0-value": []}, "Choose at least one member."),
    ({"a-0-what": "webhook", "a-0-value": "http://10.0.0.1/"}, "isn’t on the public internet"),
    ({"a-0-what": "webhook", "a-0-value": "ftp://x"}, "Write the whole address"),
    ({"a-0-what": "tag", "a-0-value": " "}, "A tag needs a name."),
    ({"c-0-what": "text", "c-0-op": "contains"}, "Write something here."),
    ({"c-0-what": "tag", "c-0-op": "has", "c-0-value": "7"}, "This doesn’t exist any more."),
    ({"c-0-what": "waiting", "c-0-op": "more_than", "c-0-value": "x"}, "a number of minutes"),
    ({"c-0-what": "field:gone", "c-0-op": "is", "c-0-value": "x"}, "A condition asks for a field that is gone."),
    ({"event": "idle_us", "amount": "0"}, "at least a minute"),
    ({"event": "tagged", "tag": "77"}, "This tag was deleted."),
    ]  # fmt: skip


@pytest.fixture
def page(login, cast):
    """`page(path, person, **typed)`: posted; without `typed` read."""

    def ask(path="/", person=cast.owner, *, htmx=False, **typed):
        client, address = login(person), f"/b/{cast.slug}/settings/automations{path}"
        headers = HTMX if htmx else {}
        return client.post(address, data=typed, headers=headers) if typed else client.get(address, headers=headers)  # fmt: skip

    return ask


@pytest.fixture
def rules(inside):
    def found():
        with inside():
            return [(each.name, each.version, each.is_enabled) for each in AutomationRule.all()]

    return found


def mask(inside):
    with inside():
        return set(db.session.scalars(select(Channel.automated_on)))


def test_made_changed_ordered_switched_copied_deleted_and_brought_back(page, rules, inside):
    assert "No rules yet" in page().text
    assert page("/", **SAID).status_code == 303
    assert "When a conversation begins, if you are closed: leave the note" in page().text
    assert mask(inside) == {1}
    page("/", **SAID | {"name": "Second", "event": "message"})
    first, second = re.findall(r'id="rule-(\d+)"', page().text)
    shown = page(f"/{first}").text
    assert ('value="Closed"' in shown, "We are closed." in shown) == (True, True)
    page(f"/{first}", **SAID | {"name": "Closed now"})
    page(f"/{second}", **SAID | {"name": "Second", "event": "message", "a-0-value": "Else"})
    assert rules() == [("Closed now", 1, True), ("Second", 2, True)]
    assert "Second" in page(f"/{second}/up", htmx=True, x="").text
    page(f"/{first}/switch", x="")
    assert rules() == [("Second", 2, True), ("Closed now", 1, False)]
    assert mask(inside) == {2}
    page(f"/{second}/copy", x="")
    assert [name for name, *_ in rules()] == ["Second", "Second (copy)", "Closed now"]
    told = page(f"/{second}/deletion", htmx=True, x="").headers["HX-Trigger"]
    assert (f"/{second}/return" in told, mask(inside)) == (True, {0})
    assert page(f"/{second}", **SAID).status_code == 404
    page(f"/{second}/return", x="")
    assert (rules()[0][0], mask(inside)) == ("Second", {2})


def test_what_isn_t_right_is_said_at_its_field_and_the_rest_is_kept(page, rules):
    for typed, words in REFUSALS:
        answer = page("/", **SAID | {"stops": "1"} | typed)
        assert (answer.status_code, words in answer.text) == (422, True), typed
        assert 'id="stops" name="stops" value="1" checked' in answer.text
    assert rules() == []


def test_rows_come_and_go_without_anything_being_saved(page, rules):
    shown = page("/", htmx=True, **SAID, do="add-action").text
    assert ("<html" in shown, 'id="a-1-what"' in shown, "We are closed." in shown) == (False, True, True)  # fmt: skip
    shown = page("/", **SAID | {"c-1-what": "text", "c-1-value": "bill"}, do="remove-condition-0").text  # fmt: skip
    assert ('name="c-0-value" value="bill"' in shown, 'id="c-1-what"' in shown) == (True, False)
    two = SAID | {"a-1-what": "resolve"}
    shown = page("/", **two, do="up-action-1").text
    assert shown.index('value="resolve" selected') < shown.index('value="note" selected')
    for odd in ("up-action-0", "remove-action-9", "remove-action-x", "nonsense"):
        assert page("/", **SAID, do=odd).status_code == 200
    assert rules() == []


def test_a_recipe_fills_the_form_in(page):
    for name in (*RECIPES, "none"):
        assert page(f"/new?recipe={name}").status_code == 200


def test_tried_on_the_past_nothing_is_done(page, shop, inside):
    shop.writes("I need an invoice"), shop.writes("Hello")
    with inside():
        before = db.session.scalar(select(func.count(Message.id)))
    typed = SAID | {
        "event": "message", "c-0-what": "text", "c-0-op": "contains", "c-0-value": "invoice",
        "a-0-what": "reply", "a-0-value": "It’s on its way, {{ contact.first_name | friend }}.",
        "a-1-what": "tag", "a-1-value": "Billing", "a-2-what": "hand_off",
    }  # fmt: skip
    shown = page("/", **typed, do="try", days="7").text
    assert "It happened 2 times; the rule would have acted 1 times." in shown
    for words in ("on its way, friend.”", "add the tag “Billing”", "call a person"):
        assert words in shown
    assert "Doesn’t hold: the text contains any of “invoice”" in shown
    with inside():
        found = [db.session.scalar(select(func.count(each.id))) for each in (Message, Tag, AutomationRun)]  # fmt: skip
    assert found == [before, 0, 0]


def test_each_event_can_be_looked_for_in_the_past(page, shop):
    shop.writes("Hello")
    wanted = {
        "started": "It happened once", "message": "It happened once",
        "opened": "can’t be tried", "closed": "can’t be tried",
    }  # fmt: skip
    for event in EVENTS:
        shown = page("/", **SAID | {"event": event, "amount": "1"}, do="try", days="1")
        assert shown.status_code == 200, event
        assert wanted.get(event, "Nothing of the kind happened") in shown.text, event


def test_the_log_says_what_was_done_and_pages(page, shop, monkeypatch):
    monkeypatch.setattr(logs, "PAGE", 2)
    rule = shop.rule("message", ("note", "Seen."), conditions=[("channel", "is", "website")])
    for text in ("One", "Two", "Three"):
        shop.writes(text)
    shown = page("/log").text
    assert ("leave the note “Seen.”" in shown, "it comes by Website" in shown) == (True, True)
    assert shown.count('class="run"') == 2
    [following] = re.findall(r'rel="next" href="[^"]+/automations(/log[^"]+)"', shown)
    assert page(following.replace("&amp;", "&")).text.count('class="run"') == 1
    assert page(f"/log?rule={rule}&before=nonsense").status_code == 200


def test_a_broken_rule_shows_it(page, shop, inside):
    with inside():
        tag = Tag(name="Gone", name_key="gone")
        db.session.add(tag)
        db.session.flush()
        tag_id = str(tag.id)
    rule = shop.rule("message", ("untag", tag_id))
    with inside():
        db.session.delete(db.session.get(Tag, (shop.cast.business_id, int(tag_id))))
    assert ("Skipped" in page().text, "(deleted)" in page().text) == (True, True)
    assert "This rule is skipped until you mend it" in page(f"/{rule}").text


@pytest.mark.parametrize(("role", "status"), [("agent", 403), ("viewer", 403), ("neighbour", 404)])
def test_only_who_may_change_settings_makes_rules(page, cast, rules, role, status):
    assert page("/", getattr(cast, role), **SAID).status_code == status
    assert rules() == []


def test_away_and_back(page, cast, inside):
    assert page("/away", cast.agent, is_away="1").status_code == 303
    with inside():
        away = db.session.scalars(select(Membership.user_id).where(Membership.is_away)).all()
    assert cast.agent.id in away
    assert "I’m back" in page("/", cast.agent).text
    assert page("/away", cast.viewer, is_away="1").status_code == 403
