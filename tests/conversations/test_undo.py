"""A reply waits some seconds before it goes: it can be taken back, and isn't lost with the tab."""

import re
from uuid import uuid4

import pytest

from app.conversations import services
from app.conversations.models import Draft
from tests.conversations.waiting import rows, time_passes, wait_seconds


@pytest.fixture
def held(talk):
    conversation = talk()
    wait_seconds(conversation, 5)
    return conversation


def sent(conversation):
    return [body for kind, body in conversation.lines() if kind == "outgoing"]


def undo(inbox, conversation, row, **typed):
    return inbox.post(f"/{conversation.id}/scheduled/{row.id}/undo", htmx=True, **typed)


def test_it_waits_and_then_goes_once(owner, held, run_jobs):
    fragment = owner.write(held, "Yes, on Saturdays", htmx=True, after="1", key="k").text
    assert 'data-held="k"' in fragment
    assert ">Undo<" in fragment
    run_jobs()
    assert sent(held) == []
    time_passes(held, seconds=5)
    run_jobs()
    assert sent(held) == ["Yes, on Saturdays"]
    assert rows(held) == []
    assert held.look(lambda row: row.has_scheduled) is False
    time_passes(held, seconds=5)
    run_jobs()
    owner.write(held, "Yes, on Saturdays", key="k")  # the answer was lost, and it is asked again
    run_jobs()
    assert sent(held) == ["Yes, on Saturdays"]


def test_two_in_quick_succession_keep_their_order_even_when_the_second_needn_t_wait(
    owner, held, run_jobs
):
    owner.write(held, "First")
    wait_seconds(held, 0)
    owner.write(held, "Second")
    assert sent(held) == []
    time_passes(held, seconds=5)
    run_jobs()
    assert sent(held) == ["First", "Second"]


def test_taken_back_it_stands_in_the_composer_before_what_was_typed_since(owner, cast, held):
    owner.write(held, "Yes, on Satturdays", key="k")
    [row] = rows(held)
    fragment = undo(owner, held, row, kind="reply", body="And also").text
    assert re.search(r"<textarea[^>]+>\nYes, on Satturdays\nAnd also</textarea>", fragment)
    assert "data-held" not in fragment
    assert rows(held) == []
    owner.write(held, "Yes, on Satturdays", key="k")  # the same request, late: it was undone
    assert (sent(held), rows(held)) == ([], [])
    assert "Satturdays" in owner.get(f"/{held.id}").text  # also after a reload


def test_a_note_that_was_being_typed_is_kept_apart(owner, cast, held):
    owner.write(held, "Yes")
    [row] = rows(held)
    assert "Yes</textarea>" in undo(owner, held, row, kind="note", body="Ask Ana").text
    drafts = held.look(
        lambda row: {each.kind: each.body for each in Draft.of(row.id, cast.owner.id).values()}
    )
    assert drafts == {"reply": "Yes", "note": "Ask Ana"}


def test_too_late_is_said(owner, held, run_jobs):
    owner.write(held, "Yes")
    [row] = rows(held)
    time_passes(held, seconds=5)
    run_jobs()
    refused = undo(owner, held, row, kind="reply", body="")
    assert refused.status_code == 409
    assert "It has gone out already" in refused.text
    assert sent(held) == ["Yes"]


def test_nobody_else_takes_it_back_or_sees_it(owner, inbox, cast, held):
    owner.write(held, "Yes")
    [row] = rows(held)
    agent = inbox(cast.agent)
    assert "data-held" not in agent.get(f"/{held.id}").text
    for act in ("undo", "sending", "deletion"):
        assert agent.post(f"/{held.id}/scheduled/{row.id}/{act}").status_code == 409
    assert inbox(cast.viewer).post(f"/{held.id}/scheduled/{row.id}/undo").status_code == 403
    assert len(rows(held)) == 1


def test_whoever_loses_the_role_meanwhile_sends_nothing(owner, inbox, cast, held, run_jobs):
    from app.businesses.models import Membership
    from app.extensions import db

    inbox(cast.agent).write(held, "Yes")
    with held.work():
        membership = Membership.of(cast.agent.id, cast.slug)
        membership.role = "viewer"
        db.session.flush()
    time_passes(held, seconds=5)
    run_jobs()
    assert sent(held) == []
    assert [(each.state, "may no longer answer" in each.error) for each in rows(held)] == [
        ("failed", True)
    ]


def test_one_chooses_how_long_for_oneself(owner, inbox, cast, held):
    base = f"/b/{cast.slug}/settings/replies"
    assert owner.client.post(f"{base}/undo-seconds", data={"undo_seconds": 7}).status_code == 400
    assert owner.client.post(f"{base}/undo-seconds", data={"undo_seconds": 0}).status_code == 303
    owner.write(held, "At once")
    assert sent(held) == ["At once"]
    inbox(cast.agent).write(held, "Later")
    assert sent(held) == ["At once"]


def test_a_note_goes_at_once(owner, held):
    owner.write(held, "Club member", kind="note")
    assert held.lines()[-1] == ("note", "Club member")


def test_somebody_who_answered_meanwhile_is_looked_at_first(owner, inbox, cast, talk):
    conversation = talk()
    key = str(uuid4())
    inbox(cast.agent).write(conversation, "I have it")
    refused = owner.write(conversation, "Me too", htmx=True, seen=1, key=key)
    assert refused.status_code == 409
    assert "Agent replied just now: look first." in refused.text
    assert "data-overtaken" in refused.text
    assert sent(conversation) == ["I have it"]
    whole = owner.write(conversation, "Me too", seen=1)
    assert (whole.status_code, "Me too</textarea>" in whole.text) == (409, True)
    owner.write(conversation, "Me too", seen=1, despite="1", key=key)
    owner.write(conversation, "And I", seen=conversation.look(lambda row: row.position))
    assert sent(conversation) == ["I have it", "Me too", "And I"]


def test_the_customer_and_oneself_overtake_nobody(owner, cast, talk):
    conversation = talk()
    owner.write(conversation, "One", seen=1)
    conversation.visitor_says("Hello?")
    assert owner.write(conversation, "Two", seen=1).status_code == 303
    conversation.do(services.give_back, cast.owner)
    assert owner.write(conversation, "Three", seen=1).status_code == 303
