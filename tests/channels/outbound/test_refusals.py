"""What changed between writing and sending: the window, consent, a block, the channel."""

from datetime import timedelta

import pytest

from app.channels import consents, deliveries, sending, trouble
from app.channels.content import Template
from app.channels.models import Delivery, VisitorAddress
from app.conversations.models import Conversation
from app.core.db import now
from app.core.jobs import OutboxJob
from app.extensions import db
from tests.channels.outbound.conftest import Line, refused

TEMPLATE = Template(
    template_id=1, name="news", language="en", category="MARKETING", components=[], body="News!"
)


def test_the_window_closed_before_it_was_sent(line):
    line.queue("late")
    line.set(window_until=now() - timedelta(seconds=1))
    line.run()
    row = line.row()
    assert (row.status, row.trouble, line.provider.asked) == ("dropped", "template", 0)
    assert "24 hours" in row.error
    assert "template" in row.next_step


def test_who_never_wrote_has_no_window(line):
    line.set(window_until=None)
    line.queue("hello")
    line.run()
    assert line.statuses == ["dropped"]


def test_a_template_needs_no_window(line):
    line.set(window_until=None)
    line.queue("", content=TEMPLATE.model_copy(update={"category": "UTILITY"}))
    line.run()
    assert line.statuses == ["sent"]
    assert line.row().category == "utility"


@pytest.mark.parametrize(
    ("purpose", "content", "status"),
    [("all", None, "dropped"), ("marketing", None, "sent"), ("marketing", TEMPLATE, "dropped")],
)
def test_consent_was_withdrawn_meanwhile(line, purpose, content, status):
    said(line, "marketing", "in")
    line.queue("hello", content=content)
    said(line, purpose, "out")
    line.run()
    assert line.statuses == [status]
    assert (line.row().trouble == "opted_out") == (status == "dropped")


def said(line: Line, purpose: str, state: str) -> None:
    with line.inside():
        consents.record(
            "scripted",
            ["phone:+447700900123"],
            purpose=purpose,
            state=state,
            basis="member",
            evidence={},
        )


def test_who_was_blocked_gets_nothing(line):
    line.queue("one")
    line.set(blocked_at=now())
    line.run()
    assert (line.statuses, line.row().trouble) == (["dropped"], "blocked")


def test_without_an_address_it_is_not_sent(line):
    with line.inside():
        for each in VisitorAddress.of_visitor(line.visitor_id):
            db.session.delete(each)
    line.queue("one")
    line.run()
    assert line.statuses == ["dropped"]


def test_a_disconnected_channel_sends_nothing(line):
    line.queue("one")
    with line.inside():
        line.channel().state = "off"
    line.run()
    assert (line.statuses, line.row().trouble) == (["dropped"], "off")


# A broken channel


def test_a_refused_token_breaks_the_channel_and_the_queue_is_kept(line):
    line.queue("one", "two")
    line.provider.then(refused("reconnect", "190", next_step="Connect it again."))
    line.run()
    with line.inside():
        channel = line.channel()
        assert (channel.state, channel.trouble) == (
            "broken", "The provider said no.\nConnect it again.",
        )  # fmt: skip
    line.run()
    assert (line.statuses, line.provider.asked) == (["queued", "queued"], 1)
    assert "until Our number works again" in deliveries.shown_of(line.row(0)).words


def test_reconnected_it_sends_what_waited_in_order(line, run_jobs):
    line.queue("one", "two")
    line.provider.then(refused("reconnect", "190"))
    run_jobs()
    assert line.statuses == ["queued", "queued"]
    with line.inside():
        channel = line.channel()
        channel.credentials = {"access_token": "new"}
        trouble.mend(channel)
    run_jobs()
    assert line.provider.texts == ["one", "two"]


def test_a_token_that_was_just_replaced_breaks_nothing(line):
    """The request went out with the old one."""

    def replaced(_outgoing):
        with line.inside():
            line.channel().credentials = {"access_token": "new"}
        raise refused("reconnect", "190")

    line.queue("one")
    line.provider.then(replaced)
    line.run()
    with line.inside():
        assert line.channel().state == "active"
    line.pass_time(minutes=1)
    line.run()
    assert line.provider.texts == ["one"]


def test_what_a_window_outlived_in_a_broken_channel_says_so(line):
    line.queue("one")
    with line.inside():
        trouble.break_channel(line.channel(), "The token ended.")
    line.set(window_until=now() - timedelta(hours=1))
    line.run()
    assert line.statuses == ["queued"]
    with line.inside():
        trouble.mend(line.channel())
    line.run()
    assert (line.statuses, line.row().trouble) == (["dropped"], "template")


# Opted out at the provider


def test_who_opted_out_at_the_provider_is_noted(line):
    line.queue("one")
    line.provider.then(refused("opted_out", "131050"))
    line.run()
    with line.inside():
        found = consents.current(
            "scripted", VisitorAddress.of_visitor(line.visitor_id), "marketing"
        )
        assert (found.state, found.basis, found.evidence["code"]) == ("out", "error", "131050")


# What members see of it


def test_it_is_unread_in_the_inbox_until_somebody_has_seen_it(line, run_jobs):
    message_id = line.say("An answer.")
    line.provider.then(refused("permanent", "131026"))
    run_jobs()
    with line.inside():
        conversation = db.session.get_one(
            Conversation, (line.channel().business_id, line.conversation_id)
        )
        newest = conversation.newest_messages()[-1]
        assert (newest.kind, newest.body) == ("event", "undelivered")
        assert conversation.incoming_position == newest.position
        shown = deliveries.shown_of(Delivery.of_messages([message_id])[message_id])
    assert (shown.label, shown.tone, shown.can_retry) == ("Not delivered", "red", True)


def test_a_block_asks_for_nobody_s_attention(line, run_jobs):
    line.say("An answer.")
    line.set(blocked_at=now())
    run_jobs()
    with line.inside():
        assert db.session.query(OutboxJob).filter_by(
            business_id=line.channel().business_id, name="conversations.note_undelivered"
        ).all() == []  # fmt: skip
    assert line.statuses == ["dropped"]


def test_a_block_drops_what_waits(line):
    line.queue("one", "two")
    with line.inside():
        reason = deliveries.Reason("blocked", "You blocked this person.")
        assert deliveries.drop_open(line.visitor_id, reason) == 2
    line.run()
    assert (line.statuses, line.provider.asked) == (["dropped", "dropped"], 0)


def test_a_job_that_fails_for_good_says_so(line):
    line.queue("one")
    with line.inside():
        sending.give_up(line.visitor_id, "…")
    row = line.row()
    assert (row.status, row.next_step) == ("dropped", "Send it again.")
