"""What the provider says moves a delivery forward, in whatever order it is told."""

import random
from datetime import timedelta

import pytest

from app.channels import deliveries
from app.channels.border import Address, NotYetKnown, Person
from app.core.db import now
from tests.channels.outbound.conftest import refused

ORDER = ("sent", "delivered", "read", "played")
PERSON = Person((Address("phone", "+447700900123"),))


@pytest.mark.parametrize("seed", range(6))
def test_shuffled_and_doubled_the_furthest_counts(line, seed):
    line.queue("one")
    line.run()
    told = [*ORDER, *ORDER]
    random.Random(seed).shuffle(told)
    began = now()
    for status in told:
        at = began + timedelta(seconds=ORDER.index(status))
        line.status(status, token=line.row().token, occurred_at=at)
    row = line.row()
    assert row.status == "played"
    times = [row.sent_at, row.delivered_at, row.read_at, row.played_at]
    assert times == sorted(times)
    assert row.read_at == began + timedelta(seconds=2)


def test_before_the_request_has_returned_it_is_known_by_its_token(line):
    def told_first(outgoing):
        line.status("delivered", token=outgoing.token, provider_id="wamid.9")
        return line.provider.take(outgoing)

    line.queue("one")
    line.provider.then(told_first)
    line.run()
    row = line.row()
    assert (row.status, row.provider_id) == ("delivered", "wamid.9")


def test_it_failed_before_the_request_has_returned(line):
    def told_first(outgoing):
        line.status("failed", token=outgoing.token, failure=refused("permanent", "131026"))
        return line.provider.take(outgoing)

    line.queue("one")
    line.provider.then(told_first)
    line.run()
    assert (line.row().status, line.row().error_code) == ("failed", "131026")
    assert line.row().provider_id


def test_taken_though_the_provider_said_busy_it_is_not_sent_again(line):
    """It answered 500 and had it: the callback comes while we wait for the next try."""
    line.queue("one", "two")
    line.provider.then(refused("retry", "131000"))
    line.run()
    line.status("sent", token=line.row(0).token)
    line.run()
    assert line.provider.texts == ["two"]
    assert line.statuses == ["sent", "sent"]


@pytest.mark.parametrize("status", ["sent", "delivered", "read"])
def test_a_timeout_is_resolved_by_the_callback(line, run_jobs, status):
    line.queue("one", "two")
    line.provider.then(refused("unknown"))
    run_jobs()
    assert line.statuses == ["unknown", "queued"]
    line.status(status, token=line.row(0).token, provider_id="wamid.1")
    run_jobs()
    assert line.statuses == [status, "sent"]
    assert line.row(0).error is None


def test_failed_is_an_end(line):
    line.queue("one")
    line.run()
    token = line.row().token
    line.status("failed", token=token, failure=refused("template", "131047", next_step="Send one."))
    for status in ORDER:
        line.status(status, token=token)
    row = line.row()
    assert (row.status, row.error, row.next_step) == (
        "failed",
        "The provider said no.",
        "Send one.",
    )


def test_what_has_arrived_has_not_failed(line):
    line.queue("one")
    line.run()
    line.status("delivered", token=line.row().token)
    line.status("failed", token=line.row().token, failure=refused("permanent"))
    assert line.statuses == ["delivered"]


def test_a_failure_without_words_says_so_in_ours(line):
    line.queue("one")
    line.run()
    line.status("failed", provider_id=line.row().provider_id)
    assert "doesn’t say why" in line.row().error


def test_a_failure_of_the_token_breaks_the_channel(line):
    line.queue("one")
    line.run()
    line.status("failed", token=line.row().token, failure=refused("reconnect", "190"))
    with line.inside():
        assert line.channel().state == "broken"
    assert line.statuses == ["failed"]


def test_one_of_nothing_we_know_is_waited_for_and_then_let_go(line):
    with pytest.raises(NotYetKnown):
        line.status("sent", provider_id="wamid.unknown")
    line.status("sent", provider_id="wamid.unknown", occurred_at=now() - timedelta(seconds=61))
    line.status("sent", token="no token", occurred_at=now() - timedelta(seconds=61))
    assert line.rows() == []


def test_another_channel_s_is_not_touched(line, app, cast, inside, provider):
    from tests.channels.outbound.conftest import make_line

    line.queue("one")
    line.run()
    other = make_line(app, cast, inside, provider)
    row = line.row()
    long_ago = now() - timedelta(minutes=5)
    other.status("read", token=row.token, provider_id=row.provider_id, occurred_at=long_ago)
    assert line.statuses == ["sent"]


def test_everything_up_to_a_moment(line):
    """Messenger tells no single ids."""
    line.queue("one", "two")
    line.run()
    upto = now()
    line.queue("three")
    line.run()
    line.status("read", upto=upto, person=PERSON)
    assert line.statuses == ["read", "read", "sent"]
    line.status("delivered", upto=now(), person=PERSON)
    assert line.statuses == ["read", "read", "delivered"]
    line.status("read", upto=now(), person=Person((Address("phone", "+447700900999"),)))
    assert line.statuses == ["read", "read", "delivered"]


def test_what_it_costs_is_kept_when_it_is_told(line):
    line.queue("one")
    line.run()
    line.status("sent", token=line.row().token, pricing={"category": "service"})
    line.status("delivered", token=line.row().token)
    assert line.row().pricing == {"category": "service"}


def test_replies_delivered_this_month_are_counted(line):
    line.queue("one", "two", "three", "four")
    line.queue("a template", category="utility")
    line.run()
    rows = line.rows()
    for row in (*rows[:2], rows[4]):
        line.status("delivered", token=row.token)
    line.status("read", token=rows[2].token, occurred_at=now() - timedelta(days=40))
    with line.inside():
        assert deliveries.delivered_this_month(line.channel_id) == 2


# In words


@pytest.mark.parametrize(
    ("status", "label", "tone"),
    [("sent", "Sent", "neutral"), ("delivered", "Delivered", "neutral"), ("read", "Read", "blue")],
)
def test_how_far_it_got_in_words(line, status, label, tone):
    line.queue("one")
    line.run()
    line.status(status, token=line.row().token)
    shown = deliveries.shown_of(line.row())
    assert (shown.label, shown.tone, shown.words, shown.can_retry) == (label, tone, "", False)


def test_not_sure_in_words(line):
    line.queue("one")
    line.provider.then(refused("unknown"))
    line.run()
    shown = deliveries.shown_of(line.row())
    assert (shown.label, shown.can_retry, shown.needs_despite) == ("Not sure", True, True)
    assert "may have arrived" in shown.words
