"""Macros: kept by the team or by one member, run on a conversation, each step told."""

import json
from uuid import uuid4

import pytest

from app.automations.models import AutomationCall, AutomationRule, Macro
from app.core import jobs
from app.extensions import db
from tests.conversations.conftest import HTMX

SAID = {"name": "Thank", "whose": "team", "a-0-what": "reply", "a-0-value": "Thank you!",
        "a-1-what": "resolve"}  # fmt: skip


@pytest.fixture
def site(login, cast):
    """`site(path, person, **typed)` below the business's address."""

    def ask(path, person=cast.owner, *, htmx=False, **typed):
        client, address = login(person), f"/b/{cast.slug}{path}"
        headers = HTMX if htmx else {}
        return client.post(address, data=typed, headers=headers) if typed else client.get(address, headers=headers)  # fmt: skip

    return ask


@pytest.fixture
def kept(inside, cast):
    """`kept(*actions)`: the id of a macro of the team, or of `owner_id`."""

    def make(*actions, owner_id=0):
        with inside():
            parts = [{"what": what, "value": value} for what, value in actions]
            macro = Macro(owner_id=owner_id, name="A macro", actions=parts)
            db.session.add(macro)
            db.session.flush()
            return macro.id

    return make


def names(inside):
    with inside():
        return [(each.name, each.owner_id) for each in db.session.query(Macro).order_by(Macro.id)]


def test_made_by_the_owner_for_the_team_and_by_an_agent_for_themselves(site, cast, inside):
    assert site("/settings/macros/", **SAID).status_code == 303
    assert site("/settings/macros/", cast.agent, **SAID | {"name": "Mine"}).status_code == 303
    assert names(inside) == [("Thank", 0), ("Mine", cast.agent.id)]
    shown = site("/settings/macros/", cast.agent).text
    assert ("reply “Thank you!”, resolve it" in shown, "Mine" in shown) == (True, True)
    assert "Mine" not in site("/settings/macros/").text


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"name": ""}, "Give it a name."),
        ({"a-0-value": ""}, "Write something first."),
        ({"a-0-what": "webhook", "a-0-value": "https://example.com/"}, "Only owners and managers"),
    ],
)
def test_a_refusal_is_said_at_its_field(site, cast, inside, typed, words):
    answer = site("/settings/macros/", cast.agent, **SAID | typed)
    assert (answer.status_code, words in answer.text, names(inside)) == (422, True, [])


def test_who_may_change_and_see_which(site, cast, kept):
    shared, own = kept(("resolve", "")), kept(("resolve", ""), owner_id=cast.owner.id)
    assert site(f"/settings/macros/{shared}", cast.agent, **SAID).status_code == 403
    assert site(f"/settings/macros/{shared}/deletion", cast.agent, x="").status_code == 403
    assert site(f"/settings/macros/{shared}", cast.agent).status_code == 200
    assert site(f"/settings/macros/{own}", cast.agent, **SAID).status_code == 404
    assert site(f"/settings/macros/{own}", **SAID | {"name": "New"}).status_code == 303
    assert site(f"/settings/macros/{own}/deletion", x="").status_code == 303
    assert site("/settings/macros/", cast.accountant).status_code == 403


def test_one_click_does_all_of_it_once_and_it_can_be_taken_back(site, cast, shop, kept):
    talk, macro = shop.writes("Hello"), kept(("reply", "Thank you!"), ("resolve", ""))
    shown = site(f"/inbox/{talk}/macros/", cast.agent, htmx=True).text
    assert ("1. reply “Thank you!”" in shown, "2. resolve it" in shown) == (True, True)
    for _ in range(2):
        answer = site(f"/inbox/{talk}/macros/{macro}", cast.agent, htmx=True, key="press")
        assert answer.status_code == 204
    lines = shop.lines(talk)
    assert [body for kind, _, body in lines if kind == "outgoing"] == ["Thank you!"]
    assert lines[-1] == ("event", "member", "resolved")


def test_the_same_press_again_does_nothing_twice_and_can_still_be_taken_back(
    site, cast, shop, kept
):
    hook = ("webhook", "https://hooks.example.com/t/secret")
    talk, macro = shop.writes("Hello"), kept(("note", "Seen"), hook, ("priority", "high"))
    told = []
    for key in ("press", "press", "another press"):
        answer = site(f"/inbox/{talk}/macros/{macro}", cast.agent, htmx=True, key=key)
        told.append(json.loads(answer.headers["HX-Trigger"])["toast"])
    assert (told[1]["kind"], "Nothing was done twice" in told[1]["message"]) == ("info", True)
    assert told[0]["undo"] == told[1]["undo"] != told[2].get("undo")
    with shop.inside():
        assert db.session.query(AutomationCall).count() == 2
        assert db.session.get(Macro, (shop.conversation(talk).business_id, macro)).used_count == 2
    assert [kind for kind, *_ in shop.lines(talk)].count("note") == 2


def test_undo(site, cast, shop, kept):
    talk, macro = shop.writes("Hello"), kept(("priority", "high"), ("resolve", ""))
    answer = site(f"/inbox/{talk}/macros/{macro}", cast.agent, htmx=True, key=uuid4().hex)
    told = json.loads(answer.headers["HX-Trigger"])["toast"]
    assert (told["kind"], "2 steps done" in told["message"]) == ("success", True)
    undo = told["undo"].partition(f"/b/{cast.slug}")[2]
    site(undo, cast.agent, htmx=True, x="")
    with shop.inside():
        row = shop.conversation(talk)
        assert (row.status, row.priority) == ("open", 0)


def test_only_who_may_change_them_sees_whole_addresses(site, cast, shop, kept):
    shop.rule("message", ("webhook", "https://hooks.example.com/t/secret?key=1"), name="Tell")
    macro, talk = kept(("webhook", "https://me:secret@hooks.example.com/")), shop.writes("Hi")
    with shop.inside():
        rule_id = db.session.query(AutomationRule).one().id
    pages = ["/settings/automations/", "/settings/automations/log", f"/inbox/{talk}/macros/", "/settings/macros/"]  # fmt: skip
    edited = [f"/settings/automations/{rule_id}", f"/settings/macros/{macro}"]
    for person, path in [(cast.agent, each) for each in (*pages, *edited)] + [(cast.owner, each) for each in pages]:  # fmt: skip
        shown = site(path, person).text
        assert ("secret" in shown, "https://hooks.example.com" in shown) == (False, True), path
    assert all("secret" in site(path).text for path in edited)


def test_what_can_t_be_done_is_said_before_and_after(site, cast, shop, kept):
    talk, macro = shop.writes("Hello"), kept(("reply", "Thank you!"), ("priority", "high"))
    with shop.inside():
        shop.conversation(talk).visitor.blocked_at = jobs.now()
    shown = site(f"/inbox/{talk}/macros/", cast.agent).text
    assert "not here: You blocked this person." in shown
    site(f"/inbox/{talk}/macros/{macro}", cast.agent, x="")
    with shop.inside():
        assert shop.conversation(talk).priority == 2
    assert [kind for kind, *_ in shop.lines(talk)].count("outgoing") == 0


def test_who_may_not_answer_runs_none(site, cast, shop, kept):
    talk, macro = shop.writes("Hello"), kept(("resolve", ""))
    for person, status in ((cast.viewer, 403), (cast.accountant, 403), (cast.neighbour, 404)):
        assert site(f"/inbox/{talk}/macros/{macro}", person, x="").status_code == status
    assert len(shop.lines(talk)) == 1


def test_another_member_s_own_can_t_be_run(site, cast, shop, kept):
    talk, macro = shop.writes("Hello"), kept(("resolve", ""), owner_id=cast.owner.id)
    assert site(f"/inbox/{talk}/macros/{macro}", cast.agent, x="").status_code == 404
