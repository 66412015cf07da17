"""Segments: who fits which rule, and what the pages of them refuse."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.channels import consents
from app.contacts import companies, fields, services, tags
from app.contacts.models import Contact
from app.core.db import now
from app.core.errors import Conflict, Invalid
from app.extensions import db
from app.segments import services as segments
from app.segments.models import Segment
from app.segments.rules import Condition, Group, Rules


def rule(field, op, value="", match="all"):
    return Rules(match=match, groups=(Group(conditions=(Condition(field=field, op=op, value=value),)),))  # fmt: skip


@pytest.fixture
def three(inside, member, guest):
    """Ana, Ben and Čeněk, who have little in common. Ana wrote in the chat."""
    with inside():
        size = fields.create("Size", "number")
        seen = fields.create("Seen", "date")
        skin = fields.create("Skin", "choice", ["Dry", "Oily"])
        club = fields.create("Club", "yes_no")
        diet = fields.create("Diet", "text")
        ana, ben, _ = (services.new_contact(None, name, by=member()) for name in ("Ana Ruiz", "Ben", "Čeněk"))  # fmt: skip
        services.claim(ana, "email", "ana@example.com")
        services.claim(ben, "phone", "+442079460018")
        tags.put(ana, "VIP", member())
        ana.company_id, ana.language = companies.find_or_make("Café Rosa").id, "es"
        ana.custom = {size.key: 12, seen.key: "2026-05-31", skin.key: "Dry", club.key: True, diet.key: "Vegan food"}  # fmt: skip
        ben.custom = {size.key: 3.5, club.key: False}
        ben.created_at = now() - timedelta(days=400)
        for state, who in (("out", "email:ana@example.com"), ("in", "email:ana@example.com"), ("out", "phone:+442079460018")):  # fmt: skip
            kind = "email" if "@" in who else "sms"
            consents.record(kind, [who], purpose="marketing", state=state, basis="member", evidence={})  # fmt: skip
    talk = guest()
    with inside():
        visitor = talk.row()
        visitor.contact_id = db.session.scalar(select(Contact.id).where(Contact.name == "Ana Ruiz"))
        visitor.contact_link = "own"
        ben = db.session.scalars(select(Contact).where(Contact.name == "Ben")).one()
        ben.last_activity_at = now() - timedelta(days=40)


CASES = [
    ("name", "begins", "ANA r", "Ana Ruiz"), ("name", "is", "cenek", "Čeněk"), ("name", "unknown", "", ""),
    ("email", "known", "", "Ana Ruiz"), ("email", "unknown", "", "Ben Čeněk"), ("email", "begins", "Ana@", "Ana Ruiz"),
    ("phone", "begins", "+44 20", "Ben"), ("tag", "has", "VIP", "Ana Ruiz"), ("tag", "has_not", "VIP", "Ben Čeněk"),
    ("company", "is", "cafe rosa", "Ana Ruiz"), ("company", "is_not", "cafe rosa", "Ben Čeněk"),
    ("company", "unknown", "", "Ben Čeněk"), ("language", "is", "es", "Ana Ruiz"), ("language", "is_not", "es", "Ben Čeněk"),
    ("last_activity", "within", "30", "Ana Ruiz Čeněk"), ("last_activity", "not_within", "30", "Ben"),
    ("created", "before", str(now().date() - timedelta(days=300)), "Ben"),
    ("created", "after", str(now().date() - timedelta(days=300)), "Ana Ruiz Čeněk"),
    ("channel", "used", "website", "Ana Ruiz"), ("channel", "not_used", "website", "Ben Čeněk"),
    ("channel", "used", "sms", ""), ("consent", "in", "", "Ana Ruiz"), ("consent", "in", "sms", ""),
    ("consent", "out", "", "Ben"), ("consent", "none", "", "Čeněk"), ("consent", "never", "", ""),
    ("conversations", "at_least", "1", "Ana Ruiz"), ("conversations", "at_most", "0", "Ben Čeněk"),
    ("conversations", "at_least", "0", "Ana Ruiz Ben Čeněk"), ("conversations", "at_least", "1.5", ""),
    ("custom.size", "at_least", "3.5", "Ana Ruiz Ben"), ("custom.size", "is", "12", "Ana Ruiz"),
    ("custom.seen", "before", "2026-06-01", "Ana Ruiz"), ("custom.skin", "is", "Dry", "Ana Ruiz"),
    ("custom.skin", "is_not", "Dry", "Ben Čeněk"), ("custom.club", "no", "", "Ben"),
    ("custom.diet", "begins", "vegan", "Ana Ruiz"), ("custom.diet", "known", "", "Ana Ruiz"),
]  # fmt: skip


def test_who_fits(three, inside, cast):
    with inside():
        tag_id = str(next(each.id for each in tags.Tag.all()))
        found = {}
        for at, (field, op, value, _) in enumerate(CASES):
            rules = rule(field, op, tag_id if field == "tag" else value)
            segment = segments.create(
                db.session.get_one(segments.User, cast.owner.id), f"S{at}", rules
            )
            names = sorted(each.name for each in db.session.scalars(segments.members(segment)))
            found[field, op, value] = " ".join(names)
            assert segments.count(rules).number == len(names)
        assert found == {(f, o, v): names for f, o, v, names in CASES}


def test_groups_are_joined(three, inside):
    with inside():
        both = Group(match="any", conditions=(Condition(field="name", op="is", value="ben"), Condition(field="email", op="known")))  # fmt: skip
        es = Group(conditions=(Condition(field="language", op="is", value="es"),))
        assert [each.name for each in segments.sample(Rules(groups=(both, es)))] == ["Ana Ruiz"]
        assert segments.count(Rules(match="any", groups=(both, es))).number == 2


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        (Rules(), "at least one condition"),
        (rule("nothing", "is", "x"), "isn’t there any more"),
        (rule("name", "has", "x"), "how to compare"),
        (rule("name", "begins", " "), "what to compare with"),
        (rule("tag", "has", "99"), "one of the list"),
        (rule("created", "within", "-3"), "number of days"),
        (rule("created", "after", "31/05/2026"), "Choose a day"),
        (rule("created", "after", "20260531"), "Choose a day"),
        (rule("conversations", "at_least", "nan"), "Write a number"),
        (rule("conversations", "at_least", "1_0"), "Write a number"),
        (rule("conversations", "at_least", "١٢"), "Write a number"),
        (rule("conversations", "at_least", "many"), "Write a number"),
    ],
)
def test_what_no_rule_can_be(inside, member, rules, words):
    with inside(), pytest.raises(Invalid, match=words):
        segments.create(member(), "Some", rules)


def test_a_field_that_came_back_with_other_values_finds_nobody(inside):
    with inside():
        key = fields.create("Size", "number").key
        assert segments.count(rule(f"custom.{key}", "is", "large")).number == 0


def test_what_takes_too_long_is_given_up(inside, monkeypatch):
    monkeypatch.setattr(segments, "LIMIT_MS", 20)
    with inside():
        assert segments.limited(lambda: db.session.execute(db.text("SELECT pg_sleep(5)"))) is None
        assert segments.count(rule("name", "known")).number == 0


def typed(**more):
    return {"name": "Ruizes", "c-0-0-field": "name", "c-0-0-op": "begins", "c-0-0-value": "ana"} | more  # fmt: skip


def test_the_pages(three, owner, inside, member):
    found = owner.post("/segments/found", **typed())
    assert "1 contact" in found.text
    assert "Ana Ruiz" in found.text
    more = owner.post(
        "/segments/editor", **typed(do="add-0", **{"c-0-1-field": "created", "c-0-1-op": "has"})
    )
    assert 'name="c-0-2-field"' in more.text
    assert "in the last … days" in more.text
    assert 'name="c-0-0-field"' not in owner.post("/segments/editor", **typed(do="take-0-0")).text
    assert owner.post("/segments/", **typed(name=" ")).status_code == 422
    made = owner.post("/segments/", **typed())
    segment_id = int(made.location.rpartition("=")[2])
    assert owner.names(f"?segment={segment_id}") == ["Ana Ruiz"]
    again = owner.post("/segments/", **typed(name="RUIZES"))
    assert again.status_code == 409
    assert 'value="ana"' in again.text
    assert "1 contact" in owner.get(f"/segments/{segment_id}/count").text
    assert owner.post(f"/segments/{segment_id}", **typed(**{"c-0-0-op": "is"})).status_code == 303
    assert owner.names(f"?segment={segment_id}") == []
    owner.post(f"/segments/{segment_id}/deletion")
    assert "No segments yet" in owner.get("/segments/").text
    with inside():
        assert Segment.all() == []


def test_a_neighbour_and_a_reader(inside, member, records, cast):
    with inside():
        segment_id = segments.create(member(), "Ours", rule("name", "known")).id
    viewer = records(cast.viewer)
    assert "Ours" in viewer.get("/segments/").text
    assert viewer.post("/segments/", **typed()).status_code == 403
    with inside(), cast.neighbour_scope():
        assert Segment.by_id(segment_id) is None


def test_two_of_one_name(inside, member):
    with inside():
        segments.create(member(), "Café", rule("name", "known"))
        with pytest.raises(Conflict, match="Café"):
            segments.create(member(), "cafe", rule("name", "known"))
