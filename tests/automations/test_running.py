"""A rule meets what happens: what it does, and what keeps it from doing too much."""

import pytest

from app.automations import running, services
from app.contacts import tagging, tags
from app.conversations import services as conversations
from app.conversations import tagging as conversation_tags
from app.core import jobs
from app.core.outbox import OutboxJob
from app.extensions import db


@pytest.fixture
def tag(inside):
    """`tag("VIP")`: its id, as rules keep it."""

    def made(name):
        with inside():
            return str(tagging.find_or_make(name).id)

    return made


def test_a_rule_acts_in_its_order_and_logs_what_it_did(shop, tag):
    shop.rule(
        "started", ("tag", tag("New")), ("priority", "high"), ("reply", "Hello {{ contact.first_name | there }}!"),
        ("note", "Look at this."), ("assign", str(shop.cast.agent.id)),
        conditions=[("text", "contains", "deliver, ship"), ("channel", "is", "website")],
    )  # fmt: skip
    talk = shop.writes("Do you DELIVER?")
    assert shop.lines(talk) == [
        ("incoming", "visitor", "Do you DELIVER?"),
        ("event", "system", "tagged"),
        ("event", "system", "prioritised"),
        ("outgoing", "system", "Hello there!"),
        ("note", "system", "Look at this."),
        ("event", "system", "assigned"),
    ]
    [(event, outcome, steps)] = shop.runs()
    assert (event, outcome, [why for _, why in steps]) == ("started", "done", [""] * 5)
    assert steps[0][0] == "add the tag “New”"


def test_nothing_is_asked_where_no_rule_wants_it(shop, tag):
    rule = shop.rule("resolved", ("tag", tag("Done")))
    other = shop.rule("message", ("tag", tag("Asked")), is_enabled=False)
    talk = shop.writes("Hello", works=False)
    with shop.inside():
        asked = db.session.query(OutboxJob).filter_by(business_id=shop.cast.business_id)
        assert asked.filter_by(name="automations.consider").count() == 0
    shop.change(other, lambda row: services.switch(row, shop.owner(), is_enabled=True))
    shop.change(rule, lambda row: services.delete(row, shop.owner()))
    shop.writes("Hello again")
    assert [event for event, *_ in shop.runs()] == ["message"]
    assert talk


def test_conditions_choose(shop, tag):
    vip = tag("VIP")
    shop.rule("message", ("priority", "low"), conditions=[("text", "exactly", "stop")])
    shop.rule(
        "message", ("priority", "urgent"), matching="any",
        conditions=[("text", "starts", "good morning"), ("tag", "has", vip)],
    )  # fmt: skip
    talk = shop.writes("Good morning everybody")
    with shop.inside():
        assert shop.conversation(talk).priority == 3
    assert len(shop.runs()) == 1


def test_the_first_may_keep_later_rules_from_looking(shop):
    shop.rule("message", ("priority", "low"), stops=True)
    shop.rule("message", ("priority", "urgent"))
    talk = shop.writes("Hello")
    with shop.inside():
        assert shop.conversation(talk).priority == 1


def test_what_a_rule_does_begins_no_rule(shop, tag):
    looped = tag("Looped")
    shop.rule("message", ("tag", looped), ("resolve", ""))
    shop.rule("tagged", ("note", "again"))
    shop.rule("resolved", ("note", "again"))
    talk = shop.writes("Hello")
    assert ("note", "system", "again") not in shop.lines(talk)
    with shop.inside():
        conversation_tags.add(shop.conversation(talk), shop.owner(), "by hand")
    shop.run_jobs()
    assert shop.lines(talk)[-1] == ("note", "system", "again")


def test_each_event_once_for_a_version_of_the_rule(shop):
    rule = shop.rule("message", ("note", "Seen."))
    talk = shop.writes("Hello")
    with shop.inside():
        message_id = shop.conversation(talk).messages_after()[0].id
    with shop.inside():
        running.consider(talk, message_id)
    assert len(shop.runs()) == 1
    said = services.Said("Other", "message", actions=[{"what": "note", "value": "Changed."}])
    shop.change(rule, lambda row: services.change(row, said, shop.owner()))
    with shop.inside():
        running.consider(talk, message_id)
    assert [body for kind, _, body in shop.lines(talk) if kind == "note"] == ["Seen.", "Changed."]


def test_a_job_that_is_cut_off_has_done_nothing_and_does_it_once(shop, app, monkeypatch):
    shop.rule("message", ("note", "Once."))
    talk = shop.writes("Hello", works=False)
    kept = jobs._mark_done

    def killed(_claimed):
        monkeypatch.setattr(jobs, "_mark_done", kept)
        raise RuntimeError("killed")

    monkeypatch.setattr(jobs, "_mark_done", killed)
    shop.run_jobs()
    assert len(shop.lines(talk)) == 1
    with shop.inside():
        db.session.query(OutboxJob).filter_by(business_id=shop.cast.business_id).filter(
            OutboxJob.error.is_not(None)
        ).update({"available_at": jobs.now()})
    shop.run_jobs()
    assert [line[2] for line in shop.lines(talk)] == ["Hello", "Once."]


def test_too_much_in_an_hour_is_a_loop(shop, monkeypatch):
    monkeypatch.setattr(running, "MOST_AN_HOUR", 1)
    shop.rule("message", ("note", "One"))
    shop.rule("message", ("note", "Two"))
    talk = shop.writes("Hello")
    assert [line[2] for line in shop.lines(talk)] == ["Hello", "One"]
    assert [outcome for _, outcome, _ in shop.runs()] == ["done", "limited"]


def test_a_rule_that_speaks_of_what_is_gone_is_skipped_and_says_so(shop, tag):
    gone = tag("Gone")
    shop.rule("message", ("tag", gone), ("note", "never"))
    with shop.inside():
        tags.remove(tags.by_id(int(gone)))
    talk = shop.writes("Hello")
    assert len(shop.lines(talk)) == 1
    [(_, outcome, [(_, why_not)])] = shop.runs()
    assert (outcome, "doesn’t exist any more" in why_not) == ("broken", True)


def test_what_one_action_can_t_the_others_do(shop):
    shop.rule("resolved", ("snooze", "tomorrow"), ("note", "Closed."))
    talk = shop.writes("Hello")
    with shop.inside():
        conversations.resolve(shop.conversation(talk), shop.owner())
    shop.run_jobs()
    [(_, outcome, [(_, why_not), (_, done)])] = shop.runs()
    assert (outcome, "is resolved" in why_not, done) == ("partly", True, "")


def test_a_blocked_person_meets_no_rule(shop):
    shop.rule("message", ("reply", "Hello"))
    talk = shop.writes("Hello", works=False)
    with shop.inside():
        shop.conversation(talk).visitor.blocked_at = jobs.now()
    shop.run_jobs()
    assert (shop.runs(), len(shop.lines(talk))) == ([], 1)


def test_a_rule_calls_a_person(shop):
    shop.rule("message", ("hand_off", ""))
    talk = shop.writes("Hello")
    with shop.inside():
        assert shop.conversation(talk).state == "waiting"
    assert [(outcome, steps) for _, outcome, steps in shop.runs()] == [
        ("done", [("call a person", "")])
    ]
